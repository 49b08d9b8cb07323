//! What nginx refuses before a server sees it, and what it lets the server know.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::{FIRST, Proxy, THIRD};
use crate::support::client::raw;
use crate::support::owner;
use crate::support::server::PATIENCE;

#[test]
fn what_is_refused_is_logged_with_its_path_and_status_and_without_its_query() {
    let Some(proxy) = Proxy::start(&[FIRST]) else { return };
    let client = proxy.client();
    let endless = format!("/{}", "x".repeat(300));
    client.ask("GET", "/rooms/evil?token=secret", &[("host", "evil.example")]);
    client.ask("TRACE", "/rooms/trace", &[]);
    client.get("/metrics?token=secret");
    client.send("POST", "/rooms", &[], &vec![b'x'; 64 * 1024 + 1]);
    client.ask("GET", &endless, &[("host", "evil.example")]);
    let log = || fs::read_to_string(proxy.folder.path().join("access.log")).unwrap();
    let short = &endless[..200];
    for line in [
        "127.0.0.1 GET /rooms/evil 421 ",
        "127.0.0.1 TRACE /rooms/trace 405 ",
        "127.0.0.1 GET /metrics 404 ",
        "127.0.0.1 POST /rooms 413 ",
        &format!("127.0.0.1 GET {short} 421 "),
    ] {
        proxy.wait_for(line, |_| log().contains(line));
    }
    assert!(!log().contains("secret") && !log().contains("/refused"), "{}", log());
}

#[test]
fn one_address_cannot_try_many_tokens() {
    let Some(proxy) = Proxy::start(&[FIRST]) else { return };
    let client = proxy.client();
    // There is no server, so a request that is passed on gets a 503.
    let statuses = |method: &str, path: &str| {
        let ask = |_| client.send(method, path, &[], b"token=guess").status;
        (0..20).map(ask).collect::<Vec<_>>()
    };
    assert_eq!(statuses("GET", "/log-in"), [503; 20]);
    assert_eq!(statuses("POST", "/log-out"), [503; 20]);
    let guesses = statuses("POST", "/log-in");
    assert_eq!(guesses[..6], [503; 6]);
    assert!(guesses.iter().filter(|status| **status == 429).count() >= 10, "{guesses:?}");
    // The same path in other words.
    for path in ["/%6cog-in", "//log-in", "/log-in?x=1", "/x/../log-in"] {
        assert!(statuses("POST", path).contains(&429), "{path}");
    }
    let refused = client.send("POST", "/log-in", &[], b"token=guess");
    assert_eq!((refused.status, refused.header("retry-after")), (429, "1"));
    let detail = refused.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("1 log-in per second"), "{detail}");
}

#[test]
fn an_import_that_is_refused_does_not_have_to_be_sent() {
    // The first address has no server, so nginx has to try the other.
    let Some(proxy) = Proxy::start(&[THIRD, FIRST]) else { return };
    let server = proxy.web(FIRST);
    for chunked in [false, true] {
        let length =
            if chunked { "transfer-encoding: chunked" } else { "content-length: 67000000" };
        let head = format!(
            "POST /rooms/import HTTP/1.1\r\nhost: x\r\ncontent-type: text/csv\r\n{length}\r\n\r\n"
        );
        for _ in 0..10 {
            let mut stream = TcpStream::connect(proxy.address()).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream.write_all(head.as_bytes()).unwrap();
            if chunked {
                stream.write_all(b"10000\r\n").unwrap();
            }
            let _ = stream.write_all(&vec![b'x'; 64 * 1024]);
            let mut status = [0; 12];
            stream.read_exact(&mut status).unwrap();
            assert_eq!(String::from_utf8_lossy(&status), "HTTP/1.1 403", "{}", server.log());
        }
    }
}

#[test]
fn an_import_of_many_parts_arrives_complete() {
    let Some(proxy) = Proxy::start(&[THIRD, FIRST]) else { return };
    let bind = format!("{FIRST}:{}", proxy.port());
    let _server =
        crate::support::server::Server::start("memory:", &["--bind", &bind], &[owner::WRITES]);
    let rows = "10,20,1.5,2.5\n".repeat(20_000);
    let file = ["size,price,latitude,longitude\n", &rows].concat();
    let client = proxy.owner();
    let answer =
        client.send("POST", "/rooms/import", &[("content-type", "text/csv")], file.as_bytes());
    assert_eq!((answer.status, answer.json()["added"].as_u64()), (200, Some(20_000)));
}

/// What a server receives for this request, in lower case.
pub fn received(proxy: &Proxy, request: &str) -> String {
    // Any other process may just have this port for a connection of its own.
    let deadline = Instant::now() + PATIENCE;
    let web = loop {
        match TcpListener::bind((FIRST, proxy.port())) {
            Err(_) if Instant::now() < deadline => thread::sleep(Duration::from_millis(50)),
            web => break web.unwrap(),
        }
    };
    let seen = thread::spawn(move || {
        let (mut stream, _) = web.accept().unwrap();
        let mut head = vec![0; 4096];
        let length = stream.read(&mut head).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
        String::from_utf8(head[..length].to_vec()).unwrap().to_lowercase()
    });
    let answer = raw(proxy.address(), request.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    seen.join().unwrap()
}

#[test]
fn the_server_gets_the_host_that_nginx_checked() {
    let Some(proxy) = Proxy::start(&[FIRST]) else { return };
    for (target, host, expected) in [
        ("/rooms", "ROOMS.example:8443", "rooms.example:8443"),
        ("/rooms", "[2001:db8::1]:80", "[2001:db8::1]:80"),
        ("/rooms", "[2001:db8::1]", "[2001:db8::1]"),
        // Only the target's host is checked (RFC 9112, section 3.2.2).
        ("http://rooms.example/rooms", "evil.example", "rooms.example"),
    ] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let seen = received(&proxy, &request);
        let line = format!("host: {expected}");
        assert!(seen.lines().any(|sent| sent == line), "{line} is not in {seen}");
        assert!(!seen.contains("evil"), "{seen}");
    }
    let seen = received(&proxy, "GET /rooms HTTP/1.0\r\n\r\n");
    assert!(seen.lines().any(|sent| sent == "host: localhost"), "{seen}");
}
