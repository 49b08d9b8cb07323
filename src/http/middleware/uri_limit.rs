//! Responds with 414 to a URI that is too long.

use actix_web::HttpRequest;

use crate::http::limits::Limits;
use crate::http::problem::Problem;
use crate::http::request::pairs;

/// The bytes that a cursor may add to the longest path and query, so that a client that may request a
/// list may also request its next page.
const CURSOR_ALLOWANCE: usize = 512;

pub fn check(request: &HttpRequest) -> Result<(), Problem> {
    let limit = Limits::of(request)?.uri;
    let length = request.uri().path_and_query().map_or(0, |uri| uri.as_str().len());
    let has_cursor = request.query_string().contains("cursor=");
    let allowance = if has_cursor { CURSOR_ALLOWANCE } else { 0 };
    if length <= limit.saturating_add(allowance) {
        return Ok(());
    }
    let longest = pairs(request.query_string())
        .max_by_key(|(name, value)| name.len() + value.len())
        .map(|(name, _)| name)
        .unwrap_or_default();
    Err(Problem::uri_too_long(&longest, length, limit))
}
