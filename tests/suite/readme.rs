//! The README's commands for users of the API do what it says.

use std::process::Command;

use crate::support::component::program;
use crate::support::server::Server;
use crate::support::storage::Storage;

/// The blocks of shell lines between two headings that have this word in them.
fn blocks(from: &str, to: &str, word: &str) -> Vec<String> {
    let readme = include_str!("../../README.md");
    let (_, rest) = readme.split_once(from).unwrap();
    let (section, _) = rest.split_once(to).unwrap();
    let mut blocks = vec![String::new()];
    for line in section.lines() {
        let block = blocks.last_mut().unwrap();
        match line.strip_prefix("    ") {
            Some(line) => block.extend([line, "\n"]),
            None if block.is_empty() => {}
            None => blocks.push(String::new()),
        }
    }
    blocks.retain(|block| block.contains(word) && !block.starts_with('$'));
    blocks
}

#[test]
fn every_command_of_the_readme_for_users_of_the_api_answers() {
    if program("curl", &["curl"]).is_none() {
        return;
    }
    for storage in Storage::all() {
        let server = Server::with_sample_rooms(&storage);
        let folder = tempfile::tempdir().unwrap();
        let mut said = String::new();
        let blocks = blocks("\n## Ask for rooms", "\n## On the terminal", "curl");
        assert_eq!(blocks.len(), 5);
        for block in &blocks {
            let script =
                block.replace("localhost:8080", server.address()).replace("curl ", "curl -f ");
            let mut shell = Command::new("sh");
            said +=
                &crate::support::stdout(shell.args(["-eu", "-c", &script]).current_dir(&folder));
        }
        // One room, five lists; what goes into files is not here; and at last that nothing is new.
        assert_eq!(said.matches("f853578c-fc0f-4e65-81b8-566c5dffa35a").count(), 6, "{said}");
        assert!(said.ends_with("304\n"), "{said}");
        let file = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(file("rooms.csv").lines().count(), 5);
        assert!(file("rooms.geojson").starts_with("{\"type\":\"FeatureCollection\""));
    }
}
