//! Entity tags, and whether a client already has the current response (RFC 9110, section 13).

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CONTENT_TYPE, ETAG, EntityTag, Header, HeaderName, HeaderValue, IF_NONE_MATCH, IfNoneMatch,
};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use twox_hash::XxHash3_64;

use super::headers::header_value;
use crate::entities::Room;
use crate::http::access::CachedResponse;
use crate::http::problem::Problem;
use crate::http::request::{Representation, hash, room_state};
use crate::use_cases::Version;

/// The content codings with which proxies compress.
const CODINGS: [&str; 4] = ["gzip", "br", "deflate", "zstd"];

/// The first character of the tag of a long list.
const OF_VERSION: char = 'v';

/// The tag of every long list while the repository is in this state. It is sent before the list has been read
/// completely.
pub fn version_tag(version: Version, representation: &str) -> Result<HeaderValue, Problem> {
    let state = hash(&[]) ^ version.0;
    written(&EntityTag::new_weak(format!("{OF_VERSION}{state:016x}-{representation}")))
}

/// Whether the client may have a long list: only then does its tag say anything about the version.
pub fn may_have_version(request: &HttpRequest) -> bool {
    let tags = request.headers().get_all(IF_NONE_MATCH).map(HeaderValue::as_bytes);
    let start = [b'"', OF_VERSION as u8];
    tags.into_iter().any(|tags| tags.windows(start.len()).any(|two| two == start))
}

/// A list that others can share, with its tag: a hash of everything that it consists of. The tag is weak because
/// the list may be compressed.
pub fn shareable(
    representation: &str,
    mut headers: Vec<(HeaderName, HeaderValue)>,
    body: impl Into<Bytes>,
) -> Result<CachedResponse, Problem> {
    let body = body.into();
    let mut seed = 0;
    for (name, value) in &headers {
        seed = XxHash3_64::oneshot_with_seed(seed, name.as_str().as_bytes());
        seed = XxHash3_64::oneshot_with_seed(seed, value.as_bytes());
    }
    let content = XxHash3_64::oneshot_with_seed(seed, &body);
    let tag = written(&EntityTag::new_weak(format!("{content:016x}-{representation}")))?;
    headers.push((ETAG, tag.clone()));
    Ok(CachedResponse { tag, headers, body })
}

/// The tag of one room in its current state. A page also depends on who sees it and on the settings, so its content
/// counts.
pub fn room_tag(
    room: &Room,
    representation: Representation,
    body: &[u8],
) -> Result<HeaderValue, Problem> {
    let content = match representation {
        Representation::Data(_) => String::new(),
        Representation::Page => format!("-{:016x}", XxHash3_64::oneshot(body)),
    };
    let tag = format!("{}-{}{content}", room_state(room), representation.name());
    written(&EntityTag::new_strong(tag))
}

/// A tag as it is sent.
fn written(tag: &EntityTag) -> Result<HeaderValue, Problem> {
    header_value(&tag.to_string())
}

/// Whether the client already has the response with this tag.
pub fn is_current(request: &HttpRequest, tag: &HeaderValue) -> bool {
    let Some(known) = request.headers().get(IF_NONE_MATCH) else { return false };
    // Fast path: nearly all clients send back the one tag that they received.
    known == tag
        || match (IfNoneMatch::parse(request), tag.to_str().ok().and_then(|tag| tag.parse().ok())) {
            (Ok(IfNoneMatch::Any), _) => true,
            (Ok(IfNoneMatch::Items(tags)), Some(tag)) => {
                tags.iter().any(|known| is_same(known, &tag))
            }
            _ => false,
        }
}

/// Whether a tag is the same, weak or strong, as it is or with the suffix of a proxy that compressed the
/// response, for example `-gzip` (Apache) or `;gzip`.
fn is_same(known: &EntityTag, tag: &EntityTag) -> bool {
    let suffix = known.tag().strip_prefix(tag.tag());
    suffix.is_some_and(|suffix| {
        let coding = suffix.trim_start_matches(['-', ';']);
        suffix.is_empty() || coding.len() < suffix.len() && CODINGS.contains(&coding)
    })
}

/// A 304. The client already has the headers that describe the content (RFC 9110, section 15.4.5).
pub fn not_modified(mut response: HttpResponseBuilder, tag: HeaderValue) -> HttpResponse {
    let mut response =
        response.status(StatusCode::NOT_MODIFIED).insert_header((ETAG, tag)).finish();
    response.headers_mut().remove(CONTENT_TYPE);
    response
}
