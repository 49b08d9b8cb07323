//! Which answers are compressed, for clients that accept it (RFC 9110, section 12.5.3).

use actix_web::Error;
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CONTENT_ENCODING, HeaderMap, HeaderValue};
use actix_web::middleware::Next;

/// The size, in bytes, from which an answer is compressed: a smaller one fits into one packet as it
/// is.
const WORTH_IT: u64 = 1_400;

/// What tells [`Compress`](actix_web::middleware::Compress) to leave an answer alone.
const AS_IT_IS: HeaderValue = HeaderValue::from_static("identity");

/// The middleware inside of `Compress` that chooses.
pub async fn choose<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let mut response = next.call(request).await?;
    let is_worth_it = match response.response().body().size() {
        BodySize::None => false,
        BodySize::Sized(size) => size >= WORTH_IT,
        BodySize::Stream => true,
    };
    let headers = response.headers_mut();
    if !is_worth_it && !headers.contains_key(CONTENT_ENCODING) {
        headers.insert(CONTENT_ENCODING, AS_IT_IS);
    }
    Ok(response)
}

/// Takes the mark away again: "identity" is no word for a client (RFC 9110, section 8.4).
pub fn forget(headers: &mut HeaderMap) {
    if headers.get(CONTENT_ENCODING) == Some(&AS_IT_IS) {
        headers.remove(CONTENT_ENCODING);
    }
}
