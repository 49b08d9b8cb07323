//! The commands, as processes: results, messages and exit codes.

mod backup;
mod config;
mod doctor;
mod healthcheck;
mod init_db;
mod migrate;
mod rooms;
mod serve;
mod token;
mod version;

use std::process::{Command, Output, Stdio};

use crate::support::server::Server;
use crate::support::{failure, rentomatic, stdout};

/// `rentomatic --database-url URL WORDS…`
pub fn over(url: &str, words: &[&str]) -> Command {
    let mut arguments = vec!["--database-url", url];
    arguments.extend(words);
    rentomatic(&arguments)
}

/// Starts `number` of the same process at once; what each ended with.
pub fn at_once(number: usize, command: impl Fn() -> Command) -> Vec<Output> {
    let start = || command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let processes: Vec<_> = (0..number).map(|_| start()).collect();
    processes.into_iter().map(|process| process.wait_with_output().unwrap()).collect()
}

#[test]
fn wrong_usage_is_a_2() {
    for words in [
        vec![],
        vec!["sing"],
        vec!["serve", "--loud"],
        vec!["serve", "--bind", "here"],
        vec!["migrate", "sideways"],
        vec!["rooms"],
        vec!["rooms", "show", "nonsense"],
        vec!["rooms", "list", "--filter", "price"],
        vec!["completions", "latin"],
        vec!["rooms", "list", "--format", "xml"],
    ] {
        let said = failure(&mut rentomatic(&words), 2);
        assert!(said.contains("Usage: rentomatic") || said.contains("--help"), "{words:?}: {said}");
    }
}

#[test]
fn an_argument_that_is_no_text_is_wrong_usage() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    for words in [vec![], vec![OsStr::new("rooms"), OsStr::new("show")]] {
        failure(rentomatic(&[]).args(words).arg(OsStr::from_bytes(b"\xff")), 2);
    }
}

#[test]
fn help_and_version_are_results() {
    for words in [["--help"], ["--version"], ["help"]] {
        assert!(stdout(&mut rentomatic(&words)).contains("rentomatic"));
    }
}

#[test]
fn no_message_repeats_a_password() {
    let url = "postgres://rentomatic:S3cret@127.0.0.1:1/rooms";
    let mut said = String::new();
    for words in [vec!["init-db"], vec!["migrate"], vec!["rooms", "list"]] {
        said += &failure(&mut over(url, &words), 1);
    }
    said += &Server::start(url, &[], &[]).log_with("not ready: cannot connect");
    for url in ["mysql://root:S3cret@db/rooms", "postgres://rentomatic:a/S3cret@db/rooms"] {
        said += &failure(&mut over(url, &["serve"]), 1);
        said += &failure(&mut rentomatic(&["serve", url]), 2);
    }
    said += &stdout(&mut over(url, &["config"]));
    said += &failure(&mut over("postgres://x:S3cret@[::1]x/db", &["migrate"]), 1);
    let healthcheck = ["healthcheck", "--url", "http://x:S3cret@127.0.0.1:1"];
    said += &failure(&mut rentomatic(&healthcheck), 1);
    said += &failure(&mut rentomatic(&["rooms", "show", "postgres:x:S3cret@db/x"]), 2);
    said += &stdout(rentomatic(&["--help"]).env("DATABASE_URL", url));
    said += &stdout(over("mysql://root:S3cret@db/rooms", &["config"]).env("DATABASE_URL", url));
    assert!(said.contains("postgres://rentomatic:***@127.0.0.1:1/rooms"), "{said}");
    assert!(!said.contains("S3cret"), "{said}");
}

#[test]
fn a_failure_is_one_line_that_says_how_to_mend_it() {
    for (url, words, part) in [
        ("mysql://db/rooms", vec!["serve"], "sqlite:PATH, postgres://USER@HOST"),
        ("sqlite:/nowhere/rooms.db", vec!["serve"], "Check that its folder exists"),
        ("sqlite:/nowhere/rooms.db", vec!["init-db"], "Check that its folder exists"),
        (
            "sqlite:/nowhere/rooms.db",
            vec!["migrate", "status"],
            "run `rentomatic migrate` to create it",
        ),
        (
            "sqlite:/nowhere/rooms.db",
            vec!["rooms", "list"],
            "run `rentomatic migrate` to create it",
        ),
        ("postgres://127.0.0.1:1/rooms", vec!["rooms", "list"], "run `rentomatic init-db`"),
        ("postgres://127.0.0.1:1/r?pgbouncer=true", vec!["serve"], "pgbouncer is not a parameter"),
        (
            "postgres://127.0.0.1:1/r?sslmode=no-verify",
            vec!["rooms", "list"],
            "write require instead",
        ),
        ("postgres://127.0.0.1:1/r?schema=public", vec!["doctor"], "search_path"),
        ("postgres://127.0.0.1:1/r?sslnegotiation=direct", vec!["serve"], "weak sslmode"),
        ("postgres://a:1,b:2,c/r?hostaddr=127.0.0.1", vec!["serve"], "could not match"),
        ("postgres:///r?service=nowhere", vec!["serve"], "service"),
        ("sqlite:/etc/hostname", vec!["migrate"], "Check that it is an SQLite database"),
        ("postgres://127.0.0.1:1/rooms", vec!["migrate"], "run `rentomatic init-db`"),
        ("postgres://127.0.0.1:1/rooms", vec!["init-db"], "Check that it is running"),
        ("memory:", vec!["rooms", "show", "00000000-0000-0000-0000-000000000000"], "no room"),
        ("memory:", vec!["rooms", "list", "--filter", "foo=1"], "Key foo cannot be used"),
    ] {
        let said = failure(&mut over(url, &words), 1);
        assert!(said.starts_with("rentomatic: "), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains(part), "{part} is not in {said}");
    }
}

#[test]
fn each_shell_has_its_completions() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = stdout(&mut rentomatic(&["completions", shell]));
        for word in ["init-db", "healthcheck", "sample-data"] {
            assert!(script.contains(word), "{shell} lacks {word}");
        }
    }
}
