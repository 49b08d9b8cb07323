//! The id of a request, in its response and in the log.

use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::{HttpMessage, HttpRequest};
use uuid::Uuid;

use crate::http::problem::Problem;

/// The longest id that is accepted from a client.
const LONGEST: usize = 64;

#[derive(Clone, Default)]
pub struct RequestId(String);

impl RequestId {
    pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

    /// The client's own id if it is harmless in a header and a log line, otherwise a new one.
    pub fn new(headers: &HeaderMap) -> Self {
        let is_harmless = |id: &&str| {
            (1..=LONGEST).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        let id = headers.get(Self::HEADER).and_then(|id| id.to_str().ok()).filter(is_harmless);
        Self(id.map_or_else(|| Uuid::new_v4().to_string(), str::to_owned))
    }

    pub fn of(request: &HttpRequest) -> Self {
        request.extensions().get::<Self>().cloned().unwrap_or_default()
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Logs the internal cause of a problem, if it has one.
    pub fn log(&self, problem: &Problem) {
        if let Some(cause) = &problem.cause {
            log::error!(request_id = self.as_str(); "{cause}");
        }
    }
}
