//! `POST /rooms/import`

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::support::client::Answer;
use crate::support::owner::{self, TOKEN};
use crate::support::server::{PATIENCE, PATIENT, Server};
use crate::support::storage::Storage;

const FIRST: &str = "f853578c-fc0f-4e65-81b8-566c5dffa35a";

fn import(server: &Server, query: &str, media_type: &str, file: &[u8]) -> Answer {
    let headers = [("content-type", media_type)];
    server.owner().send("POST", &format!("/rooms/import{query}"), &headers, file)
}

#[test]
fn a_file_of_either_format_goes_in() {
    for storage in Storage::all() {
        let server = Server::with_owner_and_sample_rooms(&storage);
        let csv = "\u{feff}Price,size,longitude,latitude\r\n5,6,7.5,-8.5\r\n";
        let answer = import(&server, "", "text/csv; charset=utf-8", csv.as_bytes());
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, r#"{"added":1,"replaced":0,"skipped":0}"#)
        );
        let ndjson = "{\"size\":1,\"price\":2,\"latitude\":3,\"longitude\":4}\n";
        let answer = import(&server, "", "application/x-ndjson", ndjson.as_bytes());
        assert_eq!(answer.json()["added"], 1, "{}", answer.body);
        let rooms = server.get("/rooms").json();
        assert_eq!(rooms[4]["price"], 5);
        assert_eq!(rooms[4]["latitude"], -8.5);
        assert_eq!(rooms[5]["price"], 2);
        let header = b"latitude,longitude,size,price,code\n";
        assert_eq!(import(&server, "", "text/csv", header).json()["added"], 0);
    }
}

#[test]
fn what_was_exported_can_be_imported_again() {
    for storage in Storage::all() {
        let server = Server::with_owner_and_sample_rooms(&storage);
        for (format, media_type) in [
            ("csv", "text/csv"),
            ("ndjson", "application/x-ndjson"),
            ("json", "application/json"),
            ("geojson", "application/geo+json"),
        ] {
            let file = server.get(&format!("/rooms.{format}")).body;
            let before = server.get("/rooms").body;
            let answer = import(&server, "", media_type, file.as_bytes());
            assert_eq!(answer.status, 400);
            assert_eq!(answer.json()["errors"].as_array().unwrap().len(), 4);
            let answer = import(&server, "?on_conflict=skip", media_type, file.as_bytes());
            assert_eq!(answer.json()["skipped"], 4);
            let answer = import(&server, "?on_conflict=replace", media_type, file.as_bytes());
            assert_eq!(answer.json()["replaced"], 4);
            assert_eq!(server.get("/rooms").body, before);
        }
    }
}

#[test]
fn every_wrong_row_is_told() {
    let server = Server::with_owner_and_sample_rooms(&Storage::Memory);
    let csv = format!("code,size,price,latitude,longitude\n{FIRST},1,cheap,1,1\n,0,1,1,1\n");
    let answer = import(&server, "", "text/csv", csv.as_bytes());
    assert_eq!(answer.status, 400);
    let body = answer.json();
    assert_eq!(body["type"], "ParametersError");
    assert_eq!(body["errors"][0]["parameter"], "price");
    assert_eq!(body["errors"][0]["line"], 2);
    assert_eq!(body["errors"][0]["value"], "cheap");
    assert_eq!(body["errors"][1]["line"], 3);
    let many = ["size,price,latitude,longitude\n", &"0,1,1,1\n".repeat(1_000)].concat();
    let body = import(&server, "", "text/csv", many.as_bytes()).json();
    assert_eq!(body["errors"].as_array().unwrap().len(), 100);
    assert!(body["message"].as_str().unwrap().ends_with("and 900 more"));
    for (file, part) in [
        ("size,colour\n1,red\n", "no column colour"),
        ("size,size\n1,1\n", "more than once"),
        ("{}", "no column {}"),
        ("size/price/latitude/longitude\n1/1/1/1\n", "no column size/price"),
        ("", "the file is empty"),
        ("code\n=1+1\n", "is a UUID"),
    ] {
        let answer = import(&server, "", "text/csv", file.as_bytes());
        assert!(answer.status == 400 && answer.body.contains(part), "{}", answer.body);
    }
    assert_eq!(import(&server, "", "text/csv", b"size\n\xff\n").status, 400);
    assert_eq!(import(&server, "", "text/csv", b"\xff\n1\n").status, 400);
    assert_eq!(server.get("/rooms").codes().len(), 4);
}

