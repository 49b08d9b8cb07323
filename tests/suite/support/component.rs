//! Programs that the tests need and a machine may lack.

use std::collections::HashSet;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex};

/// The first of these programs that is on the path, or what to do without it.
pub fn program(component: &str, names: &[&str]) -> Option<PathBuf> {
    let found = std::env::var_os("PATH").and_then(|path| {
        let mut folders = std::env::split_paths(&path).collect::<Vec<_>>();
        folders.push("/usr/sbin".into());
        folders
            .iter()
            .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
            .find(|path| path.is_file())
    });
    if found.is_none() {
        left_out(component, &format!("there is no {} on the path", names.join(" or ")));
    }
    found
}

/// Says, once for each component, that its tests are left out; in CI, fails.
pub fn left_out(component: &str, reason: &str) {
    static SAID: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);
    assert!(
        std::env::var_os("CI").is_none(),
        "{component} is needed in CI, and {reason}; scripts/test installs it"
    );
    if SAID.lock().unwrap().insert(component.to_owned()) {
        // Not eprintln!, which a passing test swallows.
        let _ = writeln!(std::io::stderr(), "LEFT OUT: the tests with {component}: {reason}");
    }
}
