//! `rentomatic version`

use std::collections::BTreeMap;

use crate::support::{rentomatic, stdout};

/// The version of a crate in Cargo.lock.
fn locked(name: &str) -> &'static str {
    let lock = include_str!("../../../Cargo.lock");
    let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \"")).unwrap();
    rest.split('"').next().unwrap()
}

#[test]
fn the_version_is_printed_even_if_the_settings_are_invalid() {
    let version = stdout(rentomatic(&["version"]).env("RENTOMATIC_SERVER__BIND", "nowhere"));
    assert_eq!(version, stdout(&mut rentomatic(&["--version"])));
    assert_eq!(version, format!("rentomatic {}\n", locked("rentomatic")));
}

#[test]
fn the_verbose_version_has_a_line_for_each_built_in_library_and_each_main_crate() {
    let said = stdout(&mut rentomatic(&["version", "--verbose"]));
    let versions: BTreeMap<_, _> = said.lines().map(|line| line.split_once(' ').unwrap()).collect();
    assert_eq!(said.lines().count(), 7, "{said}");
    for name in ["rentomatic", "actix-web", "actix-http", "diesel"] {
        assert_eq!(versions[name], locked(name), "{said}");
    }
    // The libraries' own versions, which advisories name, and not those of the crates around them.
    assert_eq!(locked("openssl-src").split_once('+').unwrap().1, versions["OpenSSL"]);
    assert_eq!(locked("pq-src").split_once("+libpq-").unwrap().1, versions["libpq"]);
    assert!(versions["SQLite"].starts_with("3."), "{said}");
}
