//! Adds the headers that every response has.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::Next;

use super::compression::strip_identity_encoding;

/// The policy of a response that is not a page: it needs nothing.
const NO_CONTENT_POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub async fn headers<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let mut response = next.call(request).await?;
    let is_modified = response.status() != StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    strip_identity_encoding(headers);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Other sites learn at most that this site exists; our own pages say where a request came from.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin"));
    // A page brings its own policy. A 304 has none, because it would replace the policy of the page that
    // the client has (RFC 9111, section 4.3.4).
    if is_modified && !headers.contains_key(CONTENT_SECURITY_POLICY) {
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(NO_CONTENT_POLICY));
    }
    Ok(response)
}
