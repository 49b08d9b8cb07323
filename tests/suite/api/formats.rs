//! In which formats rooms can be had, and how they travel.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::client::raw;
use crate::support::component::program;
use crate::support::server::{PATIENCE, PATIENT, Server};
use crate::support::stdout;
use crate::support::storage::Storage;

const FORMATS: [(&str, &str, &str); 5] = [
    ("json", "application/json", "application/json"),
    ("ndjson", "application/x-ndjson", "application/x-ndjson"),
    ("csv", "text/csv", "text/csv; charset=utf-8; header=present"),
    ("geojson", "application/geo+json", "application/geo+json"),
    ("html", "text/html", "text/html; charset=utf-8"),
];

#[test]
fn each_format_is_had_by_accept_and_by_suffix() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    for path in ["/rooms", "/rooms/f853578c-fc0f-4e65-81b8-566c5dffa35a"] {
        for (suffix, accept, media_type) in FORMATS {
            let accepted = server.client().get_as(path, accept);
            let suffixed = server.client().get_as(&format!("{path}.{suffix}"), "image/png");
            for answer in [&accepted, &suffixed] {
                assert_eq!(answer.status, 200, "{path} {suffix}");
                assert_eq!(answer.header("content-type"), media_type);
                // A page offers more to the owner.
                let varies = if suffix == "html" { ", Cookie" } else { "" };
                let varies = format!("Accept, Accept-Encoding{varies}");
                assert_eq!(answer.header("vary"), varies);
                assert_eq!(answer.header("cache-control"), "no-cache");
            }
            assert_eq!(accepted.body, suffixed.body);
        }
    }
}

#[test]
fn what_is_no_suffix_is_a_404_that_says_what_there_is() {
    let server = Server::over(&Storage::Memory);
    for path in [
        "/rooms.xml",
        "/rooms.CSV",
        "/rooms.csv.gz",
        "/rooms/f853578c-fc0f-4e65-81b8-566c5dffa35a.xml",
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.body.contains(".json, .ndjson, .csv, .geojson, .html"), "{}", answer.body);
    }
}

#[test]
fn the_preferred_of_several_formats_is_given() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    for (accept, media_type) in [
        ("text/csv, application/json;q=0.9", "text/csv; charset=utf-8; header=present"),
        ("text/csv;q=0.5, application/geo+json;q=0.6", "application/geo+json"),
        ("application/x-ndjson, */*;q=0.1", "application/x-ndjson"),
        ("text/*;q=0.3, text/html;q=0", "text/csv; charset=utf-8; header=present"),
        ("application/*", "application/json"),
    ] {
        let answer = server.client().get_as("/rooms", accept);
        assert_eq!(answer.header("content-type"), media_type, "{accept}");
    }
}

/// More rooms than are read at once. The tests' MongoDB reads all of them for each part.
fn many(storage: &Storage) -> usize {
    if let Storage::Mongo { .. } = storage { 10_050 } else { 12_000 }
}

/// More rooms than the sockets between a server and its client have room for.
const TOO_MANY: usize = 200_000;

fn with_rooms(storage: &Storage, number: usize) -> Server {
    storage.fill(number);
    Server::over(storage)
}

/// What a list may ask for that decides how its parts are found.
const QUERIES: [&str; 4] =
    ["", "?sort=-price,size", "?bbox=-180,-90,180,90", "?near=0,0&radius=1e8"];

#[test]
fn a_long_list_is_whole_on_each_database() {
    for storage in Storage::databases() {
        let many = many(&storage);
        let server = with_rooms(&storage, many);
        for query in QUERIES {
            let lines = server.get(&format!("/rooms.ndjson{query}"));
            // Of a list by distance, all of these are one part.
            let is_streamed = lines.header("transfer-encoding") == "chunked";
            assert_eq!(is_streamed, !query.contains("near"), "{query}");
            let mut codes: Vec<_> = lines.body.lines().map(code_in).collect();
            codes.sort_unstable();
            codes.dedup();
            assert_eq!((codes.len(), lines.body.lines().count()), (many, many), "{query}");
        }
    }
}

