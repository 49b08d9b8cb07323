//! Who is logged in: a cookie that the server signed (RFC 6265), so that nothing needs to be kept.
//!
//! Its key is derived from the admin token. So all servers with the same token know each other's
//! sessions, and a new token ends every one of them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, CookieJar, Key, SameSite};

use crate::settings::AdminToken;

/// The cookie's name.
const COOKIE: &str = "rentomatic_session";

/// How long a session lasts, unless the browser is closed before.
const LIFETIME: Duration = Duration::from_hours(12);

/// A session that begins now.
pub fn begin(request: &HttpRequest, token: &AdminToken) -> Cookie<'static> {
    let mut jar = CookieJar::new();
    let until = (now() + LIFETIME).as_secs().to_string();
    jar.signed_mut(&key(token)).add(cookie(request, until));
    jar.get(COOKIE).cloned().unwrap_or_else(|| end(request))
}

/// What makes the browser forget its session.
pub fn end(request: &HttpRequest) -> Cookie<'static> {
    let mut cookie = cookie(request, String::new());
    cookie.make_removal();
    cookie
}

/// Whether the request has a session that this server, or another with the same token, began, and
/// that is not over.
pub fn is_held(request: &HttpRequest, token: &AdminToken) -> bool {
    let Some(cookie) = request.cookie(COOKIE) else { return false };
    let mut jar = CookieJar::new();
    jar.add_original(cookie);
    let cookie = jar.signed(&key(token)).get(COOKIE);
    let until = cookie.and_then(|cookie| cookie.value().parse().ok());
    until.is_some_and(|until| now().as_secs() < until)
}

/// For this server alone, out of reach of scripts, and never sent on behalf of another site's page.
fn cookie(request: &HttpRequest, value: String) -> Cookie<'static> {
    Cookie::build(COOKIE, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(request.connection_info().scheme() == "https")
        .finish()
}

fn key(token: &AdminToken) -> Key {
    Key::derive_from(token.as_bytes())
}

/// Since 1970.
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn token(text: &str) -> AdminToken {
        AdminToken::new(text.to_owned()).unwrap()
    }

    fn is_known(cookie: &Cookie<'static>, by: &AdminToken) -> bool {
        is_held(&TestRequest::default().cookie(cookie.clone()).to_http_request(), by)
    }

    #[test]
    fn a_session_is_known_by_those_with_the_same_token_until_it_is_over() {
        let ours = token("0f8fad5bd9cb469fa16570867728950e");
        let others = token("7c9e6679742540de944be07fc1f90ae7");
        let request = TestRequest::default().to_http_request();
        let session = begin(&request, &ours);
        assert!(is_known(&session, &ours));
        assert!(!is_known(&session, &others));
        assert!(!is_known(&end(&request), &ours));

        // What the server signed long ago, and what nobody signed.
        let mut jar = CookieJar::new();
        jar.signed_mut(&key(&ours)).add(cookie(&request, "1700000000".to_owned()));
        assert!(!is_known(jar.get(COOKIE).unwrap(), &ours));
        assert!(!is_known(&cookie(&request, "99999999999".to_owned()), &ours));
        let mut later = session.value().to_owned();
        later.replace_range(later.len() - 10.., "9999999999");
        assert!(!is_known(&cookie(&request, later), &ours));
    }

    #[test]
    fn a_session_is_for_this_site_alone() {
        let ours = token("0f8fad5bd9cb469fa16570867728950e");
        for (scheme, is_secure) in [("http", false), ("https", true)] {
            let request = TestRequest::default().insert_header(("X-Forwarded-Proto", scheme));
            for cookie in [
                begin(&request.to_http_request(), &ours),
                end(&TestRequest::default()
                    .insert_header(("X-Forwarded-Proto", scheme))
                    .to_http_request()),
            ] {
                let text = cookie.to_string();
                assert!(text.contains("HttpOnly; SameSite=Strict"), "{text}");
                assert_eq!(text.contains("; Secure"), is_secure, "{text}");
                assert!(text.contains("; Path=/"), "{text}");
                assert!(!text.contains("Domain"), "{text}");
            }
        }
    }
}
