//! `rentomatic rooms`

use std::process::{Command, Stdio};

use super::over;
use crate::support::server::Server;
use crate::support::storage::Storage;
use crate::support::{RENTOMATIC, failure, stdout};

#[test]
fn the_terminal_lists_what_the_web_lists() {
    for storage in Storage::all() {
        let server = Server::with_sample_rooms(&storage);
        let list = |words: &[&str]| {
            let mut all = vec!["rooms", "list", "--format", "json"];
            all.extend(words);
            stdout(&mut over(&storage.url(), &all))
        };
        assert_eq!(list(&[]).trim_end(), server.get("/rooms").body);
        assert_eq!(
            list(&["--filter", "price__lt=66", "--filter", "size__gt=56"]).trim_end(),
            server.get("/rooms?filter_price__lt=66&filter_size__gt=56").body
        );
        let code = "913694c6-435a-4366-ba0d-da5334a611b2";
        assert_eq!(
            stdout(&mut over(&storage.url(), &["rooms", "show", code, "--format", "json"]))
                .trim_end(),
            server.get(&format!("/rooms/{code}")).body
        );
    }
}

#[test]
fn people_get_a_table() {
    let table = stdout(&mut over("memory:", &["rooms", "list"]));
    let row = table.lines().find(|line| line.contains("f853578c")).unwrap();
    let cells: Vec<_> = row.split_whitespace().collect();
    assert_eq!(
        cells,
        ["f853578c-fc0f-4e65-81b8-566c5dffa35a", "215", "39", "51.75436293", "-0.09998975"]
    );
    assert!(table.contains("size (m²)") && table.contains("price (€/day)"));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let mut child = Command::new(RENTOMATIC)
        .args(["--database-url", "memory:", "rooms", "list"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn a_bad_filter_is_refused_before_the_database_is_asked() {
    let words = ["rooms", "list", "--filter", "price__lt=cheap"];
    let said = failure(&mut over("postgres://127.0.0.1:1/rooms", &words), 1);
    assert!(said.contains("Value \"cheap\" of price__lt cannot be used"), "{said}");
}