/// The code of the room in a line of NDJSON.
fn code_in(line: &str) -> String {
    let room: serde_json::Value = serde_json::from_str(line).unwrap();
    room["code"].as_str().unwrap().to_owned()
}

/// The formats write what any database lists.
#[test]
fn a_long_list_is_whole_in_each_format() {
    let storage = Storage::sqlite();
    let many = many(&storage);
    let server = with_rooms(&storage, many);
    for query in QUERIES {
        let rooms = server.get(&format!("/rooms.json{query}")).json();
        let rooms = rooms.as_array().unwrap();
        assert_eq!(rooms.len(), many, "{query}");
        let lines = server.get(&format!("/rooms.ndjson{query}")).body;
        let lines: Vec<serde_json::Value> =
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(&lines, rooms, "{query}");
        let csv = server.get(&format!("/rooms.csv{query}")).body;
        assert_eq!(csv.lines().count(), many + 1, "{query}");
        let features = server.get(&format!("/rooms.geojson{query}")).json();
        assert_eq!(features["features"].as_array().unwrap().len(), many, "{query}");
    }
    // A page for people has no more than people look at.
    let page = server.get("/rooms.html").body;
    assert_eq!(page.matches("<tr ").count(), 101);
    assert!(page.contains("rel=\"next\""));
}

#[test]
fn a_long_answer_is_compressed_for_a_client_that_accepts_gzip() {
    let storage = Storage::sqlite();
    let many = many(&storage);
    let server = with_rooms(&storage, many);
    let ask = |path: &str, encoding: &str| {
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: x\r\naccept-encoding: {encoding}\r\nconnection: close\r\n\r\n"
        );
        let answer = raw(server.address(), request.as_bytes());
        let (head, _) = answer.split_once("\r\n\r\n").unwrap();
        // A byte that is no text is one character here.
        (head.to_lowercase(), answer.chars().count())
    };
    let plain = server.get("/rooms").body.len();
    for path in ["/rooms", "/rooms?limit=1000"] {
        let (head, length) = ask(path, "gzip, br");
        assert!(head.contains("content-encoding: gzip"), "{path}: {head}");
        assert!(
            head.contains("vary: accept, accept-encoding\r\n")
                || head.contains("vary: accept-encoding, accept\r\n"),
            "{path}: {head}"
        );
        assert!(length < plain / 2, "{length} of {plain}");
    }
    for (path, encoding) in [("/rooms", "identity"), ("/rooms?limit=1", "gzip"), ("/live", "gzip")]
    {
        let (head, _) = ask(path, encoding);
        assert!(!head.contains("content-encoding"), "{path}: {head}");
    }
    if let Some(curl) = program("curl", &["curl"]) {
        let url = format!("http://{}/rooms", server.address());
        let decoded = stdout(Command::new(curl).args(["-sS", "--compressed", &url]));
        let rooms: serde_json::Value = serde_json::from_str(&decoded).unwrap();
        assert_eq!(rooms.as_array().unwrap().len(), many);
    }
}

#[test]
fn a_failure_in_the_middle_breaks_the_list_off() {
    for storage in Storage::sql() {
        let server = with_rooms(&storage, TOO_MANY);
        for path in ["/rooms.json", "/rooms.ndjson", "/rooms.csv", "/rooms.geojson"] {
            let mut stream = TcpStream::connect(server.address()).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            let request =
                format!("GET {path} HTTP/1.1\r\nhost: x\r\nx-request-id: broken-off\r\n\r\n");
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = vec![0; 1_000];
            stream.read_exact(&mut answer).unwrap();
            // The client is slow, so the server waits with the rest; meanwhile the table goes.
            if storage.by_hand("ALTER TABLE room RENAME TO chamber").is_none() {
                return;
            }
            stream.read_to_end(&mut answer).ok();
            storage.by_hand("ALTER TABLE chamber RENAME TO room");
            let answer = String::from_utf8_lossy(&answer);
            assert!(answer.starts_with("HTTP/1.1 200 OK"), "{path}");
            assert!(!answer.ends_with("\r\n0\r\n\r\n"), "{path} has an end");
            server.log_with("request_id=broken-off");
        }
        assert_eq!(server.get("/rooms.csv").body.lines().count(), TOO_MANY + 1);
    }
}

