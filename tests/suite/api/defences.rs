//! The server's own defences, without a proxy in front: hosts, addresses, guessing, small forms, headers.

use crate::support::client::{Answer, raw_answer};
use crate::support::owner::{self, TOKEN};
use crate::support::server::Server;
use crate::support::storage::Storage;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const WRONG: &str = "1f8fad5bd9cb469fa16570867728950e";

fn server(environment: &[(&str, &str)]) -> Server {
    Server::start(&Storage::Memory.url(), &[], &[&[owner::WRITES], environment].concat())
}

/// An attempt to log in, through a proxy that says from which address it comes.
fn log_in_from(server: &Server, address: &str, token: &str) -> Answer {
    let headers = [FORM, ("x-forwarded-for", address)];
    server.client().send("POST", "/log-in", &headers, format!("token={token}").as_bytes())
}

#[test]
fn a_host_that_is_not_ours_gets_a_421_that_names_the_setting() {
    let server = server(&[("RENTOMATIC_SERVER__HOST_NAMES", "rooms.example, www.rooms.example")]);
    let ask = |path: &str, host: &str| server.client().ask("GET", path, &[("host", host)]);
    for host in [
        "localhost",
        "LOCALHOST:80",
        "127.0.0.1",
        "192.0.2.7:8080",
        "[::1]:8080",
        "rooms.example",
        "Rooms.Example.:443",
        "www.rooms.example",
    ] {
        assert_eq!(ask("/rooms", host).status, 200, "{host}");
    }
    for host in ["evil.example", "localhost.evil.example", "xrooms.example", "127.0.0.1.evil", "a"]
    {
        let answer = ask("/rooms", host);
        assert_eq!(answer.status, 421, "{host}");
        for text in ["server.host_names", "RENTOMATIC_SERVER__HOST_NAMES", host] {
            assert!(answer.json()["detail"].as_str().unwrap().contains(text), "{}", answer.body);
        }
        // Probes and Prometheus use the names of containers.
        for path in ["/live", "/ready", "/metrics"] {
            assert_eq!(ask(path, host).status, 200, "{path} {host}");
        }
    }
    let endless = ask("/rooms", &"a".repeat(5_000));
    assert!(endless.status == 421 && endless.body.len() < 1_500, "{}", endless.body);
    let absolute = "GET http://evil.example/rooms HTTP/1.1\r\nhost: localhost\r\n\r\n";
    assert!(raw_answer(server.address(), absolute.as_bytes()).0.starts_with("HTTP/1.1 421"));
}

#[test]
fn without_the_setting_only_localhost_and_addresses_are_accepted() {
    let server = server(&[("RENTOMATIC_SERVER__HOST_NAMES", "")]);
    let status = |host: &str| server.client().ask("GET", "/rooms", &[("host", host)]).status;
    assert_eq!((status("localhost:8080"), status("10.0.0.1"), status("x")), (200, 200, 421));
}

#[test]
fn only_a_trusted_proxy_says_who_the_client_is_and_that_it_used_https() {
    let headers = [
        ("x-forwarded-for", "6.6.6.6, 203.0.113.9, 10.1.2.3"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "for=6.6.6.6;proto=https;host=evil.example"),
        ("x-forwarded-host", "evil.example"),
    ];
    let year = ("RENTOMATIC_SERVER__HSTS_MAX_AGE_S", "31536000");
    let proxied = server(&[year]);
    let answer = proxied.client().ask("GET", "/rooms", &headers);
    assert_eq!(
        (answer.status, answer.header("strict-transport-security")),
        (200, "max-age=31536000")
    );
    proxied.log_with("client=203.0.113.9");
    let plain = proxied.client().ask("GET", "/rooms", &headers[2..]);
    assert_eq!(plain.header("strict-transport-security"), "");

    let direct =
        server(&[year, ("RENTOMATIC_SERVER__TRUSTED_PROXIES", "192.0.2.0/24 2001:db8::1")]);
    let answer = direct.client().ask("GET", "/rooms", &headers);
    assert_eq!((answer.status, answer.header("strict-transport-security")), (200, ""));
    let cookie = direct.client().send("POST", "/log-out", &headers[1..2], b"");
    assert!(!cookie.header("set-cookie").contains("Secure"), "{}", cookie.header("set-cookie"));
    assert!(!direct.log_with("client=127.0.0.1").contains("6.6.6.6"));
}

#[test]
fn the_log_has_no_addresses_if_it_should_not() {
    let server = server(&[("RENTOMATIC_LOG__CLIENT_ADDRESSES", "false")]);
    assert_eq!(log_in_from(&server, "203.0.113.9", WRONG).status, 401);
    let log = server.log_with("path=/log-in status=401");
    assert!(!log.contains("203.0.113.9") && log.contains("WARN  wrong token"), "{log}");
}

