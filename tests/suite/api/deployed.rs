//! HTTP as it is deployed: proxies that compress and rewrite, clients that compress, slashes too many.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::client::{Answer, raw};
use crate::support::owner::{self, TOKEN};
use crate::support::server::{PATIENCE, Server};
use crate::support::storage::Storage;

const ROOM: &str = "/rooms/f853578c-fc0f-4e65-81b8-566c5dffa35a";
const LISTS: [&str; 3] = ["/rooms", "/rooms.csv", "/rooms.html"];
const PATCH: (&str, &str) = ("content-type", "application/merge-patch+json");

/// The forms that proxies give to a tag: weak (nginx), and with a suffix (Apache, Jetty, LiteSpeed).
fn changed(tag: &str) -> Vec<String> {
    let bare = tag.trim_start_matches("W/").trim_matches('"');
    let suffixes = ["", "-gzip", ";gzip", "--gzip", "-br", ";br", "-deflate", "-zstd"];
    let forms = suffixes
        .iter()
        .flat_map(|suffix| [format!("\"{bare}{suffix}\""), format!("W/\"{bare}{suffix}\"")]);
    forms.collect()
}

#[test]
fn a_tag_that_a_compressing_proxy_changed_is_still_the_same() {
    for storage in Storage::all() {
        let server = Server::with_owner_and_sample_rooms(&storage);
        // On MongoDB, each version of a list is a new one.
        let lists: &[_] = if let Storage::Mongo { .. } = storage { &[] } else { &LISTS };
        for path in lists.iter().chain(&[ROOM]) {
            let tag = server.get(path).header("etag").to_owned();
            for form in changed(&tag) {
                let answer = server.client().ask("GET", path, &[("if-none-match", &*form)]);
                assert_eq!((answer.status, answer.header("etag")), (304, &*tag), "{path} {form}");
                let several = format!("\"x\", {form}");
                let answer = server.client().ask("GET", path, &[("if-none-match", &*several)]);
                assert_eq!(answer.status, 304, "{path} {several}");
            }
            let bare = tag.trim_start_matches("W/").trim_matches('"');
            for other in ["gzip", "-x", "-gzipx", "-", ";", "-owner"] {
                let other = format!("\"{bare}{other}\"");
                let answer = server.client().ask("GET", path, &[("if-none-match", &*other)]);
                assert_eq!(answer.status, 200, "{path} {other}");
            }
        }
        let before = server.get(ROOM).header("etag").to_owned();
        for (price, form) in changed(&before).into_iter().enumerate() {
            let now = changed(server.get(ROOM).header("etag")).swap_remove(price);
            let patch = format!("{{\"price\":{}}}", 1_000 + price);
            let send = |tag: &str| {
                let headers = [PATCH, ("if-match", tag)];
                server.owner().send("PATCH", ROOM, &headers, patch.as_bytes()).status
            };
            assert_eq!(send(&now), 200, "{now}");
            assert_eq!(send(&form), 412, "an old state: {form}");
        }
    }
}

