//! Sessions: a cookie (RFC 6265) with a random id, whose hash is stored next to the rooms.
//!
//! The hash is also made from the admin token. So a new token ends all sessions, and nobody can begin one by
//! writing to the database.
//!
//! A browser sends the cookie by itself, so another site's page must not be able to use it (cross-site
//! request forgery).

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::{COOKIE, HeaderName, ORIGIN};
use actix_web::{HttpMessage, HttpRequest, rt};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use sha2::{Digest, Sha256};
use url::Url;

use crate::http::problem::Problem;
use crate::http::request::{host, is_https};
use crate::http::state::AppState;
use crate::settings::AdminToken;
use crate::use_cases::{SessionHash, UnixTime};

const NAME: &str = "rentomatic_session";

/// Over HTTPS. Because of the prefix, a browser accepts the cookie only from this host, and never over HTTP
/// (RFC 6265bis, section 4.1.3.2).
const NAME_OVER_HTTPS: &str = "__Host-rentomatic_session";

/// The relation between a request and the page that caused it (W3C, "Fetch Metadata Request Headers").
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether the session of a request is valid; a problem if the storage cannot say.
struct Checked(Result<bool, Problem>);

/// Looks up the session of a request, for [`is_valid`]. A request without a cookie costs nothing.
pub async fn look_up(request: &HttpRequest) {
    let Some(state) = AppState::of(request) else { return };
    let Some(hash) = hash_of_cookie(request, state) else { return };
    // Boxed: this future is large, and only a request with a cookie should pay for its size.
    let is_valid = Box::pin(check(state, hash)).await;
    request.extensions_mut().insert(Checked(is_valid));
}

async fn check(state: &AppState, hash: SessionHash) -> Result<bool, Problem> {
    let now = UnixTime::now();
    let (hash, found) = state
        .access
        .run_on_sessions(move |sessions| sessions.find_session(&hash).map(|found| (hash, found)))
        .await?;
    let session = found.filter(|session| session.is_valid(now));
    if session.is_some_and(|session| session.needs_touch(now)) {
        let access = state.access.clone();
        // In the background, because on SQLite the write may wait for an import. If it fails, the next
        // request tries again.
        rt::spawn(async move {
            let touch = access.run_on_sessions(move |sessions| sessions.touch_session(&hash, now));
            drop(touch.await);
        });
    }
    Ok(session.is_some())
}

/// Whether the request has a session that has neither ended nor expired.
pub fn is_valid(request: &HttpRequest) -> Result<bool, Problem> {
    request.extensions().get().map_or(Ok(false), |Checked(is_valid)| is_valid.clone())
}

/// Begins a session, instead of the one that the request has, if any. The result is its cookie.
pub async fn begin(
    request: &HttpRequest,
    state: &AppState,
    token: &AdminToken,
) -> Result<Cookie<'static>, Problem> {
    let id = random_id()?;
    let (new, old) = (hash(&id, token), hash_of_cookie(request, state));
    let begin = state.access.run_on_sessions(move |sessions| {
        sessions.begin_session(&new, UnixTime::now())?;
        old.map_or(Ok(()), |old| sessions.end_session(&old))
    });
    begin.await?;
    Ok(cookie(request, BASE64.encode(id)))
}

/// Ends the session of the request, if it has one. The result makes the browser delete the cookie.
pub async fn end(request: &HttpRequest, state: &AppState) -> Result<Cookie<'static>, Problem> {
    if let Some(hash) = hash_of_cookie(request, state) {
        state.access.run_on_sessions(move |sessions| sessions.end_session(&hash)).await?;
    }
    Ok(removal(request))
}

/// Ends all sessions. The result makes the browser delete the cookie.
pub async fn end_all(request: &HttpRequest, state: &AppState) -> Result<Cookie<'static>, Problem> {
    state.access.run_on_sessions(|sessions| sessions.end_all_sessions()).await?;
    Ok(removal(request))
}

/// Refuses a request that another site's page makes a browser send.
///
/// Browsers send `Sec-Fetch-Site`, at least to servers that they trust, and otherwise `Origin`; a page
/// can set neither. A client that sends neither is not a browser.
pub fn require_same_origin(request: &HttpRequest) -> Result<(), Problem> {
    let header = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    match (header(SITE), header(ORIGIN)) {
        (Some("same-origin" | "none"), _) | (None, None) => Ok(()),
        (Some(_), _) => Err(Problem::cross_site()),
        (None, Some(page)) => {
            let scheme = if is_https(request) { "https" } else { "http" };
            let here = format!("{scheme}://{}", host(request).unwrap_or_default());
            if is_same_origin(page, &here) {
                Ok(())
            } else {
                Err(Problem::other_origin(page, &here))
            }
        }
    }
}

/// Whether two origins are equivalent: capitals in the host do not count, nor does the scheme's usual port
/// (RFC 6454, section 5).
fn is_same_origin(one: &str, other: &str) -> bool {
    let origin = |text: &str| Url::parse(text).ok().map(|url| url.origin());
    let (one, other) = (origin(one), origin(other));
    // An origin that hides itself ("null") has no URL.
    one.is_some() && one == other
}

fn cookie_name(request: &HttpRequest) -> &'static str {
    if is_https(request) { NAME_OVER_HTTPS } else { NAME }
}

/// Only for this server, not readable by scripts, and never sent for another site's page.
fn cookie(request: &HttpRequest, value: String) -> Cookie<'static> {
    Cookie::build(cookie_name(request), value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(is_https(request))
        .finish()
}

fn removal(request: &HttpRequest) -> Cookie<'static> {
    let mut cookie = cookie(request, String::new());
    cookie.make_removal();
    cookie
}

/// 256 bits from the operating system.
fn random_id() -> Result<[u8; 32], Problem> {
    let mut id = [0; 32];
    getrandom::fill(&mut id).map_err(|error| Problem::internal(&error))?;
    Ok(id)
}

/// The hash of the id in the request's cookie, if it has one that could be ours.
fn hash_of_cookie(request: &HttpRequest, state: &AppState) -> Option<SessionHash> {
    if !request.headers().contains_key(COOKIE) {
        return None;
    }
    let token = state.admin_token.as_ref()?;
    let cookie = request.cookie(cookie_name(request))?;
    let id = BASE64.decode(cookie.value()).ok()?;
    Some(hash(&id.try_into().ok()?, token))
}

/// The hash under which a session is stored. The id has a fixed length, so no other id and token have the
/// same bytes.
fn hash(id: &[u8; 32], token: &AdminToken) -> SessionHash {
    let hash = Sha256::new().chain_update(id).chain_update(token.as_bytes()).finalize();
    SessionHash(BASE64.encode(hash))
}
