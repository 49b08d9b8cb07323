//! What went wrong, as a client is told: one body that both the Python original's clients and
//! those of RFC 9457 can read, and a page for a browser.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ALLOW, CACHE_CONTROL, HeaderName, RETRY_AFTER, VARY, WWW_AUTHENTICATE,
};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use super::negotiation::Preferences;
use super::owner::Viewer;
use super::pages;
use super::query;
use crate::logging;
use crate::use_cases::{Failure, InvalidParameter, InvalidRow, RepositoryError};

/// How many seconds a client should wait after a 503.
const RETRY_AFTER_SECONDS: u32 = 1;

/// A failure that a client is told of.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    errors: Vec<ParameterError>,
    header: Option<Box<(HeaderName, String)>>,
    /// What went wrong inside: for the log. The client is told the detail, if there is one.
    cause: Option<String>,
    /// Whether that is that the storage could not be reached.
    is_outage: bool,
}

/// One thing that is wrong with one parameter.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ParameterError {
    /// Its name.
    #[schema(example = "filter_foo")]
    parameter: String,
    /// What is wrong with it, and how to mend it.
    #[schema(example = "Key foo cannot be used")]
    message: String,
    /// The line of the file that was to be imported, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 2)]
    line: Option<u64>,
    /// What is written there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "cheap")]
    value: Option<String>,
}

/// Whose an error is: that of the request, of what it asks for, or of the system behind it.
#[derive(ToSchema)]
#[schema(as = ProblemType)]
#[expect(dead_code, reason = "the words are written by Problem::kind; this lists them")]
#[expect(clippy::enum_variant_names, reason = "the Python original's words")]
pub enum ProblemType {
    ParametersError,
    ResourceError,
    SystemError,
}

/// What went wrong: a problem as of RFC 9457, in words that clients of the Python original know.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Body<'a> {
    /// Whose the error is.
    #[schema(value_type = ProblemType)]
    r#type: &'a str,
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What is wrong; several things on as many lines.
    detail: &'a str,
    /// The same as `detail`, under the original's name.
    message: &'a str,
    /// What is wrong, one by one.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(required = false)]
    errors: &'a [ParameterError],
    /// Under which the log says what failed inside.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    request_id: Option<&'a str>,
}

impl Problem {
    fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { status, detail, errors: Vec::new(), header: None, cause: None, is_outage: false }
    }

    /// 404
    pub fn not_found(detail: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// 405, with the methods that are allowed.
    pub fn method_not_allowed(allowed: String) -> Self {
        let detail = format!("This path answers {allowed} only");
        Self {
            header: Some(Box::new((ALLOW, allowed))),
            ..Self::new(StatusCode::METHOD_NOT_ALLOWED, detail)
        }
    }

    /// 406, with the media types on offer.
    pub fn not_acceptable(offers: &[&str]) -> Self {
        let detail = format!("Accept: this path offers {}", offers.join(", "));
        Self::new(StatusCode::NOT_ACCEPTABLE, detail)
    }

    /// 400, for what has no parameters that could be named.
    pub fn bad_request(detail: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// 401, with how to do better.
    pub fn unauthorized(detail: &str) -> Self {
        let scheme = "Bearer realm=\"rentomatic\"".to_owned();
        let header = Some(Box::new((WWW_AUTHENTICATE, scheme)));
        Self { header, ..Self::new(StatusCode::UNAUTHORIZED, detail) }
    }

    /// 403: nobody can write.
    pub fn writes_are_off() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "Writing is off: set writes.admin_token or writes.admin_token_file, to what \
             `rentomatic token` makes, to turn it on",
        )
    }

    /// 403: it is a page of another site that asks.
    pub fn cross_site() -> Self {
        let detail = "A page of another site asked for this; do it on a page of this one";
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    /// Whether the client has not said who it is.
    pub fn is_unauthorized(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }

    /// 413
    pub fn too_large(limit: usize) -> Self {
        let detail = format!("body: it has more than {limit} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    /// 408
    pub fn too_slow(patience: Duration) -> Self {
        let detail = format!("body: it did not arrive within {} s", patience.as_secs());
        Self::new(StatusCode::REQUEST_TIMEOUT, detail)
    }

    /// 415, with the media types that can be read.
    pub fn unsupported_media_type(media_types: &[&str]) -> Self {
        let detail = format!("Content-Type: write {}", media_types.join(" or "));
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
    }

    /// 406, for a client that accepts no encoding that there is.
    pub fn encoding_not_acceptable() -> Self {
        Self::new(StatusCode::NOT_ACCEPTABLE, "Accept-Encoding: this path offers gzip and identity")
    }

    /// 505, for a long list and a client that cannot be sent it part by part.
    pub fn needs_chunks() -> Self {
        let detail = "A list of this length needs HTTP/1.1; ask for a page of it, with limit";
        Self::new(StatusCode::HTTP_VERSION_NOT_SUPPORTED, detail)
    }

    /// 503: more requests wait than can be answered.
    pub fn too_busy() -> Self {
        let detail = "The server has too much to do just now: try again in a moment";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }

    /// 503: the storage could not be reached a moment ago.
    pub fn storage_is_away() -> Self {
        let detail = "The server cannot reach its rooms just now: try again in a moment";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }

    /// 503: it took too long. A write may yet be done.
    pub fn too_late(limit: Duration) -> Self {
        let cause = format!(
            "the storage did not answer within {} ms. Is it overloaded, or its network cut? A list that \
             needs longer needs a larger server.request_timeout_ms",
            limit.as_millis()
        );
        Self { cause: Some(cause), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "") }
    }

    /// Whether the storage could not be reached.
    pub fn is_outage(&self) -> bool {
        self.is_outage
    }

    /// Whether it may well be otherwise in a moment.
    pub fn is_passing(&self) -> bool {
        self.status == StatusCode::SERVICE_UNAVAILABLE
    }

    /// 414
    pub fn uri_too_long(query: &str, length: usize, limit: usize) -> Self {
        let message = format!("The URI has {length} bytes, at most {limit} are read");
        let parameter = query::longest(query);
        Self {
            errors: vec![ParameterError {
                parameter,
                message: message.clone(),
                line: None,
                value: None,
            }],
            ..Self::new(StatusCode::URI_TOO_LONG, message)
        }
    }

    /// 500, for what no handler foresaw.
    pub fn internal(cause: &dyn Error) -> Self {
        Self::system(StatusCode::INTERNAL_SERVER_ERROR, cause)
    }

    /// The same as a 503, whatever the cause.
    pub fn into_unavailable(self) -> Self {
        Self { status: StatusCode::SERVICE_UNAVAILABLE, ..self }
    }

    fn system(status: StatusCode, cause: &dyn Error) -> Self {
        Self { cause: Some(logging::one_line(cause)), ..Self::new(status, "") }
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What is wrong, as the client is told; nothing if it is inside.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// What went wrong inside, for the log.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    fn kind(&self) -> &'static str {
        match self.status {
            StatusCode::NOT_FOUND => "ResourceError",
            StatusCode::SERVICE_UNAVAILABLE => "SystemError",
            _ if self.cause.is_some() => "SystemError",
            _ => "ParametersError",
        }
    }

    fn title(&self) -> &'static str {
        match self.status {
            StatusCode::BAD_REQUEST => "Invalid parameters",
            status => status.canonical_reason().unwrap_or("Error"),
        }
    }

    /// Writes the answer, as a page if the client would rather have one.
    pub fn respond(&self, request: &HttpRequest, request_id: &str) -> HttpResponse {
        let internal = self.cause.is_some() && self.detail.is_empty();
        let detail = if internal {
            format!("The server could not answer; its log says why, under the request {request_id}")
        } else {
            self.detail.clone()
        };
        let mut response = HttpResponse::build(self.status);
        response.insert_header((VARY, "Accept")).insert_header((CACHE_CONTROL, "no-store"));
        if let Some(header) = &self.header {
            response.insert_header((header.0.clone(), header.1.as_str()));
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.insert_header((RETRY_AFTER, RETRY_AFTER_SECONDS));
        }
        let preferences = Preferences::of(request);
        let json = [mime::APPLICATION_JSON, problem_json()].map(|mime| preferences.quality(&mime));
        let page = preferences.quality(&mime::TEXT_HTML);
        if json.iter().all(|quality| *quality < page)
            && let Ok(page) =
                pages::problem(Viewer::of(request), self.status, self.title(), &detail, request_id)
        {
            return pages::write(&mut response, page);
        }
        response.content_type(problem_json()).json(Body {
            r#type: self.kind(),
            title: self.title(),
            status: self.status.as_u16(),
            detail: &detail,
            message: &detail,
            errors: &self.errors,
            request_id: (self.kind() == "SystemError").then_some(request_id),
        })
    }
}

