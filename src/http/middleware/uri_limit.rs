//! Responds with 414 to a URI that is too long.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse};

use crate::http::limits::Limits;
use crate::http::problem::Problem;
use crate::http::request::pairs;

/// The bytes that a cursor may add to the longest path and query, so that a client that may request a
/// list may also request its next page.
const CURSOR_ALLOWANCE: usize = 512;

pub async fn uri_limit<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let limit = Limits::of(request.request())?.uri;
    let length = request.uri().path_and_query().map_or(0, |uri| uri.as_str().len());
    let has_cursor = request.query_string().contains("cursor=");
    let allowance = if has_cursor { CURSOR_ALLOWANCE } else { 0 };
    if length <= limit.saturating_add(allowance) {
        return next.call(request).await.map(ServiceResponse::map_into_left_body);
    }
    let longest = pairs(request.query_string())
        .max_by_key(|(name, value)| name.len() + value.len())
        .map(|(name, _)| name)
        .unwrap_or_default();
    let problem = Problem::uri_too_long(&longest, length, limit);
    // `ServiceRequest::into_response` would lose the error.
    let (request, _) = request.into_parts();
    let response = ServiceResponse::new(request, HttpResponse::from_error(problem));
    Ok(response.map_into_right_body())
}
