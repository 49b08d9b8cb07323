//! `rentomatic healthcheck`

use crate::support::server::Server;
use crate::support::storage::Storage;
use crate::support::{failure, rentomatic, stdout};

#[test]
fn a_ready_server_is_healthy() {
    let server = Server::over(&Storage::Memory);
    let url = format!("http://{}", server.address());
    assert_eq!(stdout(&mut rentomatic(&["healthcheck", "--url", &url])), "ready\n");
    let slash = format!("{url}/");
    assert_eq!(stdout(&mut rentomatic(&["healthcheck", "--url", &slash])), "ready\n");
    for written in ["/ready", "/ready/", "//", " ", "/ready \n"] {
        let written = format!("{url}{written}");
        assert_eq!(stdout(&mut rentomatic(&["healthcheck", "--url", &written])), "ready\n");
    }
    let mut past_a_proxy = rentomatic(&["healthcheck", "--url", &url]);
    past_a_proxy.env("http_proxy", "http://127.0.0.1:9").env("ALL_PROXY", "http://127.0.0.1:9");
    assert_eq!(stdout(&mut past_a_proxy), "ready\n");
    let mut by_settings = rentomatic(&["healthcheck"]);
    by_settings.env("RENTOMATIC_SERVER__BIND", server.address().replace("127.0.0.1", "0.0.0.0"));
    assert_eq!(stdout(&mut by_settings), "ready\n");
}

#[test]
fn a_server_that_is_not_ready_is_not_healthy() {
    let off = [("RENTOMATIC_DATABASE__MIGRATE_ON_START", "false")];
    let server = Server::start("postgres://127.0.0.1:1/rooms", &[], &off);
    let url = format!("http://{}", server.address());
    let said = failure(&mut rentomatic(&["healthcheck", "--url", &url]), 1);
    assert!(said.contains("responded with 503"), "{said}");
}

#[test]
fn nothing_there_is_not_healthy() {
    let said = failure(&mut rentomatic(&["healthcheck", "--url", "http://127.0.0.1:1"]), 1);
    assert!(said.contains("http://127.0.0.1:1/ready does not respond"), "{said}");
    failure(&mut rentomatic(&["healthcheck", "--url", "nonsense"]), 1);
}
