//! A problem as data (RFC 9457), in words that clients of the Python original understand. It is rendered
//! by the middleware.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_ENCODING, ALLOW, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::formats::reading::excerpt;
use crate::logging;
use crate::use_cases::{Failure, InvalidParameter, InvalidRow, RepositoryError};

/// A failure that is reported to the client.
#[derive(Debug, Clone)]
pub struct Problem {
    pub status: StatusCode,
    /// What is wrong, for the client; empty if only the log has the reason.
    pub detail: String,
    pub errors: Vec<ParameterError>,
    /// The header that this problem adds to its response.
    pub header: Option<Box<(HeaderName, String)>>,
    /// The internal cause, for the log.
    pub cause: Option<String>,
    /// Whether the cause is that the storage could not be reached.
    pub is_outage: bool,
}

/// One error in one parameter.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ParameterError {
    /// The parameter's name.
    #[schema(example = "filter_foo")]
    parameter: String,
    /// What is wrong with it, and what to do.
    #[schema(example = "Key foo cannot be used")]
    message: String,
    /// The line in the imported file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 2)]
    line: Option<u64>,
    /// The value in the imported file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "cheap")]
    value: Option<String>,
}

/// The origin of an error: the request, the requested resource, or the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ProblemType)]
#[expect(clippy::enum_variant_names, reason = "the names that the Python original uses")]
pub enum ProblemType {
    ParametersError,
    ResourceError,
    SystemError,
}

/// A problem as it is written (RFC 9457), readable for clients of the Python original as well.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody<'a> {
    /// The origin of the error.
    r#type: ProblemType,
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What is wrong; several errors are on separate lines.
    detail: &'a str,
    /// The same as `detail`, under the original's name.
    message: &'a str,
    /// The errors one by one.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(required = false)]
    errors: &'a [ParameterError],
    /// The id under which the log has the cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    request_id: Option<&'a str>,
}

