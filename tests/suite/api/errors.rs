//! What a client is told when it asks wrongly, and what the log says.

use crate::support::client::raw;
use crate::support::server::Server;
use crate::support::storage::Storage;

fn raw_get(server: &Server, target: &str) -> String {
    let request = format!("GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    raw(server.address(), request.as_bytes())
}

#[test]
fn each_wrong_parameter_is_named() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    for (query, parameter, word) in [
        ("filter_foo=1", "filter_foo", "Key foo cannot be used"),
        ("filter_=1", "filter_", "Key  cannot be used"),
        ("filter_price=1", "filter_price", "Key price cannot be used"),
        ("filter_code__ne=1", "filter_code__ne", "Key code__ne cannot be used"),
        ("filter_price__lt=cheap", "filter_price__lt", "whole number"),
        ("filter_price__lt=", "filter_price__lt", "Value \"\""),
        ("filter_price__lt", "filter_price__lt", "Value \"\""),
        ("filter_price__lt=2147483648", "filter_price__lt", "to 2147483647"),
        ("filter_price__lt=1&filter_price__lt=2", "filter_price__lt", "more than once"),
        ("filter_price__lt=1&filter%5Fprice__lt=2", "filter_price__lt", "more than once"),
        ("filter_longitude__gt=NaN", "filter_longitude__gt", "finite"),
        ("filter_latitude__lte=inf", "filter_latitude__lte", "finite"),
        ("filter_code__eq=f853578c", "filter_code__eq", "UUID"),
        ("filter_code__eq=%00", "filter_code__eq", "UUID"),
        ("filter_price__lt=6%000", "filter_price__lt", "whole number"),
        ("filter_price__lt=%ff", "filter_price__lt", "Value \"\u{fffd}\""),
        ("filter_foo=%ff", "filter_foo", "Key foo cannot be used"),
        ("filter_%ff=1", "filter_\u{fffd}", "cannot be used"),
    ] {
        let answer = server.get(&format!("/rooms?{query}"));
        assert_eq!(answer.status, 400, "{query}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.header("vary"), "Accept");
        let body = answer.json();
        assert_eq!(body["errors"][0]["parameter"], parameter, "{query}");
        let message = body["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(word), "{query}: {message}");
    }
}

#[test]
fn the_body_is_the_contracts() {
    let server = Server::over(&Storage::Memory);
    assert_eq!(
        server.get("/rooms?filter_foo=1").body,
        concat!(
            r#"{"type":"ParametersError","title":"Invalid parameters","status":400,"#,
            r#""detail":"filters: Key foo cannot be used","#,
            r#""message":"filters: Key foo cannot be used","#,
            r#""errors":[{"parameter":"filter_foo","message":"Key foo cannot be used"}]}"#
        )
    );
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let server = Server::over(&Storage::Memory);
    let body =
        server.get("/rooms?filter_a=1&filter_price__lt=x&filter_b=2&filter_size__eq=1").json();
    let named: Vec<_> = body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["parameter"].as_str().unwrap())
        .collect();
    assert_eq!(named, ["filter_a", "filter_price__lt", "filter_b"]);
    assert_eq!(body["message"].as_str().unwrap().lines().count(), 3);
}

#[test]
fn a_parameter_that_is_not_ours_is_ignored() {
    let server = Server::over(&Storage::Memory);
    for query in
        ["foo=1", "foo=1&foo=2", "foo", "foo=%ff", "%ff=1", "&&", "=", "Filter_price__lt=x"]
    {
        assert_eq!(server.get(&format!("/rooms?{query}")).codes().len(), 4, "{query}");
    }
}

#[test]
fn a_long_query_is_a_414_that_names_the_parameter() {
    let server = Server::over(&Storage::Memory);
    let digits = "9".repeat(64_000);
    let answer = server.get(&format!("/rooms?page=1&filter_price__lt={digits}"));
    assert_eq!(answer.status, 414);
    let body = answer.json();
    assert_eq!(body["type"], "ParametersError");
    assert_eq!(body["errors"][0]["parameter"], "filter_price__lt");
    assert!(answer.body.len() < 1000);
    // The framework itself refuses what is longer still.
    let answer = raw_get(&server, &format!("/rooms?filter_price__lt={}", "9".repeat(65_536)));
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert_eq!(server.get("/rooms").status, 200);
}

#[test]
fn bytes_that_are_no_url_are_a_400() {
    let server = Server::over(&Storage::Memory);
    let mut request = b"GET /rooms?filter_price__lt=".to_vec();
    request.extend([0xc3, 0x28]);
    request.extend(b" HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    let answer = raw(server.address(), &request);
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert_eq!(server.get("/rooms").status, 200);
}

#[test]
fn an_unknown_path_is_a_404() {
    let server = Server::over(&Storage::Memory);
    for path in ["/room", "/rooms/a/b", "/ROOMS", "//rooms", "/rooms.xml", "/%00"] {
        let answer = server.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.json()["type"], "ResourceError");
    }
}

#[test]
fn a_browser_gets_its_errors_as_pages() {
    let server = Server::over(&Storage::Memory);
    for (path, status, text) in [
        ("/rooms?filter_foo=%3Cb%3E", 400, "Key foo cannot be used"),
        ("/rooms?filter_%3Cscript%3E=1", 400, "Key &#60;script&#62; cannot be used"),
        ("/nowhere", 404, "There is nothing at this path"),
    ] {
        let page = server.client().get_as(path, "text/html");
        assert_eq!(page.status, status);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert!(page.body.contains(text), "{}", page.body);
    }
}

#[test]
fn a_sane_request_id_is_taken_over_and_any_other_is_replaced() {
    let server = Server::over(&Storage::Memory);
    let id = |given: &str| {
        let answer = server.client().ask("GET", "/live", &[("x-request-id", given)]);
        answer.header("x-request-id").to_owned()
    };
    for sane in ["a", "0a1B-._z", &"x".repeat(64)] {
        assert_eq!(id(sane), sane);
    }
    for other in ["", "two words", "a\"b", "<script>", &"x".repeat(65)] {
        assert_eq!(id(other).len(), 36, "{other}");
    }
    assert_ne!(id(""), id(""));
}

#[test]
fn each_request_is_one_line_of_the_log() {
    let server = Server::over(&Storage::Memory);
    server.client().ask("GET", "/rooms?filter_price__lt=60", &[("x-request-id", "one-line")]);
    let log = server.log_with("one-line");
    let lines: Vec<_> = log.lines().filter(|line| line.contains("one-line")).collect();
    assert_eq!(lines.len(), 1);
    for part in ["request", "method=GET", "path=/rooms", "status=200", "duration_ms="] {
        assert!(lines[0].contains(part), "{part} is not in {}", lines[0]);
    }
}

#[test]
fn the_log_is_json_where_that_is_asked_for() {
    let server = Server::start("memory:", &[], &[("RENTOMATIC_LOG__FORMAT", "json")]);
    server.client().ask("GET", "/rooms", &[("x-request-id", "one-object")]);
    let log = server.log_with("one-object");
    let mut requests = 0;
    for line in log.lines() {
        let object: serde_json::Value = serde_json::from_str(line).expect(line);
        if object["request_id"] == "one-object" {
            requests += 1;
            assert_eq!(object["status"], 200);
            assert_eq!(object["path"], "/rooms");
            assert!(object["duration_ms"].is_f64(), "{line}");
        }
    }
    assert_eq!(requests, 1);
}
