//! Who may write: whoever shows the admin token (RFC 6750), or logged in with it.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HOST, HeaderMap, HeaderName, ORIGIN};
use actix_web::{FromRequest, HttpRequest, web};
use subtle::ConstantTimeEq;

use super::problem::Problem;
use super::{Catalogue, session};
use crate::settings::AdminToken;

/// Where a browser says whose page makes a request (W3C, "Fetch Metadata Request Headers").
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The proof that a request comes from the owner; a handler that writes asks for it first.
pub struct Owner;

impl FromRequest for Owner {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(authorize(request).map(|()| Self))
    }
}

fn authorize(request: &HttpRequest) -> Result<(), Problem> {
    let token = admin_token(request).ok_or_else(Problem::writes_are_off)?;
    match bearer(request.headers()) {
        Some(shown) if is_same(shown, token) => Ok(()),
        Some(_) => Err(Problem::unauthorized("This is not the admin token")),
        // A browser sends the session's cookie by itself, so it must be our page that asks.
        None if session::is_held(request, token) => same_origin(request),
        None => Err(Problem::unauthorized(
            "Show the admin token: Authorization: Bearer TOKEN. In a browser, log in at /log-in",
        )),
    }
}

/// What a page shows depends on who looks at it.
#[derive(Clone, Copy)]
pub struct Viewer {
    /// Whether there is a token to log in with.
    pub can_log_in: bool,
    /// Whether this is somebody who has done so.
    pub is_logged_in: bool,
}

impl Viewer {
    /// Who asks.
    pub fn of(request: &HttpRequest) -> Self {
        let token = admin_token(request);
        Self {
            can_log_in: token.is_some(),
            is_logged_in: token.is_some_and(|token| session::is_held(request, token)),
        }
    }
}

/// The token that the owner has; without one, nobody can write.
pub fn admin_token(request: &HttpRequest) -> Option<&AdminToken> {
    request.app_data::<web::Data<Catalogue>>()?.admin_token.as_ref()
}

/// Whether this is the token, in a time that does not tell how much of it is right.
pub fn is_same(shown: &[u8], token: &AdminToken) -> bool {
    shown.ct_eq(token.as_bytes()).into()
}

fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let (scheme, shown) = headers.get(AUTHORIZATION)?.as_bytes().split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then_some(shown)
}

/// Refuses what a page of another site makes a browser send.
///
/// Browsers say whose page asks in `Sec-Fetch-Site`, at least to servers that they trust, and else in
/// `Origin`; neither can be set by a page. What says neither is no browser.
pub fn same_origin(request: &HttpRequest) -> Result<(), Problem> {
    let header = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    let is_ours = match (header(SITE), header(ORIGIN)) {
        (Some(site), _) => ["same-origin", "none"].contains(&site),
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == header(HOST)
        }
        (None, None) => true,
    };
    if is_ours { Ok(()) } else { Err(Problem::cross_site()) }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_our_own_pages_may_use_a_session() {
        for (site, origin, is_ours) in [
            (None, None, true),
            (Some("same-origin"), Some("http://rooms.example:8080"), true),
            (Some("none"), None, true),
            (Some("cross-site"), None, false),
            (Some("same-site"), Some("http://rooms.example:8080"), false),
            (Some("nonsense"), None, false),
            (None, Some("http://rooms.example:8080"), true),
            (None, Some("https://rooms.example:8080"), true),
            (None, Some("http://rooms.example"), false),
            (None, Some("http://rooms.example:8081"), false),
            (None, Some("http://evil.example"), false),
            (None, Some("http://evil.example/rooms.example:8080"), false),
            (None, Some("null"), false),
            (None, Some(""), false),
        ] {
            let mut request = TestRequest::default().insert_header((HOST, "rooms.example:8080"));
            if let Some(site) = site {
                request = request.insert_header((SITE, site));
            }
            if let Some(origin) = origin {
                request = request.insert_header((ORIGIN, origin));
            }
            let verdict = same_origin(&request.to_http_request());
            assert_eq!(verdict.is_ok(), is_ours, "{site:?} {origin:?}");
        }
    }
}
