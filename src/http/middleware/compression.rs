//! Which responses are compressed, for clients that accept it (RFC 9110, section 12.5.3).

use actix_web::Error;
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, HeaderValue};
use actix_web::middleware::Next;

/// The number of bytes from which a response is compressed. A smaller one fits into one packet anyway.
const MIN_COMPRESSED_SIZE: u64 = 1_400;

/// Makes [`Compress`](actix_web::middleware::Compress) leave a response alone.
const IDENTITY: HeaderValue = HeaderValue::from_static("identity");

/// Runs inside `Compress`, and marks the responses that are too small.
pub async fn compression<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let is_negotiated = request.headers().contains_key(ACCEPT_ENCODING);
    let mut response = next.call(request).await?;
    if !is_negotiated {
        return Ok(response);
    }
    let size = response.response().body().size();
    let is_large = matches!(size, BodySize::Sized(MIN_COMPRESSED_SIZE..) | BodySize::Stream);
    let headers = response.headers_mut();
    if !is_large && !headers.contains_key(CONTENT_ENCODING) {
        headers.insert(CONTENT_ENCODING, IDENTITY);
    }
    Ok(response)
}

/// Removes that mark: "identity" is not a valid content encoding (RFC 9110, section 8.4).
pub fn strip_identity_encoding(headers: &mut HeaderMap) {
    if headers.get(CONTENT_ENCODING) == Some(&IDENTITY) {
        headers.remove(CONTENT_ENCODING);
    }
}
