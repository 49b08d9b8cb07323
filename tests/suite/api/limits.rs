//! What a request may bring, and how long it may take to come: each of it a setting.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::owner::{self, TOKEN};
use crate::support::server::{PATIENCE, Server};
use crate::support::storage::Storage;

/// A server with smaller limits than usual.
fn strict() -> Server {
    let settings = [
        owner::WRITES,
        ("RENTOMATIC_SERVER__HEAD_TIMEOUT_S", "1"),
        ("RENTOMATIC_SERVER__BODY_TIMEOUT_S", "1"),
        ("RENTOMATIC_SERVER__KEEP_ALIVE_S", "1"),
        ("RENTOMATIC_SERVER__MAX_URI_BYTES", "100"),
        ("RENTOMATIC_SERVER__MAX_BODY_KIB", "2"),
        ("RENTOMATIC_SERVER__MAX_IMPORT_MIB", "1"),
    ];
    Server::start(&Storage::Memory.url(), &[], &settings)
}

#[test]
fn how_large_a_request_may_be_is_a_setting() {
    let server = strict();
    let longest = format!("/rooms?of={}", "x".repeat(90));
    assert_eq!(server.get(&longest).status, 200);
    let longer = server.get(&format!("{longest}x"));
    assert_eq!(longer.status, 414);
    assert!(longer.body.contains("101 bytes; the limit is 100"), "{}", longer.body);

    for (path, media_type, most) in
        [("/rooms", "application/json", 2 << 10), ("/rooms/import", "text/csv", 1 << 20)]
    {
        let headers = [("content-type", media_type)];
        let send = |length| server.owner().send("POST", path, &headers, &vec![b' '; length]);
        let (largest, larger) = (send(most), send(most + 1));
        assert_eq!((largest.status, larger.status), (400, 413), "{path}");
        assert!(larger.body.contains(&format!("at most {most} bytes")), "{}", larger.body);
    }
}

#[test]
fn how_long_a_request_may_take_to_come_is_a_setting() {
    let server = strict();
    let unfinished = |path: &str, media_type: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: {media_type}\r\n\
             authorization: Bearer {TOKEN}\r\ncontent-length: 100\r\n\r\n{{"
        )
    };
    // A head that does not end, a body and a file that do not, and a connection on which nothing more is
    // asked.
    for (sent, answer) in [
        ("GET /rooms HTTP/1.1\r\n", "HTTP/1.1 408"),
        (unfinished("/rooms", "application/json").as_str(), "HTTP/1.1 408"),
        (unfinished("/rooms/import", "text/csv").as_str(), "HTTP/1.1 408"),
        ("GET /live HTTP/1.1\r\nhost: x\r\n\r\n", "HTTP/1.1 200"),
    ] {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let begin = Instant::now();
        stream.write_all(sent.as_bytes()).unwrap();
        let mut received = Vec::new();
        let end = stream.read_to_end(&mut received);
        let received = String::from_utf8_lossy(&received);
        assert!(received.starts_with(answer), "{sent:?}: {received}, {end:?}");
        // The usual ones are 5, 10 and 75 s.
        assert!(begin.elapsed() < Duration::from_secs(4), "{sent:?}: {:?}", begin.elapsed());
    }
}