#[test]
fn what_cannot_be_imported_at_all_is_refused() {
    let server = Server::with_owner_and_sample_rooms(&Storage::Memory);
    for (query, media_type, status, word) in [
        ("", "text/plain", 415, "text/csv or application/x-ndjson or application/json or"),
        ("", "application/vnd.ms-excel", 415, "save it as CSV"),
        ("?columns=skip", "text/csv", 400, "refuse, ignore"),
        ("?columns=&on_conflict=", "text/csv", 400, "columns"),
        ("?on_conflict=merge", "text/csv", 400, "refuse, skip, replace"),
        ("?on_conflict=", "text/csv", 400, "refuse, skip, replace"),
        ("?on_conflict=skip&on_conflict=skip", "text/csv", 400, "more than once"),
    ] {
        let answer = import(&server, query, media_type, b"size\n");
        assert_eq!(answer.status, status, "{query} {media_type}");
        assert!(answer.body.contains(word), "{}", answer.body);
    }
    // By what it says, and by what it sends.
    let head = format!(
        "POST /rooms/import HTTP/1.1\r\nhost: x\r\ncontent-type: text/csv\r\n\
         authorization: Bearer {TOKEN}\r\nconnection: close\r\n"
    );
    let too_large = 64 * 1024 * 1024 + 1;
    for length in [format!("content-length: {too_large}"), "transfer-encoding: chunked".to_owned()]
    {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "{head}{length}\r\n\r\n").unwrap();
        if length.starts_with("transfer") {
            let chunk = format!("100000\r\n{}\r\n", "x".repeat(0x0010_0000)).into_bytes();
            for _ in 0..=64 {
                if stream.write_all(&chunk).is_err() {
                    break;
                }
            }
        }
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 413", "{length}");
    }
    assert_eq!(server.get("/rooms").codes().len(), 4);
}

#[test]
fn other_columns_are_ignored_on_request_and_reported() {
    for storage in Storage::all() {
        let server = Server::with_owner_and_sample_rooms(&storage);
        let csv = "size;price;Colour;lat;lng;remarks\n12,0;30;red;51,4;0,1;\n";
        let refused = import(&server, "", "text/csv", csv.as_bytes());
        assert_eq!(refused.status, 400);
        for text in ["no column Colour, no column remarks", "columns=ignore"] {
            assert!(refused.body.contains(text), "{}", refused.body);
        }
        let answer = import(&server, "?columns=ignore", "text/csv", csv.as_bytes());
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, r#"{"added":1,"replaced":0,"skipped":0,"ignored_columns":["Colour","remarks"]}"#)
        );
        let room = &server.get("/rooms").json()[4];
        assert_eq!((&room["size"], &room["latitude"]), (&12.into(), &51.4.into()));
        assert_eq!(import(&server, "?columns=refuse", "text/csv", csv.as_bytes()).status, 400);
    }
}

/// A large file is not kept in memory while it comes in, nor while it is read.
#[test]
fn a_large_file_goes_in_within_bounds_of_memory() {
    for storage in Storage::databases() {
        let server = Server::with_owner_and_sample_rooms(&storage);
        let row = format!("10,20,1.5,2.5{}\n", "0".repeat(2_000));
        // Into the tests' MongoDB, rooms go slowly.
        let rows = if let Storage::Mongo { .. } = storage { 3_000 } else { 30_000 };
        let file = ["size,price,latitude,longitude\n", &row.repeat(rows)].concat();
        let before = server.resident_kib();
        let answer = import(&server, "", "text/csv", file.as_bytes());
        assert_eq!(answer.json()["added"], rows, "{}", answer.body);
        let growth = server.peak_resident_kib() - before;
        assert!(growth < 32 * 1024, "{growth} KiB of {} KiB", file.len() / 1024);
    }
}