#[test]
fn a_compressed_body_and_another_charset_are_refused_with_what_is_accepted() {
    let server = Server::with_owner_and_sample_rooms(&Storage::Memory);
    let session = owner::session(&server.client());
    let room = br#"{"size":1,"price":2,"latitude":3,"longitude":4}"#;
    let csv = b"size,price,latitude,longitude\n1,2,3,4\n";
    let form = b"size=1&price=2&latitude=3&longitude=4";
    let send = |path: &str, media_type: &str, coding: &str, body: &[u8]| {
        let mut headers = vec![("content-type", media_type)];
        headers.extend((!coding.is_empty()).then_some(("content-encoding", coding)));
        if path == "/rooms/add" || media_type.starts_with("multipart") {
            headers.push(("cookie", &session));
            return server.client().send("POST", path, &headers, body);
        }
        server.owner().send("POST", path, &headers, body)
    };
    for (path, media_type, body) in [
        ("/rooms", "application/json", &room[..]),
        ("/rooms/import", "text/csv", csv),
        ("/rooms/import", "multipart/form-data; boundary=x", b"--x--"),
        ("/rooms/add", "application/x-www-form-urlencoded", form),
    ] {
        for coding in ["gzip", "GZIP", "x-gzip", "br", "identity, gzip", "unknown"] {
            let answer = send(path, media_type, coding, body);
            assert_eq!(answer.status, 415, "{path} {coding}");
            assert!(answer.body.contains("not compressed"), "{}", answer.body);
            assert_eq!(answer.header("accept-encoding"), "identity", "{path}");
        }
        for charset in ["iso-8859-1", "windows-1252", "utf-16", "\"UTF-16LE\""] {
            let answer = send(path, &format!("{media_type}; charset={charset}"), "", body);
            assert_eq!(answer.status, 415, "{path} {charset}");
            let named = charset.trim_matches('"').to_lowercase();
            assert!(answer.body.to_lowercase().contains(&named), "{}", answer.body);
        }
        for (charset, coding) in [("utf-8", ""), ("UTF-8", "identity"), ("\"utf8\"", " ")] {
            let answer = send(path, &format!("{media_type}; charset={charset}"), coding, body);
            assert_ne!(answer.status, 415, "{path} {charset} {coding}: {}", answer.body);
        }
    }
}

fn log_in(server: &Server, headers: &[(&str, &str)]) -> Answer {
    let address = owner::new_address();
    let form = ("content-type", "application/x-www-form-urlencoded");
    let headers = [&[form, ("x-forwarded-for", &*address)], headers].concat();
    server.client().send("POST", "/log-in", &headers, format!("token={TOKEN}").as_bytes())
}

#[test]
fn a_log_in_works_if_the_host_is_equivalent_and_is_refused_with_both_if_not() {
    let hosts = ("RENTOMATIC_SERVER__HOST_NAMES", "rooms.example backend");
    let server = Server::start(&Storage::Memory.url(), &[], &[owner::WRITES, hosts]);
    for (origin, host, scheme) in [
        ("https://rooms.example", "rooms.example", "https"),
        ("https://rooms.example", "rooms.example:443", "https"),
        ("https://rooms.example:443", "Rooms.Example", "https"),
        ("HTTPS://ROOMS.EXAMPLE", "rooms.example", "HTTPS"),
        ("http://rooms.example", "rooms.example:80", "http"),
        ("http://rooms.example:8080", "ROOMS.example:8080", "http"),
        ("http://[::1]:8080", "[0:0:0:0:0:0:0:1]:8080", "http"),
    ] {
        let headers = [("origin", origin), ("host", host), ("x-forwarded-proto", scheme)];
        assert_eq!(log_in(&server, &headers).status, 303, "{headers:?}");
    }
    for (origin, host, scheme) in [
        ("https://rooms.example", "backend:8000", "https"),
        ("https://rooms.example", "rooms.example", "http"),
        ("https://rooms.example", "rooms.example:80", "https"),
        ("https://rooms.example.evil.example", "rooms.example", "https"),
        ("https://evil.example", "rooms.example", "https"),
        ("https://rooms.example:8443", "rooms.example", "https"),
    ] {
        let headers = [("origin", origin), ("host", host), ("x-forwarded-proto", scheme)];
        let answer = log_in(&server, &headers);
        assert_eq!(answer.status, 403, "{headers:?}");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        for part in [origin, &format!("{scheme}://{host}"), "server.trusted_proxies"] {
            assert!(detail.contains(part), "{part}: {detail}");
        }
    }
    for origin in ["null", "", "x", &"x".repeat(5_000)] {
        let answer = log_in(&server, &[("origin", origin), ("host", "rooms.example")]);
        assert!(answer.status == 403 && answer.body.len() < 1_500, "{}", answer.body);
    }
    let elsewhere = [("origin", "http://rooms.example"), ("sec-fetch-site", "cross-site")];
    assert_eq!(log_in(&server, &elsewhere).status, 403);
}

