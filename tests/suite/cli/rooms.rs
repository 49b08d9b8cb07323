//! `rentomatic rooms`

use std::process::Stdio;

use super::over;
use crate::support::server::Server;
use crate::support::storage::Storage;
use crate::support::{RENTOMATIC, failure, rentomatic, stdout};

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
fn the_terminal_finds_rooms_near_a_place() {
    let list = |words: &[&str]| {
        let mut all = vec!["rooms", "list", "--format", "json"];
        all.extend(words);
        stdout(&mut over("memory:", &all))
    };
    let near_dartford = list(&["--near", "Dartford", "--radius", "12km"]);
    assert!(near_dartford.contains("913694c6") && !near_dartford.contains("fe2c3195"));
    // A number is in metres, as on the web; without a radius it is 5 km.
    assert_eq!(list(&["--near", "dartford", "--radius", "12000"]), near_dartford);
    assert_eq!(list(&["--near", "Dartford"]), list(&["--near", "Dartford", "--radius", "5 km"]));
    let point = list(&["--near", "51.45994,0.27892"]);
    assert!(point.contains("913694c6") && !point.contains("eed76e77"), "{point}");
    assert_eq!(list(&["--near=-33.9, 151.2", "--radius", "5e3"]).trim(), "[]");
    for (words, told) in [
        (vec!["--near", "Frankfurt"], "2 places match \"Frankfurt\". Write the name of one"),
        (vec!["--near", "Frankfurt"], "\"Frankfurt am Main, Hesse, Germany\" (50.11552,8.68417)"),
        (vec!["--near", "Kreuzbreg"], "there is no place called \"Kreuzbreg\""),
        (vec!["--near", "Kreuzbreg"], "similar are \"Kreuzberg, Berlin, Germany\""),
        (vec!["--near", "91,0"], "write LAT,LON in degrees"),
        (vec!["--near", "Dartford", "--radius", "far"], "write a number of metres"),
    ] {
        let words = [&["rooms", "list"], &words[..]].concat();
        let said = failure(&mut over("postgres://127.0.0.1:1/rooms", &words), 1);
        assert!(said.contains(told), "{said}");
    }
    assert_eq!(list(&["--near", "Frankfurt am Main, Hesse, Germany"]).trim(), "[]");
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
    let mut child = rentomatic(&["--database-url", "memory:", "rooms", "list"])
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

fn csv(rooms: usize) -> String {
    ["size,price,latitude,longitude\n", &"10,20,1.5,-2.5\n".repeat(rooms)].concat()
}

#[test]
fn the_terminal_adds_and_deletes_rooms() {
    for storage in Storage::databases() {
        stdout(&mut over(&storage.url(), &["migrate"]));
        let add =
            ["rooms", "add", "--size", "5", "--price", "6", "--latitude", "-7.5", "--longitude"];
        let code = stdout(&mut over(&storage.url(), &[&add[..], &["-8.5"]].concat()));
        let code = code.trim_end();
        let room = stdout(&mut over(&storage.url(), &["rooms", "show", code, "--format", "csv"]));
        assert!(room.ends_with(&format!("{code},5,6,-7.5,-8.5,,\r\n")), "{room}");
        let texts = ["-8.5", "--name", "Großer Turm", "--description", "Two\r\nlines"];
        let named = stdout(&mut over(&storage.url(), &[&add[..], &texts].concat()));
        let list = |words: &[&str]| {
            stdout(&mut over(&storage.url(), &[&["rooms", "list"], words].concat()))
        };
        assert!(!list(&["--filter", &format!("code__eq={code}")]).contains("name"));
        let found =
            list(&["--filter", "name__eq=GROSSER TURM", "--filter", "description__contains=LINE"]);
        assert!(found.contains("name") && found.contains("Großer Turm"), "{found}");
        assert!(!found.contains("description") && !found.contains("lines"), "{found}");
        let shown = stdout(&mut over(&storage.url(), &["rooms", "show", named.trim_end()]));
        assert!(
            shown.contains("Two ") && shown.contains("lines") && !shown.contains('\r'),
            "{shown}"
        );
        stdout(&mut over(&storage.url(), &["rooms", "delete", named.trim_end()]));
        let long = "x".repeat(121);
        let long = [&add[..], &["1", "--name", &long]].concat();
        let long = failure(&mut over(&storage.url(), &long), 1);
        assert!(long.contains("name is 121 characters long: it must be from 1 to 120"), "{long}");
        let again = [&add[..], &["1", "--code", code]].concat();
        assert!(
            failure(&mut over(&storage.url(), &again), 1).contains("There is a room with the code")
        );
        let wrong = failure(&mut over(&storage.url(), &[&add[..], &["181"]].concat()), 1);
        assert!(wrong.contains("from -180 to 180 degrees"), "{wrong}");
        // As another program writes a code.
        let written = format!(" {{{}}}", code.to_uppercase());
        assert_eq!(
            stdout(&mut over(&storage.url(), &["rooms", "show", &written, "--format", "csv"])),
            room
        );
        assert_eq!(
            stdout(&mut over(&storage.url(), &["rooms", "delete", &written])),
            format!("{code}\n")
        );
        assert!(
            failure(&mut over(&storage.url(), &["rooms", "delete", code]), 1).contains("no room")
        );
    }
}

#[test]
fn a_file_is_imported_and_exported() {
    for storage in Storage::databases() {
        stdout(&mut over(&storage.url(), &["migrate"]));
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(path("rooms.csv"), csv(1_000)).unwrap();
        let import = |words: &[&str]| over(&storage.url(), &[&["rooms", "import"], words].concat());
        let said = stdout(&mut import(&[&path("rooms.csv")]));
        assert_eq!(said, "1000 added, 0 replaced, 0 skipped\n");
        let formats = [
            ("csv", "all.csv"),
            ("ndjson", "ALL.NDJSON"),
            ("ndjson", "all.jsonl"),
            ("json", "all.json"),
            ("geojson", "all.GeoJSON"),
        ];
        // Into the tests' MongoDB, rooms go slowly.
        let many = if let Storage::Mongo { .. } = storage { 2 } else { formats.len() };
        for (format, name) in &formats[..many] {
            let export = ["rooms", "export", "--format", format];
            std::fs::write(path(name), stdout(&mut over(&storage.url(), &export))).unwrap();
            let said = stdout(&mut import(&[&path(name), "--on-conflict", "replace"]));
            assert_eq!(said, "0 added, 1000 replaced, 0 skipped\n");
        }
        // From standard input.
        let mut command = import(&["-", "--on-conflict", "skip"]);
        command.stdin(std::fs::File::open(path("all.csv")).unwrap());
        assert_eq!(stdout(&mut command), "0 added, 0 replaced, 1000 skipped\n");
        // A report has a line for each wrong row, and nothing goes in.
        std::fs::write(path("wrong.csv"), csv(10) + "0,-1,1,1\n").unwrap();
        let said = failure(&mut import(&[&path("wrong.csv")]), 1);
        assert!(
            said.contains("\nline 12: size: size is 0") && said.contains("\nline 12: price"),
            "{said}"
        );
        assert!(failure(&mut import(&["/nowhere.csv"]), 1).contains("cannot read /nowhere.csv"));
        let list = stdout(&mut over(&storage.url(), &["rooms", "list", "--format", "ndjson"]));
        assert_eq!(list.lines().count(), 1_000);
    }
}

#[test]
fn a_pipe_is_imported_like_a_file() {
    let storage = Storage::sqlite();
    stdout(&mut over(&storage.url(), &["migrate"]));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rooms.csv");
    std::fs::write(&file, csv(1_000)).unwrap();
    let fifo = folder.path().join("fifo");
    stdout(std::process::Command::new("mkfifo").arg(&fifo));
    let binary = RENTOMATIC.display();
    let (file, fifo, url) = (file.display(), fifo.display(), storage.url());
    for pipe in [
        format!("cat {file} | {binary} --database-url {url} rooms import /dev/stdin"),
        format!("{binary} --database-url {url} rooms import /dev/stdin < {file}"),
        format!("cat {file} | {binary} --database-url {url} rooms import -"),
        format!("{binary} --database-url {url} rooms import <(gzip < {file} | zcat)"),
        format!("cat {file} > {fifo} & {binary} --database-url {url} rooms import {fifo}"),
    ] {
        let mut shell = std::process::Command::new("bash");
        assert_eq!(
            stdout(shell.args(["-c", &pipe])),
            "1000 added, 0 replaced, 0 skipped\n",
            "{pipe}"
        );
    }
    let folder = folder.path().to_str().unwrap();
    let said = failure(&mut over(&storage.url(), &["rooms", "import", folder]), 1);
    assert!(said.contains(&format!("cannot read {folder}: Is a directory")), "{said}");
    let mut without = over(&storage.url(), &["rooms", "import", "-"]);
    let said = failure(without.env("TMPDIR", "/nowhere/at/all").stdin(Stdio::null()), 1);
    assert!(said.contains("cannot write a temporary file in /nowhere/at/all"), "{said}");
}

#[test]
fn a_wrong_number_is_refused_with_its_range() {
    let add = |price: &str| {
        let words = ["--size=1", "--latitude=1", "--longitude=1", "--price", price];
        failure(&mut over("memory:", &[&["rooms", "add"][..], &words].concat()), 1)
    };
    for price in ["-5", "2147483648", "-9999999999", "cheap", "1.5", ""] {
        let said = add(price);
        assert!(said.contains("from 0 to 2147483647"), "{price}: {said}");
    }
}

#[test]
fn control_characters_in_a_file_or_an_argument_never_reach_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let evil = "\u{1b}[31m\u{7}\u{9b}2Jred\u{1b}]0;title\u{7}\r\u{8}";
    let path = |name: &str| folder.path().join(name).display().to_string();
    for (name, content) in [
        ("header.csv", format!("{evil},price,latitude,longitude\n1,2,3,4\n")),
        ("value.csv", format!("size,price,latitude,longitude\n{evil},2,3,4\n")),
        ("name.ndjson", serde_json::json!({ evil: 1 }).to_string()),
        ("value.ndjson", serde_json::json!({ "code": evil, "size": evil }).to_string()),
        ("raw.ndjson", format!("{{\"{evil}\": }}")),
    ] {
        std::fs::write(path(name), content).unwrap();
    }
    let settings = path("settings.toml");
    std::fs::write(&settings, "[server]\n\"\\u001b[31mred\" = 1\n").unwrap();
    let absent = path(evil);
    for words in [
        vec!["rooms", "import", &*path("header.csv")],
        vec!["rooms", "import", &path("value.csv")],
        vec!["rooms", "import", &path("name.ndjson")],
        vec!["rooms", "import", &path("value.ndjson")],
        vec!["rooms", "import", &path("raw.ndjson")],
        vec!["rooms", "import", &absent],
        vec!["rooms", "show", evil],
        vec!["rooms", "list", "--filter", &format!("{evil}=1")],
        vec!["rooms", "list", "--sort", evil],
        vec!["--config", &absent, "rooms", "list"],
        vec!["--config", &settings, "rooms", "list"],
        vec!["--database-url", &format!("sqlite:{absent}"), "rooms", "list"],
        vec!["--database-url", &format!("sqlite:{absent}"), "doctor"],
        vec!["healthcheck", "--url", evil],
        vec![evil],
    ] {
        let output = rentomatic(&words).env("DATABASE_URL", "memory:").output().unwrap();
        assert!(!output.status.success(), "{words:?}");
        for bytes in [output.stdout, output.stderr] {
            let said = String::from_utf8(bytes).unwrap();
            let is_control = |c: char| c.is_control() && c != '\n';
            assert!(!said.contains(is_control), "{words:?}: {said:?}");
        }
    }
    let config = stdout(rentomatic(&["config"]).env("RENTOMATIC_MAP__TILE_ATTRIBUTION", evil));
    assert!(!config.contains(|c: char| c.is_control() && c != '\n'), "{config:?}");
}