#[test]
fn a_long_file_of_any_format_and_a_long_row_stay_within_bounds_of_memory() {
    // It outlives the server, which notices when its file is gone.
    let storage = Storage::sqlite();
    let server = Server::with_owner_and_sample_rooms(&storage);
    let room =
        format!(r#""size":10,"price":20,"longitude":2.5,"latitude":1.5{}"#, "0".repeat(2_000));
    let feature = format!(
        r#"{{"type":"Feature","properties":{{"size":10,"price":20}},"geometry":{{"type":"Point","coordinates":[1.5,2.5{}]}}}},"#,
        "0".repeat(2_000)
    );
    let rows = 20_000;
    let last = |list: String| list.strip_suffix(',').unwrap().to_owned();
    for (media_type, file) in [
        ("application/x-ndjson", format!("{{{room}}}\n").repeat(rows)),
        ("application/json", format!("[{}]", last(format!("{{{room}}},").repeat(rows)))),
        ("application/geo+json", format!("{{\"features\":[{}]}}", last(feature.repeat(rows)))),
        // Many short rows, the last of which is wrong.
        (
            "text/csv",
            format!("size,price,latitude,longitude\n{}0,2,3,4\n", "1,2,3,4\n".repeat(1_000_000)),
        ),
        // One row, or one value, of 40 MB.
        ("text/csv", format!("size\n\"{}", "1\n".repeat(20_000_000))),
        ("text/csv", "x".repeat(40_000_000)),
        ("application/x-ndjson", format!("{{\"size\":\"{}\"}}\n", "x".repeat(40_000_000))),
        ("application/json", format!("[{}", "[".repeat(40_000_000))),
        ("application/geo+json", format!("{{\"{}\":1}}", "x".repeat(40_000_000))),
    ] {
        let before = server.resident_kib();
        let answer = import(&server, "", media_type, file.as_bytes());
        let is_long_row = answer.status == 400 && answer.body.contains("at most 1048576 bytes");
        let is_imported = answer.status == 200 && answer.json()["added"] == rows;
        let is_wrong = answer.status == 400 && answer.json()["errors"][0]["line"] == 1_000_002;
        assert!(is_long_row || is_imported || is_wrong, "{media_type}: {}", answer.body);
        let growth = server.peak_resident_kib().saturating_sub(before);
        assert!(growth < 24 * 1024, "{media_type}: {growth} KiB of {} KiB", file.len() / 1024);
    }
}

/// A spreadsheet takes a cell that begins with one of these for a formula. In a name or a description it is written
/// with an apostrophe in front, and read back without; elsewhere none can get in; and numbers stay numbers, also those
/// that begin with a minus.
#[test]
fn no_formula_gets_into_a_file() {
    let server = Server::with_owner_and_sample_rooms(&Storage::Memory);
    for formula in ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1,1)", "\t=1", "=HYPERLINK(1)"] {
        for field in 0..5 {
            let mut row = ["", "1", "2", "3", "4"].map(str::to_owned);
            row[field] = format!("\"{formula}\"");
            let csv = format!("code,size,price,latitude,longitude\n{}\n", row.join(","));
            let answer = import(&server, "", "text/csv", csv.as_bytes());
            assert_eq!(answer.status, 400, "{csv}");
            assert_eq!(answer.json()["errors"][0]["value"], formula);
        }
        let room = serde_json::json!({"code": formula, "size": 1, "price": 2, "latitude": 3,
                                      "longitude": 4});
        let headers = [("content-type", "application/json")];
        let answer = server.owner().send("POST", "/rooms", &headers, room.to_string().as_bytes());
        assert_eq!(answer.status, 400, "{formula}");
        let text = formula.trim();
        let room = serde_json::json!({"size": 1, "price": 2, "latitude": 3, "longitude": 4, "name": text,
                                      "description": formula.replace('\t', "\n")});
        let answer = server.owner().send("POST", "/rooms", &headers, room.to_string().as_bytes());
        assert_eq!(answer.status, 201, "{}", answer.body);
        let path = answer.header("location").to_owned();
        let csv = server.get(&format!("{path}.csv")).body;
        let cells: Vec<_> = csv.split(',').collect();
        let is_guarded = |cell: &str| cell.trim_start_matches('"').starts_with('\'');
        assert!(is_guarded(cells[11]) && csv.contains(",'") || csv.contains(",\"'"), "{csv}");
        let room = server.get(&path).body;
        let written = import(&server, "?on_conflict=replace", "text/csv", csv.as_bytes());
        assert_eq!(written.status, 200, "{}", written.body);
        assert_eq!(server.get(&path).body, room);
        assert_eq!(server.owner().send("DELETE", &path, &[], b"").status, 204);
    }
    let negative = b"size,price,latitude,longitude\n1,2,-3.5,-4\n";
    assert_eq!(import(&server, "", "text/csv", negative).status, 200);
    let csv = server.get("/rooms.csv").body;
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("code,size,price,latitude,longitude,name,description"));
    for line in lines {
        let (code, numbers) = line.strip_suffix(",,").unwrap().split_once(',').unwrap();
        assert!(uuid::Uuid::try_parse(code).is_ok(), "{line}");
        assert!(numbers.split(',').all(|cell| cell.parse::<f64>().is_ok()), "{line}");
    }
    assert!(csv.contains(",1,2,-3.5,-4"), "{csv}");
}

