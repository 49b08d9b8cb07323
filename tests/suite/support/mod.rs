//! What the tests share: real servers, real databases, a client.

pub mod chromium;
pub mod client;
pub mod component;
pub mod load;
pub mod mongo;
pub mod owner;
pub mod postgres;
pub mod refusing;
pub mod server;
pub mod storage;

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::LazyLock;

/// The binary under test: the one that was built with the tests, or the one that `TEST_BINARY` names.
pub static RENTOMATIC: LazyLock<PathBuf> = LazyLock::new(|| {
    let built = || PathBuf::from(env!("CARGO_BIN_EXE_rentomatic"));
    std::env::var_os("TEST_BINARY").map_or_else(built, |named| std::path::absolute(named).unwrap())
});

/// The binary with no environment but a path, so that the developer's settings do not count.
pub fn rentomatic(arguments: &[&str]) -> Command {
    let mut command = Command::new(&*RENTOMATIC);
    command.args(arguments).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// Standard output of a command that must succeed.
pub fn stdout(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command that must fail with `code`; its standard error.
pub fn failure(command: &mut Command, code: i32) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert_eq!(output.status.code(), Some(code), "{command:?}: {}", said(&output));
    assert!(output.stdout.is_empty(), "{command:?}: {}", said(&output));
    String::from_utf8(output.stderr).unwrap()
}

fn said(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    format!("{}: {}{}", output.status, text(&output.stdout), text(&output.stderr))
}