#[test]
fn the_terminal_ignores_other_columns_on_request_and_reports_them() {
    for storage in Storage::databases() {
        stdout(&mut over(&storage.url(), &["migrate"]));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("Rooms.TSV").display().to_string();
        let table = "sep=\t\r\nsize\tprice\tlat\tlon\t\u{1b}[2Jcolour\r\n1,0\t2\t3,5\t4\tred\r\n";
        std::fs::write(&file, table).unwrap();
        let import = |words: &[&str]| {
            over(&storage.url(), &[&["rooms", "import", file.as_str()], words].concat())
        };
        let said = failure(&mut import(&[]), 1);
        assert!(said.contains("no column \\u{1b}[2Jcolour"), "{said}");
        assert!(!said.contains('\u{1b}'), "{said:?}");
        assert_eq!(
            stdout(&mut import(&["--columns", "ignore"])),
            "1 added, 0 replaced, 0 skipped\nignored columns: \\u{1b}[2Jcolour\n"
        );
        // The file's own first bytes count, whatever its name.
        std::fs::write(&file, b"PK\x03\x04\x14\0\x06\0").unwrap();
        assert!(failure(&mut import(&[]), 1).contains("save it as CSV"));
    }
}

#[test]
fn a_very_small_number_does_not_widen_the_table() {
    let storage = Storage::sqlite();
    stdout(&mut over(&storage.url(), &["migrate"]));
    let add =
        ["rooms", "add", "--size", "5", "--price", "6", "--latitude", "5e-324", "--longitude"];
    let code = stdout(&mut over(&storage.url(), &[&add[..], &["-2.5e-300"]].concat()));
    for words in [&["rooms", "list"][..], &["rooms", "show", code.trim_end()]] {
        let table = stdout(&mut over(&storage.url(), words));
        assert!(table.contains(" 5e-324 ") && table.contains(" -2.5e-300"), "{table}");
        assert!(table.lines().all(|line| line.chars().count() < 120), "{table}");
    }
    let csv = stdout(&mut over(&storage.url(), &["rooms", "export"]));
    assert!(csv.ends_with(",5,6,5e-324,-2.5e-300,,\r\n"), "{csv}");
}
