//! `rentomatic init-db`

use super::{at_once, over};
use crate::support::postgres::cluster;
use crate::support::{failure, rentomatic, stdout};

#[test]
fn a_database_is_made_once_and_then_found() {
    let Some(cluster) = cluster() else { return };
    let url = cluster.new_url();
    assert_eq!(stdout(&mut over(&url, &["init-db"])), format!("{url}: created\n"));
    assert_eq!(stdout(&mut over(&url, &["init-db"])), format!("{url}: exists already\n"));
}

#[test]
fn a_file_is_made_once_and_then_found() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/my rooms?%23#.db", folder.path().display());
    assert_eq!(stdout(&mut over(&url, &["init-db"])), format!("{url}: created\n"));
    assert_eq!(stdout(&mut over(&url, &["init-db"])), format!("{url}: exists already\n"));
    stdout(&mut over(&url, &["migrate"]));
    assert!(folder.path().join("my rooms?%23#.db").metadata().unwrap().len() > 0);
}

#[test]
fn memory_needs_no_database() {
    assert_eq!(
        stdout(&mut rentomatic(&["--database-url", "memory:", "init-db"])),
        "memory:: exists already\n"
    );
}

#[test]
fn many_at_once_all_succeed_and_make_one() {
    let Some(cluster) = cluster() else { return };
    for _ in 0..3 {
        let url = cluster.new_url();
        let outputs = at_once(20, || over(&url, &["init-db"]));
        let made = outputs
            .iter()
            .inspect(|output| assert!(output.status.success(), "{output:?}"))
            .filter(|output| output.stdout.ends_with(b": created\n"))
            .count();
        assert_eq!(made, 1);
    }
}

#[test]
fn a_name_may_have_quotes_spaces_and_capitals() {
    let Some(cluster) = cluster() else { return };
    for (written, name) in [
        ("My%20Rooms", "My Rooms"),
        ("say%20%22rooms%22%3B%20drop", "say \"rooms\"; drop"),
        ("it%27s", "it's"),
        ("z%C3%BCrich", "zürich"),
        ("100%25", "100%"),
    ] {
        let url = cluster.url(written);
        assert!(stdout(&mut over(&url, &["init-db"])).ends_with(": created\n"), "{name}");
        assert!(stdout(&mut over(&url, &["init-db"])).ends_with(": exists already\n"), "{name}");
        stdout(&mut over(&url, &["migrate"]));
        assert_eq!(cluster.psql(&url, "SELECT current_database()").trim_end(), name);
    }
}

#[test]
fn a_name_that_cannot_be_is_refused() {
    let too_long = format!("postgres://127.0.0.1:1/{}", "ü".repeat(32));
    for (url, part) in [
        (too_long.as_str(), "64 bytes: PostgreSQL allows at most 63"),
        ("postgres://127.0.0.1:1/a%00b", "NUL"),
        ("postgres://127.0.0.1:1", "names no database"),
    ] {
        let said = failure(&mut over(url, &["init-db"]), 1);
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a_user_who_may_not_make_databases_is_told_so() {
    let Some(cluster) = cluster() else { return };
    cluster.psql(&cluster.url("postgres"), "CREATE ROLE guest LOGIN");
    let url = cluster.new_url().replace("rentomatic@", "guest@");
    let said = failure(&mut over(&url, &["init-db"]), 1);
    assert!(
        said.contains("permission denied") && said.contains("Check that this user may"),
        "{said}"
    );
}
