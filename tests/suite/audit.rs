//! `scripts/audit` never reports success for advisories that it could not check. A program that takes cargo's place
//! records what it is asked, and can fetch nothing.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

/// Runs `scripts/audit` where `cargo deny fetch` has this exit code; also returns the commands that it ran.
fn audit(arguments: &[&str], fetch: u8) -> (Output, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/audit");
    let text = fs::read_to_string(&script).unwrap();
    let (_, version) = text.split_once("\nversion=").unwrap();
    let version = version.split(' ').next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (cargo, log) = (folder.path().join("cargo"), folder.path().join("log"));
    let stub = format!(
        "#!/bin/sh\necho \"$*\" >> {log}\ncase \"$*\" in\n'deny --version') echo cargo-deny {version} ;;\n\
         'deny fetch db') exit {fetch} ;;\nesac\n",
        log = log.display()
    );
    fs::write(&cargo, stub).unwrap();
    fs::set_permissions(&cargo, Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let output = Command::new(script).args(arguments).env("PATH", path).output().unwrap();
    (output, fs::read_to_string(log).unwrap_or_default())
}

#[test]
fn an_audit_fails_if_the_advisories_cannot_be_fetched() {
    let (output, commands) = audit(&[], 1);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("advisories were NOT checked") && said.contains("--offline"), "{said}");
    assert!(!commands.contains("check --disable-fetch advisories"), "{commands}");
}

#[test]
fn an_audit_checks_the_advisories_that_it_has_fetched() {
    let (output, commands) = audit(&[], 0);
    assert!(output.status.success());
    assert!(commands.contains("deny check licenses bans sources\n"), "{commands}");
    assert!(
        commands.ends_with("deny fetch db\ndeny check --disable-fetch advisories\n"),
        "{commands}"
    );
}

#[test]
fn an_audit_leaves_the_advisories_out_only_if_it_is_told_to_and_says_so() {
    let (output, commands) = audit(&["--offline"], 1);
    assert!(output.status.success());
    assert!(
        String::from_utf8(output.stderr).unwrap().starts_with("LEFT OUT the security advisories")
    );
    assert!(!commands.contains("fetch") && !commands.contains("advisories"), "{commands}");
    assert_eq!(audit(&["--off"], 0).0.status.code(), Some(2));
}