fn problem_json() -> mime::Mime {
    #[expect(clippy::expect_used, reason = "a constant, read in every test of an error")]
    "application/problem+json".parse().expect("a media type")
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match &failure {
            Failure::Parameters(parameters) => Self {
                errors: parameters.iter().map(ParameterError::from).collect(),
                ..Self::new(StatusCode::BAD_REQUEST, failure.to_string())
            },
            Failure::Rows(rows) => {
                let error = |row: &InvalidRow| ParameterError {
                    line: Some(row.line),
                    value: row.value.clone(),
                    ..ParameterError::from(&row.error)
                };
                Self {
                    errors: rows.first.iter().map(error).collect(),
                    ..Self::new(StatusCode::BAD_REQUEST, failure.to_string())
                }
            }
            Failure::Resource(what) => Self::not_found(what),
            Failure::Conflict(what) => Self::new(StatusCode::CONFLICT, what),
            Failure::Precondition => {
                let detail = "The room is not as If-Match or If-None-Match expects it to be; read it \
                              again, and send its new ETag";
                Self::new(StatusCode::PRECONDITION_FAILED, detail)
            }
            Failure::System(error) => {
                let is_outage = matches!(error, RepositoryError::Unavailable(_));
                let status = match error {
                    RepositoryError::Unavailable(_)
                    | RepositoryError::Interrupted(_)
                    | RepositoryError::ReadOnly(_)
                    | RepositoryError::NotMigrated(_) => StatusCode::SERVICE_UNAVAILABLE,
                    RepositoryError::Corrupt(_)
                    | RepositoryError::Unsupported(_)
                    | RepositoryError::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
                };
                let detail = match error {
                    RepositoryError::Unsupported(reason) => reason,
                    _ => "",
                };
                Self { is_outage, detail: detail.into(), ..Self::system(status, error) }
            }
        }
    }
}

impl From<&InvalidParameter> for ParameterError {
    fn from(invalid: &InvalidParameter) -> Self {
        let (parameter, message) = (invalid.name.clone(), invalid.message.clone());
        Self { parameter, message, line: None, value: None }
    }
}

/// Rooms that cannot be written.
impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Self::internal(&error)
    }
}

/// An error of the framework's own, raised before a handler ran.
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

    /// Only a status: [`observe`](super::observe) writes the answer, once it knows the request.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status)
    }
}
