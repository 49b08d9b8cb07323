//! The README's commands for users of the API and of the terminal do what it says, and its tables are complete.

use std::collections::BTreeSet;
use std::process::Command;

use rentomatic::formats::FORMATS;

use crate::support::component::program;
use crate::support::server::Server;
use crate::support::storage::Storage;
use crate::support::{RENTOMATIC, rentomatic, stdout};

/// The blocks of shell lines between two headings that have this word in them.
fn blocks(from: &str, to: &str, word: &str) -> Vec<String> {
    let mut blocks = vec![String::new()];
    for line in section(from, to).lines() {
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
        let folder = tempfile::tempdir().unwrap();
        let token = folder.path().join("admin_token");
        let token = token.to_str().unwrap();
        std::fs::write(token, stdout(&mut rentomatic(&["token"]))).unwrap();
        let environment = [("RENTOMATIC_WRITES__ADMIN_TOKEN_FILE", token)];
        let server = Server::start(&storage.url(), &["--sample-data"], &environment);
        let blocks = blocks("\n## The API", "\n## On the terminal", "curl");
        assert_eq!(blocks.len(), 7);
        // In one shell, since later ones use what earlier ones set.
        let script = blocks.concat();
        let script =
            script.replace("localhost:8080", server.address()).replace("curl ", "curl -f ");
        let mut shell = Command::new("sh");
        let said = stdout(shell.args(["-eu", "-c", &script]).current_dir(&folder));
        // One room, five lists; what goes into files is not here; and at last that nothing is new.
        assert_eq!(said.matches("f853578c-fc0f-4e65-81b8-566c5dffa35a").count(), 6, "{said}");
        let (_, written) = said.split_once("304\n").unwrap();
        assert!(written.contains("\"price\":50") && written.contains("\"added\":2"), "{written}");
        assert!(written.ends_with(r#"{"added":0,"replaced":0,"skipped":6}"#), "{written}");
        let file = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(file("rooms.csv").lines().count(), 5);
        assert!(file("rooms.geojson").starts_with("{\"type\":\"FeatureCollection\""));
    }
}

#[test]
fn the_commands_of_the_readme_for_the_terminal_find_the_cheapest_rooms_nearby() {
    for storage in Storage::databases() {
        stdout(&mut rentomatic(&["--database-url", &storage.url(), "migrate"]));
        let folder = tempfile::tempdir().unwrap();
        let rows =
            (0..1_000).map(|row| format!("51.5,{},12,{}\n", f64::from(row) * -0.001, 1_000 - row));
        let file = "latitude,longitude,size,price\n".to_owned();
        let file = std::iter::once(file).chain(rows).collect::<String>();
        std::fs::write(folder.path().join("new.csv"), file).unwrap();
        let [script] = &blocks("\n## On the terminal", "\n## Configure", "rooms import")[..] else {
            panic!("one block")
        };
        let path = std::env::var("PATH").unwrap();
        let path = format!("{}:{path}", RENTOMATIC.parent().unwrap().display());
        let said = stdout(
            Command::new("sh")
                .args(["-eu", "-c", script])
                .current_dir(&folder)
                .envs([("PATH", path), ("DATABASE_URL", storage.url())]),
        );
        assert!(said.starts_with("1000 added") && said.contains("€"), "{said}");
        let cheapest = std::fs::read_to_string(folder.path().join("cheapest.csv")).unwrap();
        let prices = cheapest.lines().skip(1).map(|line| line.split(',').nth(2).unwrap());
        // The place is 0.82 km away to the south, so 1.82 km are left to the west: 0.0263 degrees.
        let prices = prices.collect::<Vec<_>>();
        assert_eq!(prices, ["846", "847", "848"], "{cheapest}");
    }
}

/// The part of the README between two headings.
fn section(from: &str, to: &str) -> &'static str {
    let (_, rest) = include_str!("../../README.md").split_once(from).unwrap();
    rest.split_once(to).unwrap().0
}

/// The subcommands of a command, for example `list` and `show` of `rooms`.
fn subcommands(of: &[&str]) -> BTreeSet<String> {
    let help = stdout(rentomatic(of).arg("--help"));
    let commands = help.split_once("\nCommands:\n").map_or("", |(_, rest)| rest);
    let names = commands.lines().take_while(|line| line.starts_with("  "));
    let names = names.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names.filter(|name| !name.is_empty() && *name != "help").map(str::to_owned).collect()
}

#[test]
fn the_readmes_table_of_commands_has_every_subcommand_and_no_other() {
    let section = section("\n## On the terminal", "\n## Configure");
    let rows =
        section.lines().filter_map(|line| line.strip_prefix("| `rentomatic ")).collect::<Vec<_>>();
    let rows = rows.iter().map(|row| row.split(" | ").next().unwrap_or(row)).collect::<Vec<_>>();
    // A row can have several commands.
    let rows = rows.join(" `rentomatic ");
    let is_separator = |c: char| !(c.is_ascii_lowercase() || c == '-');
    let commands: Vec<Vec<_>> =
        rows.split("`rentomatic ").map(|command| command.split(is_separator).collect()).collect();
    let named: BTreeSet<_> = commands.iter().map(|words| words[0].to_owned()).collect();
    assert_eq!(named, subcommands(&[]));
    for command in &named {
        let of_command = commands.iter().filter(|words| words[0] == command);
        let words: BTreeSet<_> = of_command.flatten().copied().collect();
        let inner = subcommands(&[command]);
        let missing: Vec<_> = inner.iter().filter(|name| !words.contains(name.as_str())).collect();
        assert!(missing.is_empty(), "rentomatic {command}: the README lacks {missing:?}");
    }
    assert!(subcommands(&["rooms"]).contains("list"));
}

#[test]
fn the_readmes_table_of_formats_has_every_format_and_no_other() {
    let terminal = section("\n## On the terminal", "\n## Configure");
    let section = section("\n### Formats", "\n### Conditional requests");
    let rows = section.lines().filter(|line| line.starts_with("| `."));
    let listed: BTreeSet<_> = rows
        .map(|row| {
            let mut cells = row.split('|').map(|cell| cell.trim().trim_matches('`'));
            (cells.nth(1).unwrap().to_owned(), cells.next().unwrap().to_owned())
        })
        .collect();
    let media_type = |text: &str| text.split(';').next().unwrap().to_owned();
    let mut known: BTreeSet<_> = FORMATS
        .iter()
        .map(|format| (format!(".{}", format.name()), media_type(format.media_type())))
        .collect();
    known.insert((".html".to_owned(), "text/html".to_owned()));
    assert_eq!(listed, known);
    // The terminal has the same formats, and the table.
    let help = stdout(&mut rentomatic(&["rooms", "list", "--help"]));
    let show = terminal.lines().find(|line| line.starts_with("| `rentomatic rooms show")).unwrap();
    for name in FORMATS.iter().map(|format| format.name()).chain(["table"]) {
        assert!(help.contains(name), "{name}: {help}");
        assert!(
            show.contains(&format!("`{name}`")) || show.contains(&format!("--format {name}")),
            "{name}: {show}"
        );
    }
}
