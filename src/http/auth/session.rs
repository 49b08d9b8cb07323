//! Sessions: a cookie that the server signs (RFC 6265), so that no server stores them.
//!
//! The signing key is derived from the admin token. So all servers with the same token accept each
//! other's sessions, and a new token ends all of them.
//!
//! A browser sends the cookie by itself, so another site's page must not be able to use it (cross-site
//! request forgery).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, CookieJar, Key, SameSite};
use actix_web::http::header::{HOST, HeaderName, ORIGIN};

use crate::http::problem::Problem;
use crate::http::request::is_https;
use crate::settings::AdminToken;

const COOKIE: &str = "rentomatic_session";

/// How long a session lasts, unless the browser is closed earlier.
const LIFETIME: Duration = Duration::from_hours(12);

/// The relation between a request and the page that caused it (W3C, "Fetch Metadata Request Headers").
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A session that begins now.
pub fn begin(request: &HttpRequest, token: &AdminToken) -> Cookie<'static> {
    let mut jar = CookieJar::new();
    let until = (now() + LIFETIME).as_secs().to_string();
    jar.signed_mut(&key(token)).add(cookie(request, until));
    jar.get(COOKIE).cloned().unwrap_or_else(|| end(request))
}

/// A cookie that makes the browser delete its session.
pub fn end(request: &HttpRequest) -> Cookie<'static> {
    let mut cookie = cookie(request, String::new());
    cookie.make_removal();
    cookie
}

/// Whether the request has a session that a server with this token began, and that has not expired.
pub fn is_valid(request: &HttpRequest, token: &AdminToken) -> bool {
    let Some(cookie) = request.cookie(COOKIE) else { return false };
    let mut jar = CookieJar::new();
    jar.add_original(cookie);
    let cookie = jar.signed(&key(token)).get(COOKIE);
    let until = cookie.and_then(|cookie| cookie.value().parse().ok());
    until.is_some_and(|until| now().as_secs() < until)
}

/// Refuses a request that another site's page makes a browser send.
///
/// Browsers send `Sec-Fetch-Site`, at least to servers that they trust, and otherwise `Origin`; a page
/// can set neither. A client that sends neither is not a browser.
pub fn require_same_origin(request: &HttpRequest) -> Result<(), Problem> {
    let header = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    let is_same = match (header(SITE), header(ORIGIN)) {
        (Some(site), _) => ["same-origin", "none"].contains(&site),
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == header(HOST)
        }
        (None, None) => true,
    };
    if is_same { Ok(()) } else { Err(Problem::cross_site()) }
}

/// Only for this server, not readable by scripts, and never sent for another site's page.
fn cookie(request: &HttpRequest, value: String) -> Cookie<'static> {
    Cookie::build(COOKIE, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(is_https(request))
        .finish()
}

fn key(token: &AdminToken) -> Key {
    Key::derive_from(token.as_bytes())
}

/// The time since 1970.
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