#[test]
fn vary_is_sent_once_with_each_name_once() {
    let server = Server::with_owner_and_sample_rooms(&Storage::Memory);
    for path in [
        "/rooms",
        "/rooms.html",
        "/rooms.csv",
        ROOM,
        "/nothing",
        "/openapi.json",
        "/docs/",
        "/live",
        "/assets/rentomatic.css",
    ] {
        for accept in ["*/*", "text/html"] {
            let head = format!(
                "GET {path} HTTP/1.1\r\nhost: x\r\naccept: {accept}\r\naccept-encoding: gzip\r\nconnection: close\r\n\r\n"
            );
            let answer = raw(server.address(), head.as_bytes()).to_lowercase();
            let head = answer.split("\r\n\r\n").next().unwrap();
            let lines: Vec<_> =
                head.lines().filter_map(|line| line.strip_prefix("vary: ")).collect();
            assert!(lines.len() <= 1, "{path}: {head}");
            let names: Vec<_> = lines.iter().flat_map(|line| line.split(", ")).collect();
            let unique: std::collections::BTreeSet<_> = names.iter().collect();
            assert_eq!(unique.len(), names.len(), "{path}: {head}");
            if head.contains("content-encoding: gzip") && !path.starts_with("/docs") {
                assert!(names.contains(&"accept-encoding"), "{path}: {head}");
            }
        }
    }
}

#[test]
fn a_slash_at_the_end_of_a_path_of_the_rooms_leads_to_the_path_without() {
    let server = Server::with_owner_and_sample_rooms(&Storage::Memory);
    for (path, location) in [
        ("/rooms/", "/rooms"),
        ("/rooms//", "/rooms"),
        ("/rooms/?sort=price&limit=1", "/rooms?sort=price&limit=1"),
        (&format!("{ROOM}/"), ROOM),
        ("/rooms.csv/", "/rooms.csv"),
    ] {
        for method in ["GET", "HEAD", "POST"] {
            let answer = server.client().ask(method, path, &[]);
            assert_eq!((answer.status, answer.header("location")), (308, location), "{path}");
        }
        assert_eq!(server.get(location).status, 200);
    }
    for path in ["//evil.example/", "/%2f/evil.example/", "/nothing/", "/live/", "//rooms/"] {
        let answer = server.get(path);
        assert_eq!((answer.status, answer.header("location")), (404, ""), "{path}");
    }
}

/// A request that is refused before its chunked body is read.
#[test]
fn an_endless_chunked_body_that_nobody_reads_ends_with_its_connection() {
    let settings = [owner::WRITES, ("RENTOMATIC_SERVER__BODY_TIMEOUT_S", "1")];
    let server = Server::start(&Storage::Memory.url(), &[], &settings);
    for path in ["/rooms", "/rooms/import", "/log-in", "/nothing", "/rooms/add"] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: evil.example\r\ncontent-type: text/csv\r\n\
             transfer-encoding: chunked\r\n\r\n"
        );
        let begin = Instant::now();
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        let (mut answer, mut sent, mut part) = (Vec::new(), 0_usize, [0; 4_096]);
        let chunk = [b"1000\r\n", &[b'x'; 4_096][..], b"\r\n"].concat();
        // It sends for as long as the server takes it.
        let is_closed = loop {
            if begin.elapsed() > PATIENCE {
                break false;
            }
            if stream.write_all(&chunk).is_err() {
                break true;
            }
            sent += chunk.len();
            match stream.read(&mut part) {
                Ok(0) => break true,
                Ok(read) => answer.extend(&part[..read]),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(_) => break true,
            }
        };
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 4"), "{path}: {answer}");
        assert!(answer.to_lowercase().contains("connection: close"), "{path}: {answer}");
        assert!(is_closed && begin.elapsed() < Duration::from_secs(20), "{path}: {sent} bytes");
        // One that sends nothing more holds the connection no longer either.
        let begin = Instant::now();
        let mut idle = TcpStream::connect(server.address()).unwrap();
        idle.set_read_timeout(Some(PATIENCE)).unwrap();
        idle.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        let _ = idle.read_to_string(&mut answer);
        assert!(answer.starts_with("HTTP/1.1 4"), "{path}: {answer}");
        assert!(begin.elapsed() < Duration::from_secs(20), "{path}: {:?}", begin.elapsed());
    }
}
