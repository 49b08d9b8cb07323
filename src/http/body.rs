//! The body of a request that writes a room: one JSON object (RFC 8259), or what a form sends.

use actix_web::HttpRequest;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::rt::time::timeout;
use actix_web::web::{Bytes, Payload};
use mime::Mime;

use super::limits::Limits;
use super::problem::Problem;
use super::query;
use crate::representation::object;
use crate::use_cases::FieldValue;

/// A room as it is.
pub const JSON: &str = "application/json";

/// What to change of a room (RFC 7396).
pub const MERGE_PATCH: &str = "application/merge-patch+json";

/// What a page's form sends (WHATWG URL).
const FORM: &str = "application/x-www-form-urlencoded";

/// Reads the body, which must be of one of these media types.
pub async fn fields(
    request: &HttpRequest,
    payload: Payload,
    limits: &Limits,
    media_types: &[&str],
) -> Result<Vec<(String, FieldValue)>, Problem> {
    media_type(request, media_types)?;
    let bytes = all(request, payload, limits).await?;
    object::fields(&bytes)
        .map_err(|error| Problem::bad_request(&format!("body: write one JSON object: {error}")))
}

/// Reads the body of a form: names and values, as they were typed.
pub async fn form(
    request: &HttpRequest,
    payload: Payload,
    limits: &Limits,
) -> Result<Vec<(String, String)>, Problem> {
    media_type(request, &[FORM])?;
    let bytes = all(request, payload, limits).await?;
    Ok(query::parameters(&String::from_utf8_lossy(&bytes)).collect())
}

async fn all(request: &HttpRequest, payload: Payload, limits: &Limits) -> Result<Bytes, Problem> {
    check_length(request, limits.body)?;
    timeout(limits.patience, payload.to_bytes_limited(limits.body))
        .await
        .map_err(|_| Problem::too_slow(limits.patience))?
        .map_err(|_| Problem::too_large(limits.body))?
        .map_err(|error| Problem::bad_request(&format!("body: {error}")))
}

/// Which of these media types the body has.
pub fn media_type<'a>(request: &HttpRequest, offers: &[&'a str]) -> Result<&'a str, Problem> {
    let written = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let written = written.and_then(|text| text.parse::<Mime>().ok());
    let found = offers
        .iter()
        .find(|offer| written.as_ref().is_some_and(|written| written.essence_str() == **offer));
    found.copied().ok_or_else(|| Problem::unsupported_media_type(offers))
}

/// Refuses a body that says itself that it is too long.
pub fn check_length(request: &HttpRequest, limit: usize) -> Result<(), Problem> {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    match length.and_then(|text| text.parse::<usize>().ok()) {
        Some(length) if length > limit => Err(Problem::too_large(limit)),
        _ => Ok(()),
    }
}
