//! The owner of the rooms, who may write: with the admin token, or with a session in a browser.

use std::sync::atomic::{AtomicU32, Ordering};

use super::client::{Answer, Client};

/// The admin token of every server under test that accepts writes.
pub const TOKEN: &str = "0f8fad5bd9cb469fa16570867728950e";

/// The environment variable that lets a server accept the owner's writes.
pub const WRITES: (&str, &str) = ("RENTOMATIC_WRITES__ADMIN_TOKEN", TOKEN);

/// The value of the header `Authorization` with the token.
pub fn bearer() -> String {
    format!("Bearer {TOKEN}")
}

/// Logs in as a browser does; returns the answer, which sets the session's cookie. Each time from another
/// address, so that a test may log in as often as it likes.
pub fn log_in(client: &Client, token: &str, next: &str) -> Answer {
    let address = new_address();
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", "text/html"),
        ("sec-fetch-site", "same-origin"),
        ("x-forwarded-for", &*address),
    ];
    let form = format!("token={token}&next={next}");
    client.send("POST", "/log-in", &headers, form.as_bytes())
}

/// The address of a client that has not come before, for `X-Forwarded-For`.
pub fn new_address() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(u32::from_be_bytes([198, 18, 0, 0]));
    std::net::Ipv4Addr::from(NEXT.fetch_add(1, Ordering::Relaxed)).to_string()
}

/// The session of an owner who has just logged in, for the header `Cookie`.
pub fn session(client: &Client) -> String {
    let answer = log_in(client, TOKEN, "/rooms");
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}