impl Problem {
    /// A problem with nothing but a status and a detail.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { status, detail, errors: Vec::new(), header: None, cause: None, is_outage: false }
    }

    fn with_header(self, name: HeaderName, value: String) -> Self {
        Self { header: Some(Box::new((name, value))), ..self }
    }

    /// A request without a parameter that could be named.
    pub fn bad_request(detail: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub fn unauthorized(detail: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail)
            .with_header(WWW_AUTHENTICATE, "Bearer realm=\"rentomatic\"".to_owned())
    }

    pub fn writes_are_off() -> Self {
        let detail = "Writing is off: to turn it on, create a token with `rentomatic token` and set \
                      writes.admin_token or writes.admin_token_file";
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    /// The request comes from another site's page.
    pub fn cross_site() -> Self {
        let detail = "For safety, this can only be done from this site's own pages: go back and try \
                      again";
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    /// The request comes from a page whose address is not the one of the request. The two differ if a proxy
    /// replaces `Host`, or if it is not believed that the client used HTTPS.
    pub fn other_origin(page: &str, request: &str) -> Self {
        let Self { detail, .. } = Self::cross_site();
        let (page, request) = (excerpt(page), excerpt(request));
        let detail = format!(
            "{detail}. The page is at {page}, but the request arrived at {request}: if both are this site, \
             let the proxy pass on Host and X-Forwarded-Proto, and add it to server.trusted_proxies"
        );
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    pub fn not_found(detail: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    pub fn method_not_allowed(allowed: String) -> Self {
        let detail = format!("This path allows only {allowed}");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, detail).with_header(ALLOW, allowed)
    }

    pub fn not_acceptable(offers: &[&str]) -> Self {
        let detail = format!("Accept: this path offers {}", offers.join(", "));
        Self::new(StatusCode::NOT_ACCEPTABLE, detail)
    }

    pub fn too_slow(limit: Duration) -> Self {
        let detail = format!("body: it did not arrive within {} s", limit.as_secs());
        Self::new(StatusCode::REQUEST_TIMEOUT, detail)
    }

    pub fn too_large(limit: usize) -> Self {
        let detail = format!("body: it must have at most {limit} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    pub fn too_many_fields(limit: usize) -> Self {
        let detail = format!("body: a form has at most {limit} fields");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    /// Too many tries to log in.
    pub fn too_many_attempts(wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let detail = "Too many attempts to log in from your address: try again in a few seconds";
        Self::new(StatusCode::TOO_MANY_REQUESTS, detail)
            .with_header(RETRY_AFTER, seconds.to_string())
    }

    /// The host is not this server's.
    pub fn misdirected(host: &str) -> Self {
        let name = excerpt(host.split_once(':').map_or(host, |(name, _)| name));
        let detail = format!(
            "This server does not accept the host name {name}: to accept it, add it to \
             server.host_names, or to the environment variable RENTOMATIC_SERVER__HOST_NAMES"
        );
        Self::new(StatusCode::MISDIRECTED_REQUEST, detail)
    }

    /// The error names the longest parameter.
    pub fn uri_too_long(name: &str, length: usize, limit: usize) -> Self {
        let name = excerpt(name);
        let message = format!("The URI has {length} bytes; the limit is {limit}");
        let problem = Self::new(StatusCode::URI_TOO_LONG, message.clone());
        Self { errors: vec![InvalidParameter { name, message }.into()], ..problem }
    }

    pub fn unsupported_media_type(media_types: &[&str]) -> Self {
        let detail = format!("Content-Type: use {}", media_types.join(" or "));
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
    }

    /// The same for a file to import.
    pub fn unsupported_file(media_types: &[&str]) -> Self {
        let problem = Self::unsupported_media_type(media_types);
        let instruction = "To import a spreadsheet, save it as CSV (in Excel, as “CSV UTF-8”); unpack a \
                           compressed file first";
        Self { detail: format!("{}. {instruction}", problem.detail), ..problem }
    }

    /// The body is compressed.
    pub fn compressed() -> Self {
        let detail = "Content-Encoding: send the body as it is, not compressed";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
            .with_header(ACCEPT_ENCODING, "identity".to_owned())
    }

    pub fn unsupported_charset(charset: &str) -> Self {
        let detail = format!("Content-Type: send the body in UTF-8, not in {}", excerpt(charset));
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
    }

    /// A long list, for a client that does not know chunks.
    pub fn needs_chunks() -> Self {
        let detail = "A list of this length needs HTTP/1.1: use it, or request a page with limit";
        Self::new(StatusCode::HTTP_VERSION_NOT_SUPPORTED, detail)
    }

    /// Too many requests are waiting.
    pub fn too_busy() -> Self {
        let detail = "The server is busy: try again in a moment";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }

    /// The storage could not be reached a moment ago.
    pub fn unavailable() -> Self {
        let detail = "The rooms cannot be loaded right now: try again in a moment";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }

    /// It took too long. A write may still be done.
    pub fn too_late(limit: Duration) -> Self {
        let cause = format!(
            "the storage did not respond within {} ms. Is it overloaded, or is its network down? If a list \
             takes longer, increase server.request_timeout_ms",
            limit.as_millis()
        );
        Self { cause: Some(cause), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "") }
    }

    /// The rooms of a list could not be counted in time.
    pub fn count_too_slow() -> Self {
        let detail = "count: the rooms could not be counted in time. Leave count out, or use filters that \
                      match fewer rooms";
        Self::new(StatusCode::GATEWAY_TIMEOUT, detail)
    }

    /// An unexpected error.
    pub fn internal(cause: &dyn Error) -> Self {
        let cause = Some(logging::one_line(cause));
        Self { cause, ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, "") }
    }

    /// The same as a 503, whatever the cause.
    pub fn into_unavailable(self) -> Self {
        Self { status: StatusCode::SERVICE_UNAVAILABLE, ..self }
    }

    /// Whether the client is not authenticated.
    pub fn is_unauthorized(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }

    /// Whether a retry may succeed.
    pub fn is_temporary(&self) -> bool {
        self.status == StatusCode::SERVICE_UNAVAILABLE
    }

    fn kind(&self) -> ProblemType {
        match self.status {
            StatusCode::NOT_FOUND => ProblemType::ResourceError,
            StatusCode::GATEWAY_TIMEOUT => ProblemType::SystemError,
            _ if self.cause.is_some() || self.is_temporary() => ProblemType::SystemError,
            _ => ProblemType::ParametersError,
        }
    }

    pub fn title(&self) -> &'static str {
        match self.status {
            StatusCode::BAD_REQUEST => "Invalid parameters",
            status => status.canonical_reason().unwrap_or("Error"),
        }
    }

    /// The detail, or a reference to the log.
    pub fn public_detail(&self, request_id: &str) -> String {
        if self.cause.is_some() && self.detail.is_empty() {
            format!(
                "The server could not respond. Its log has the reason under the request id {request_id}"
            )
        } else {
            self.detail.clone()
        }
    }

    /// The problem as it is written.
    pub fn body<'a>(&'a self, detail: &'a str, request_id: &'a str) -> ProblemBody<'a> {
        ProblemBody {
            r#type: self.kind(),
            title: self.title(),
            status: self.status.as_u16(),
            detail,
            message: detail,
            errors: &self.errors,
            request_id: (self.kind() == ProblemType::SystemError).then_some(request_id),
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let detail = failure.to_string();
        match failure {
            Failure::Parameters(errors) => Self {
                errors: errors.into_iter().map(ParameterError::from).collect(),
                ..Self::bad_request(&detail)
            },
            Failure::Rows(rows) => Self {
                errors: rows.first.into_iter().map(ParameterError::from).collect(),
                ..Self::bad_request(&detail)
            },
            Failure::Resource(what) => Self::not_found(&what),
            Failure::Conflict(what) => Self::new(StatusCode::CONFLICT, what),
            Failure::Precondition => {
                let detail = "The room does not match If-Match or If-None-Match: read it again and send \
                              its new ETag";
                Self::new(StatusCode::PRECONDITION_FAILED, detail)
            }
            Failure::System(error) => {
                let problem = Self::internal(&error);
                match error {
                    RepositoryError::Unavailable(_) => {
                        Self { is_outage: true, ..problem.into_unavailable() }
                    }
                    RepositoryError::ReadOnly(_) => {
                        let detail = "Rooms can be read, but not changed at the moment";
                        Self { detail: detail.into(), ..problem.into_unavailable() }
                    }
                    RepositoryError::Interrupted(_)
                    | RepositoryError::TimedOut(_)
                    | RepositoryError::NotMigrated(_) => problem.into_unavailable(),
                    RepositoryError::Unsupported(detail) => {
                        Self { detail: detail.into(), ..problem }
                    }
                    RepositoryError::Corrupt(_) | RepositoryError::Failed(_) => problem,
                }
            }
        }
    }
}

impl From<InvalidParameter> for ParameterError {
    fn from(InvalidParameter { name, message }: InvalidParameter) -> Self {
        Self { parameter: name, message, line: None, value: None }
    }
}

impl From<InvalidRow> for ParameterError {
    fn from(InvalidRow { line, value, error }: InvalidRow) -> Self {
        Self { line: Some(line), value, ..error.into() }
    }
}

/// Rooms that cannot be serialized.
impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Self::internal(&error)
    }
}

/// An error of the framework, raised before a handler ran.
impl From<&actix_web::Error> for Problem {
    fn from(error: &actix_web::Error) -> Self {
        let status = error.as_response_error().status_code();
        if status.is_server_error() {
            Self { cause: Some(error.to_string()), ..Self::new(status, "") }
        } else {
            Self::new(status, error.to_string())
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.cause.as_ref().unwrap_or(&self.detail))
    }
}

impl Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    /// Only a status: the middleware renders the problem, because it knows the request.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status)
    }
}
