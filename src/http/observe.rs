//! Around every request: its id, the limit of its URI, its problem written out, its log line.

use std::time::Instant;

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use actix_web::middleware::Next;
use uuid::Uuid;

use super::problem::Problem;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken over from a client.
const LONGEST_REQUEST_ID: usize = 64;

/// The longest path and query, in bytes.
const LONGEST_URI: usize = 8 * 1024;

/// The middleware around all handlers.
pub async fn observe(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let start = Instant::now();
    let id = request_id(request.headers());
    let length = request.uri().path_and_query().map_or(0, |uri| uri.as_str().len());

    let mut response = if length > LONGEST_URI {
        let problem = Problem::uri_too_long(request.query_string(), length, LONGEST_URI);
        let response = problem.respond(request.request(), &id);
        request.into_response(response)
    } else {
        let response = next.call(request).await?;
        match response.response().error().map(problem) {
            None => response.map_into_boxed_body(),
            Some(problem) => {
                if let Some(cause) = problem.cause() {
                    log::error!(request_id = id.as_str(); "{cause}");
                }
                let answer = problem.respond(response.request(), &id);
                response.into_response(answer)
            }
        }
    };

    finish(response.headers_mut(), &id);
    let request = response.request();
    log::info!(
        method = request.method().as_str(),
        path = request.path(),
        status = response.status().as_u16(),
        duration_ms = milliseconds(start),
        request_id = id.as_str();
        "request"
    );
    Ok(response)
}

fn finish(headers: &mut HeaderMap, id: &str) {
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

/// The handler's own problem, or one made of the framework's error.
fn problem(error: &Error) -> Problem {
    error.as_error::<Problem>().cloned().unwrap_or_else(|| error.into())
}

/// The client's id if it is harmless in a header and a log line, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let is_harmless = |id: &&str| {
        (1..=LONGEST_REQUEST_ID).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    headers
        .get(REQUEST_ID)
        .and_then(|id| id.to_str().ok())
        .filter(is_harmless)
        .map_or_else(|| Uuid::new_v4().to_string(), str::to_owned)
}

/// Since `start`.
fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1000.0
}
