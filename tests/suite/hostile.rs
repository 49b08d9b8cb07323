//! Bytes that no honest client sends, to the server itself and through nginx: each is refused or
//! answered, none does harm, and the next client is served.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::nginx::{FIRST, Proxy};
use crate::support::server::Server;
use crate::support::storage::Storage;

/// What is sent, and which statuses may come back for it, the first of several; 0 stands for a
/// connection that is closed without a word.
fn corpus() -> Vec<(&'static str, Vec<u8>, &'static [u16])> {
    let get = |rest: &str| format!("GET /rooms HTTP/1.1\r\nhost: x\r\n{rest}").into_bytes();
    let post = |rest: &str| format!("POST /rooms HTTP/1.1\r\nhost: x\r\n{rest}").into_bytes();
    let target = |target: &str| format!("GET {target} HTTP/1.1\r\nhost: x\r\n\r\n").into_bytes();
    let smuggled = "GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n";
    vec![
        // Where a body ends is said twice (RFC 9112, section 6.3).
        (
            "both lengths",
            post(&format!(
                "content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}"
            )),
            &[400, 403, 415],
        ),
        (
            "two lengths",
            post(&format!("content-length: 0\r\ncontent-length: 38\r\n\r\n{smuggled}")),
            &[400],
        ),
        ("a list of lengths", post(&format!("content-length: 0, 38\r\n\r\n{smuggled}")), &[400]),
        ("a signed length", post("content-length: +1\r\n\r\nx"), &[400]),
        ("a negative length", post("content-length: -1\r\n\r\n"), &[400]),
        (
            "a length beyond numbers",
            post("content-length: 99999999999999999999\r\n\r\n"),
            &[400, 413],
        ),
        ("an unknown coding", post("transfer-encoding: xchunked\r\n\r\n"), &[400, 403, 501]),
        (
            "chunked, and more",
            post("transfer-encoding: chunked, identity\r\n\r\n"),
            &[400, 403, 501],
        ),
        (
            "a tab before chunked",
            post("transfer-encoding:\tchunked\r\n\r\nzz\r\n"),
            &[400, 403, 415, 501],
        ),
        ("no chunk", post("transfer-encoding: chunked\r\n\r\nzz\r\n\r\n"), &[400, 403, 415]),
        (
            "a chunk beyond numbers",
            post("transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\nx"),
            &[400, 403, 413, 415],
        ),
        ("a space before the colon", get("content-length : 5\r\n\r\n"), &[400]),
        ("a folded header", get("x: a\r\n b\r\n\r\n"), &[400, 200]),
        ("a header without a name", get(": x\r\n\r\n"), &[400]),
        ("a zero byte in a header", get("x: a\0b\r\n\r\n"), &[400]),
        ("line feeds alone", b"GET /rooms HTTP/1.1\nhost: x\n\n".to_vec(), &[400, 200]),
        ("two hosts", get("host: y\r\n\r\n"), &[400, 200]),
        ("no host", b"GET /rooms HTTP/1.1\r\n\r\n".to_vec(), &[400, 200]),
        ("HTTP/0.9", b"GET /rooms\r\n\r\n".to_vec(), &[400, 0, 200]),
        ("HTTP/9.9", b"GET /rooms HTTP/9.9\r\nhost: x\r\n\r\n".to_vec(), &[400, 505]),
        ("HTTP/2's preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), &[400, 405, 0]),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(), &[400, 0]),
        ("nothing but ends of lines", b"\r\n\r\n\r\n\r\n".to_vec(), &[400, 0]),
        ("random bytes", (0..=255).cycle().take(4_096).collect(), &[400, 0]),
        ("an odd method", b"BREW /rooms HTTP/1.1\r\nhost: x\r\n\r\n".to_vec(), &[400, 405]),
        (
            "a long method",
            [vec![b'A'; 9_000], b" / HTTP/1.1\r\n\r\n".to_vec()].concat(),
            &[400, 405, 414],
        ),
        (
            "CONNECT",
            b"CONNECT evil.example:80 HTTP/1.1\r\nhost: x\r\n\r\n".to_vec(),
            &[400, 404, 405, 421],
        ),
        ("another's URL", target("http://evil.example/rooms"), &[200, 421]),
        ("no path", target("rooms"), &[400, 404, 421]),
        ("half an escape", target("/rooms?filter_price__lt=%"), &[400]),
        ("no escape", target("/rooms?filter_price__lt=%zz"), &[400]),
        ("an escape that is no UTF-8", target("/rooms?filter_price__lt=%ff%fe"), &[400]),
        ("a zero byte", target("/rooms?sort=%00"), &[400]),
        ("up and out", target("/../../etc/passwd"), &[400, 404]),
        ("up and out, escaped", target("/assets/%2e%2e/%2e%2e/etc/passwd"), &[400, 404]),
        ("a backslash", target("/assets/..\\..\\etc\\passwd"), &[400, 404]),
        (
            "a thousand headers",
            get(&(0..1_000)
                .map(|n| format!("x-{n}: y\r\n"))
                .chain(["\r\n".into()])
                .collect::<String>()),
            &[400, 431],
        ),
        ("a huge header", get(&format!("x: {}\r\n\r\n", "y".repeat(300_000))), &[400, 431, 0]),
        ("a huge cookie", get(&format!("cookie: a={}\r\n\r\n", "b".repeat(12_000))), &[200, 400]),
        ("a range", get("range: bytes=0-1,0-2,0-3\r\n\r\n"), &[200]),
        ("an upgrade", get("connection: upgrade\r\nupgrade: websocket\r\n\r\n"), &[200]),
        ("expectations", post("expect: 200-ok\r\ncontent-length: 1\r\n\r\nx"), &[400, 403, 417]),
    ]
}

/// All that comes back until the server closes, or says no more.
fn send(address: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    // It may have closed before all was sent.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let mut part = vec![0; 65_536];
    while let Ok(length @ 1..) = stream.read(&mut part) {
        answer.extend_from_slice(&part[..length]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

fn check(address: &str, server: &Server, way: &str) {
    let mut wrong = Vec::new();
    for (name, bytes, allowed) in corpus() {
        let answer = send(address, &bytes);
        let status = answer.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
        if !allowed.contains(&status) {
            wrong.push(format!("{name}: {answer:.300}"));
        }
        // nginx's own words are not shown.
        assert!(!answer.contains("nginx/"), "{name}, {way}: {answer}");
    }
    assert!(wrong.is_empty(), "{way}: {wrong:#?}");
    assert_eq!(server.get("/rooms").codes().len(), 4);
    let log = server.log();
    assert!(!log.contains("panicked") && !log.contains("status=5"), "{log}");
    // What was smuggled in never became a request that the server answered.
    assert!(!log.contains("path=/smuggled"), "{way}: {log}");
}

#[test]
fn no_bytes_do_harm_to_the_server_itself() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    check(server.address(), &server, "direct");
}

#[test]
fn no_bytes_do_harm_through_nginx() {
    let Some(proxy) = Proxy::start(&[FIRST]) else { return };
    let server = proxy.web(FIRST);
    proxy.wait_for("the server", |client| client.get("/live").status == 200);
    check(proxy.address(), &server, "through nginx");
}

/// A chunked body whose last chunk is followed by a bare line feed. A parser that takes the next head for
/// trailers would run that request's body as a request.
fn smuggling(first: &str) -> Vec<u8> {
    let smuggled = "GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n";
    format!(
        "{first} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\n\
         POST /log-in HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{smuggled}",
        smuggled.len()
    )
    .into_bytes()
}

/// That it had no effect, and what came back.
fn check_smuggling(address: &str, server: &Server) {
    for first in ["POST /rooms", "POST /log-out", "GET /rooms", "DELETE /rooms/x"] {
        let answer = send(address, &smuggling(first));
        assert!(answer.starts_with("HTTP/1.1 "), "{first}: {answer}");
        // A request that ran would be a 404.
        let log = server.log();
        let is_run = |line: &&str| line.contains("path=/smuggled") && !line.contains("status=400");
        assert_eq!(log.lines().find(is_run), None, "{first}: {answer}");
    }
    assert_eq!(server.get("/rooms").codes().len(), 4);
}

#[test]
fn no_request_is_smuggled_in_after_a_chunked_body() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    check_smuggling(server.address(), &server);
    // The connection ends after any chunked body, with a response that says so.
    let whole = "POST /log-out HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n\
                 GET /live HTTP/1.1\r\nhost: x\r\n\r\n";
    let answer = crate::support::client::raw(server.address(), whole.as_bytes());
    assert!(answer.to_lowercase().contains("connection: close\r\n"), "{answer}");
    assert!(!answer.contains("HTTP/1.1 200"), "{answer}");
    let get = "GET /rooms HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    let answer = crate::support::client::raw(server.address(), get.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("has no body"), "{answer}");
}

#[test]
fn no_request_is_smuggled_in_through_nginx_that_does_not_buffer() {
    let unbuffered = |folder: &std::path::Path| {
        let file = folder.join("nginx.conf");
        let configuration = std::fs::read_to_string(&file).unwrap();
        let http = "proxy_http_version 1.1;";
        assert!(configuration.contains(http));
        let changed =
            configuration.replace(http, "proxy_http_version 1.1; proxy_request_buffering off;");
        std::fs::write(file, changed).unwrap();
    };
    let Some(proxy) = Proxy::start_with(&[FIRST], unbuffered) else { return };
    let server = proxy.web(FIRST);
    proxy.wait_for("the server", |client| client.get("/live").status == 200);
    check_smuggling(proxy.address(), &server);
}
