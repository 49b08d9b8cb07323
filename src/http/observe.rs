//! Around every request: its id, the limit of its URI, its problem written out, its log line.

use std::convert::Infallible;
use std::time::Instant;

use actix_web::body::{BodySize, BodyStream, BoxBody, MessageBody};
use actix_web::dev::{ResponseHead, ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CONTENT_LENGTH, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use actix_web::{Error, HttpMessage};
use futures_util::stream;
use uuid::Uuid;

use super::Catalogue;
use super::compression;
use super::metrics::Metrics;
use super::problem::Problem;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The policy of an answer that is no page.
const NOTHING: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The longest id that is taken over from a client.
const LONGEST_REQUEST_ID: usize = 64;

/// What a cursor may add to the longest path and query.
const LONGEST_CURSOR: usize = 512;

/// What tells a request from all others, in its answer and in the log.
#[derive(Clone, Default)]
pub struct RequestId(String);

impl RequestId {
    /// The client's id if it is harmless in a header and a log line, else a new one.
    fn of(headers: &HeaderMap) -> Self {
        let is_harmless = |id: &&str| {
            (1..=LONGEST_REQUEST_ID).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        let id = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(is_harmless);
        Self(id.map_or_else(|| Uuid::new_v4().to_string(), str::to_owned))
    }

    /// As in the header.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Writes into the log what went wrong inside, if anything did.
    pub fn log(&self, problem: &Problem) {
        if let Some(cause) = problem.cause() {
            log::error!(request_id = self.as_str(); "{cause}");
        }
    }
}

/// The middleware around all handlers.
pub async fn observe(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let start = Instant::now();
    let id = RequestId::of(request.headers());
    request.extensions_mut().insert(id.clone());
    let length = request.uri().path_and_query().map_or(0, |uri| uri.as_str().len());

    // Where a page's address was read, that of the next one is, too.
    let is_next = request.query_string().contains("cursor=");
    let most = request.app_data::<Data<Catalogue>>().map_or(usize::MAX, |known| known.limits.uri);
    let longest = if is_next { most.saturating_add(LONGEST_CURSOR) } else { most };
    let mut response = if length > longest {
        let problem = Problem::uri_too_long(request.query_string(), length, most);
        let response = problem.respond(request.request(), id.as_str());
        request.into_response(response)
    } else {
        let response = next.call(request).await?;
        let unencoded = response.status() == StatusCode::NOT_ACCEPTABLE;
        let unencoded = unencoded.then(Problem::encoding_not_acceptable);
        match response.response().error().map(problem).or(unencoded) {
            None => response.map_into_boxed_body(),
            Some(problem) => {
                id.log(&problem);
                let answer = problem.respond(response.request(), id.as_str());
                response.into_response(answer)
            }
        }
    };

    let (method, status) = (response.request().method(), response.status());
    if !method.is_safe()
        && (status.is_success() || status.is_redirection())
        && let Some(catalogue) = response.request().app_data::<Data<Catalogue>>().cloned()
    {
        catalogue.versions.settle().await;
    }

    let is_new = response.status() != StatusCode::NOT_MODIFIED;
    finish(response.headers_mut(), id.as_str(), is_new);
    // The length of an answer that a 304 stands for is not known here.
    if response.request().method() == Method::HEAD && is_new {
        response = response.map_body(|head, body| without_body(head, body.size()));
    }
    let request = response.request();
    let status = response.status().as_u16();
    if let Some(metrics) = request.app_data::<Data<Metrics>>() {
        metrics.count(request, status, start.elapsed());
    }
    log::info!(
        method = request.method().as_str(),
        path = request.path(),
        status = status,
        duration_ms = milliseconds(start),
        request_id = id.as_str();
        "request"
    );
    Ok(response)
}

fn finish(headers: &mut HeaderMap, id: &str, is_new: bool) {
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    compression::forget(headers);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Other sites learn of ours at most that it exists, and our own pages say where they come from.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin"));
    // What is no page needs nothing; a page says itself what it needs. A 304 leaves that as it is: what
    // it says takes the place of what the client has (RFC 9111, section 4.3.4).
    if is_new && !headers.contains_key(CONTENT_SECURITY_POLICY) {
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(NOTHING));
    }
}

/// Takes the body off the answer to a `HEAD`, and leaves its length.
///
/// The framework would do so too, but not if another request came in the same packet: it goes by the
/// newest request that it has read.
fn without_body(head: &mut ResponseHead, size: BodySize) -> BoxBody {
    if let BodySize::Sized(length) = size {
        head.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    // Of a stream that is not sent in chunks, the framework says no length of its own.
    head.no_chunking(true);
    BoxBody::new(BodyStream::new(stream::empty::<Result<Bytes, Infallible>>()))
}

/// The handler's own problem, or one made of the framework's error.
fn problem(error: &Error) -> Problem {
    error.as_error::<Problem>().cloned().unwrap_or_else(|| error.into())
}

/// Since `start`, to the microsecond.
fn milliseconds(start: Instant) -> f64 {
    (start.elapsed().as_secs_f64() * 1e6).round() / 1e3
}
