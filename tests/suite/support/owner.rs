//! The owner of the rooms, who may write: with the admin token, or with a session in a browser.

use super::client::{Answer, Client};

/// The admin token of every server under test that accepts writes.
pub const TOKEN: &str = "0f8fad5bd9cb469fa16570867728950e";

/// The environment variable that lets a server accept the owner's writes.
pub const WRITES: (&str, &str) = ("RENTOMATIC_WRITES__ADMIN_TOKEN", TOKEN);

/// The value of the header `Authorization` with the token.
pub fn bearer() -> String {
    format!("Bearer {TOKEN}")
}

/// Logs in as a browser does; returns the answer, which sets the session's cookie.
pub fn log_in(client: &Client, token: &str, next: &str) -> Answer {
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", "text/html"),
        ("sec-fetch-site", "same-origin"),
    ];
    let form = format!("token={token}&next={next}");
    client.send("POST", "/log-in", &headers, form.as_bytes())
}

/// The session of an owner who has just logged in, for the header `Cookie`.
pub fn session(client: &Client) -> String {
    let answer = log_in(client, TOKEN, "/rooms");
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}