#[test]
fn guessing_is_slow_logged_and_counted() {
    let server = server(&[]);
    let guesses: Vec<_> = (0..12).map(|_| log_in_from(&server, "203.0.113.9", WRONG)).collect();
    assert_eq!(guesses[0].status, 401);
    let refused: Vec<_> = guesses.iter().filter(|guess| guess.status == 429).collect();
    assert!(!refused.is_empty());
    for guess in refused {
        assert_eq!(guess.header("retry-after"), "1");
        assert!(guess.body.contains("Too many attempts to log in"), "{}", guess.body);
    }
    // Another client is not affected, and neither is a program with the right token.
    assert_eq!(log_in_from(&server, "203.0.113.10", TOKEN).status, 303);
    let bearer = |token: &str| {
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", &*authorization), ("x-forwarded-for", "203.0.113.9")];
        server.client().send("POST", "/rooms", &headers, b"").status
    };
    assert_eq!((bearer(WRONG), bearer(TOKEN)), (401, 415));
    // Wrong bearer tokens use up the attempts to log in.
    for _ in 0..20 {
        let authorization = format!("Bearer {WRONG}");
        let headers = [("authorization", &*authorization), ("x-forwarded-for", "203.0.113.11")];
        assert_eq!(server.client().send("POST", "/rooms", &headers, b"").status, 401);
    }
    assert_eq!(log_in_from(&server, "203.0.113.11", WRONG).status, 429);
    // All addresses of an IPv6 network are one client.
    let statuses: Vec<_> = (1..=12)
        .map(|n| log_in_from(&server, &format!("2001:db8:0:1::{n}"), WRONG).status)
        .collect();
    assert!(statuses.contains(&429), "{statuses:?}");
    assert_eq!(log_in_from(&server, "2001:db8:0:2::1", TOKEN).status, 303);

    let wrong = 21
        + [guesses.iter().map(|guess| guess.status).collect(), statuses]
            .concat()
            .iter()
            .filter(|status| **status == 401)
            .count();
    let metrics = server.get("/metrics").body;
    assert!(metrics.contains(&format!("rentomatic_wrong_proofs_total {wrong}\n")), "{metrics}");
    let log = server.log_with("WARN  wrong bearer token client=203.0.113.11");
    assert_eq!(log.lines().filter(|line| line.contains("WARN  wrong ")).count(), wrong);
    assert!(log.contains("wrong token in the log-in form client=203.0.113.9"), "{log}");
}

#[test]
fn a_form_is_small_and_a_large_one_is_refused_by_its_length_alone() {
    let server = server(&[]);
    // Its body never arrives, so it is refused before it is read.
    for (path, most) in [("/log-in", 4 << 10), ("/rooms/add", 32 << 10)] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: {}\r\ncontent-length: {}\r\n\r\n",
            FORM.1,
            most + 1
        );
        let (head, body) = raw_answer(server.address(), head.as_bytes());
        assert!(head.starts_with("HTTP/1.1 413"), "{path}: {head}");
        assert!(body.contains(&format!("at most {most} bytes")), "{body}");
    }
    let fields = |number: usize| vec!["a=b"; number].join("&");
    let send = |number: usize| {
        server.client().send("POST", "/rooms/add", &[FORM], fields(number).as_bytes())
    };
    assert_eq!(send(32).status, 401);
    let many = send(33);
    assert_eq!(many.status, 413);
    assert!(many.body.contains("a form has at most 32 fields"), "{}", many.body);
}

#[test]
fn a_form_with_a_file_has_few_parts_and_is_read_for_the_owner_only() {
    let server = server(&[]);
    let session = owner::session(&server.client());
    let part = |number: usize| {
        format!("--x\r\ncontent-disposition: form-data; name=\"a{number}\"\r\n\r\nb\r\n")
    };
    let body = (0..1_000).map(part).collect::<String>() + "--x--\r\n";
    let media_type = ("content-type", "multipart/form-data; boundary=x");
    let headers = [media_type, ("cookie", session.as_str()), ("sec-fetch-site", "same-origin")];
    let answer = server.client().send("POST", "/rooms/import", &headers, body.as_bytes());
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("more than 8 parts"), "{}", answer.body);
    // A stranger gets a response without having sent the body.
    let head = "POST /rooms/import HTTP/1.1\r\nhost: localhost\r\ncontent-length: 60000000\r\n\
                content-type: multipart/form-data; boundary=x\r\n\r\n";
    assert!(raw_answer(server.address(), head.as_bytes()).0.starts_with("HTTP/1.1 401"));
}

#[test]
fn every_answer_is_kept_from_other_sites_pages() {
    let server = server(&[]);
    for path in ["/rooms", "/rooms.csv", "/nothing", "/log-in", "/live", "/docs", "/rooms/add"] {
        let answer = server.get(path);
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert!(answer.header("permissions-policy").contains("geolocation=()"), "{path}");
        assert_eq!(answer.header("strict-transport-security"), "", "{path}");
    }
}