#[test]
fn slow_readers_hold_no_connection_and_those_who_leave_are_forgotten() {
    for storage in Storage::databases() {
        let is_mongo = matches!(storage, Storage::Mongo { .. });
        storage.fill(if is_mongo { many(&storage) } else { TOO_MANY });
        // As few connections as possible, so that few slow readers would hold all of them.
        let connections = [("RENTOMATIC_DATABASE__POOL_SIZE", "2")];
        let settings = [&PATIENT[..], &connections].concat();
        let server = Server::start(&storage.url(), &[], &settings);
        assert_eq!(server.get("/rooms?limit=1").status, 200);
        let before = server.open_files();
        let slow: Vec<_> = (0..12)
            .map(|_| {
                let mut stream = TcpStream::connect(server.address()).unwrap();
                stream.write_all(b"GET /rooms.geojson HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
                let mut start = [0; 100];
                stream.read_exact(&mut start).unwrap();
                stream
            })
            .collect();
        for _ in 0..20 {
            assert_eq!(server.get("/rooms?limit=1").status, 200);
        }
        drop(slow);
        let deadline = Instant::now() + PATIENCE;
        while server.open_files() > before + 5 {
            assert!(Instant::now() < deadline, "{} files are open", server.open_files());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

#[test]
fn a_long_list_is_refused_to_those_who_could_not_tell_where_it_ends() {
    let storage = Storage::sqlite();
    let server = with_rooms(&storage, many(&storage));
    let get = |path: &str| {
        raw(server.address(), format!("GET {path} HTTP/1.0\r\nhost: x\r\n\r\n").as_bytes())
    };
    let refused = get("/rooms.csv");
    assert!(refused.contains(" 505 ") && refused.contains("request a page"), "{refused}");
    let page = get("/rooms.csv?limit=10");
    assert!(page.contains(" 200 ") && !page.contains("chunked"), "{page}");
}

#[test]
fn a_client_that_accepts_no_encoding_gets_a_problem() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    for encoding in ["br, identity;q=0", "*;q=0", "zstd, *;q=0"] {
        let answer = server.client().ask("GET", "/rooms", &[("accept-encoding", encoding)]);
        assert_eq!(answer.status, 406, "{encoding}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[test]
fn the_most_specific_range_decides_and_then_the_quality() {
    let server = Server::over(&Storage::Memory);
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    for (accept, expected) in [
        (None, "application/json"),
        (Some("*/*"), "application/json"),
        (Some("application/json"), "application/json"),
        (Some(browser), "text/html"),
        (Some("text/*"), "text/csv"),
        (Some("text/*;q=0.1, text/html"), "text/html"),
        (Some("TEXT/HTML;q=0.2, application/json;q=0.1"), "text/html"),
        (Some("text/html, application/json"), "application/json"),
        (Some("application/json;q=0, text/html, */*;q=0.9"), "text/html"),
        (Some("application/json;q=0, */*"), "application/x-ndjson"),
        (Some(""), "application/json"),
    ] {
        let headers: Vec<_> = accept.map(|accept| ("accept", accept)).into_iter().collect();
        let answer = server.client().ask("GET", "/rooms", &headers);
        let media_type = answer.header("content-type").split(';').next();
        assert_eq!((answer.status, media_type), (200, Some(expected)), "{accept:?}");
    }
    for accept in ["application/json;q=0", "image/png", "application/vnd.api+json"] {
        assert_eq!(server.client().get_as("/rooms", accept).status, 406, "{accept}");
    }
}