#[test]
fn ids_that_were_inserted_by_hand_ahead_of_the_sequence_are_in_no_ones_way() {
    let insert = |ids: std::ops::RangeInclusive<u32>| {
        let row = |id: u32| format!("({id}, '10000000-0000-4000-8000-{id:012}', 1, 1, 1, 1)");
        let rows = ids.map(row).collect::<Vec<_>>().join(", ");
        format!("INSERT INTO room (id, code, size, price, longitude, latitude) VALUES {rows}")
    };
    let csv = ["size,price,latitude,longitude\n", &"1,2,3,4\n".repeat(1_500)].concat();
    let headers = [("content-type", "application/json")];
    let room = br#"{"size":1,"price":2,"latitude":3,"longitude":4}"#;
    for storage in Storage::sql() {
        let server = Server::with_owner(&storage);
        // A role that may only use the sequence, as in the container stack.
        let limited = if let Storage::Postgres { .. } = storage {
            storage.by_hand(
                "DO $$ BEGIN CREATE ROLE user_of_ids LOGIN; EXCEPTION WHEN duplicate_object THEN END $$;
                 GRANT SELECT, INSERT, UPDATE, DELETE ON room TO user_of_ids;
                 GRANT SELECT ON __diesel_schema_migrations TO user_of_ids;
                 GRANT USAGE ON SEQUENCE room_id_seq TO user_of_ids",
            );
            let url = storage.url().replace("rentomatic@", "user_of_ids@");
            let environment = [&PATIENT[..], &[owner::WRITES]].concat();
            Some(Server::start(&url, &[], &environment))
        } else {
            None
        };
        let mut rooms = 0;
        for server in [Some(&server), limited.as_ref()].into_iter().flatten() {
            for write in ["import", "POST", "import"] {
                // From the next number of the sequence on.
                let highest = storage.by_hand("SELECT coalesce(max(id), 0) FROM room");
                let Some(highest) = highest else { return };
                let next = highest.trim().parse::<u32>().unwrap() + 1;
                storage.by_hand(&insert(next..=next + 99));
                rooms += 100;
                let answer = match write {
                    "POST" => server.owner().send("POST", "/rooms", &headers, room),
                    _ => import(server, "", "text/csv", csv.as_bytes()),
                };
                assert!(
                    [200, 201].contains(&answer.status),
                    "{write}: {} {}",
                    answer.body,
                    server.log()
                );
                rooms += if write == "POST" { 1 } else { 1_500 };
            }
            let count = server.get("/rooms?limit=1&count=exact");
            assert_eq!(count.header("x-total-count"), rooms.to_string());
        }
    }
}

#[test]
fn without_a_temporary_folder_the_log_names_it_and_says_what_to_do() {
    let environment = [owner::WRITES, ("TMPDIR", "/nowhere/at/all")];
    let server = Server::start("memory:", &[], &environment);
    let answer = import(&server, "", "text/csv", b"size,price,latitude,longitude\n1,2,3,4\n");
    assert_eq!(answer.status, 500, "{}", answer.body);
    let log = server.log_with("cannot write a temporary file in /nowhere/at/all");
    assert!(log.contains("set TMPDIR to another"), "{log}");
}
