//! The ways in which a request can fail, each with a real problem as its example.

use std::io;
use std::time::Duration;

use serde_json::json;
use utoipa::openapi::{ContentBuilder, Response};

use super::description::{header, response, whole_header};
use crate::formats::schema;
use crate::http::problem::Problem;
use crate::use_cases::{Failure, InvalidParameter};

/// A way in which a request can fail.
#[derive(Clone, Copy)]
pub enum Failing {
    Invalid,
    Unauthorized,
    Forbidden,
    Absent,
    NotAcceptable,
    Taken,
    Changed,
    TooLarge,
    TooLong,
    Unsupported,
    Failed,
    Unavailable,
}

impl Failing {
    /// Why requests for rooms fail.
    pub const READING: [Self; 5] =
        [Self::Invalid, Self::Absent, Self::NotAcceptable, Self::Failed, Self::Unavailable];

    /// When it happens, and an example.
    fn example(self) -> (&'static str, Problem) {
        match self {
            Self::Invalid => (
                "Something is unknown, missing, unreadable or repeated; everything is named",
                Failure::Parameters(vec![InvalidParameter {
                    name: "filter_foo".to_owned(),
                    message: "Key foo cannot be used".to_owned(),
                }])
                .into(),
            ),
            Self::Unauthorized => (
                "The admin token is missing or wrong",
                Problem::unauthorized("This is not the admin token"),
            ),
            Self::Forbidden => {
                ("Writing is off because no admin token is set", Problem::writes_are_off())
            }
            Self::Absent => (
                "The room or the format does not exist",
                Problem::not_found(
                    "There is no room with the code 00000000-0000-0000-0000-000000000000",
                ),
            ),
            Self::NotAcceptable => (
                "`Accept` names no available format",
                Problem::not_acceptable(&["application/json", "text/csv", "text/html"]),
            ),
            Self::Taken => (
                "Another room has this code",
                Failure::Conflict(
                    "code: There is a room with the code f853578c-fc0f-4e65-81b8-566c5dffa35a; leave \
                     the code out for a new one"
                        .to_owned(),
                )
                .into(),
            ),
            Self::Changed => (
                "The room does not match `If-Match` or `If-None-Match`",
                Failure::Precondition.into(),
            ),
            Self::TooLarge => (
                "The body has more than 1 MiB, or the limit in `server.max_body_kib`",
                Problem::too_large(1_048_576),
            ),
            Self::TooLong => (
                "The path and its query have more than 8 KiB, or the limit in `server.max_uri_bytes`",
                Problem::uri_too_long("sort".to_owned(), 9_000, 8_192),
            ),
            Self::Unsupported => (
                "The body has another media type",
                Problem::unsupported_media_type(&["application/json"]),
            ),
            Self::Failed => (
                "Something failed internally; the log has the reason under the request's id",
                Problem::internal(&io::Error::other("a reason")),
            ),
            Self::Unavailable => (
                "The database does not respond, or lacks a migration",
                Problem::too_late(Duration::from_secs(2)),
            ),
        }
    }

    /// The status, and the description of the response.
    pub fn describe(self) -> (String, Response) {
        let id = "4f0c1a52-6d58-4f4e-9d57-0a1b5a0c7a3e";
        let (when, problem) = self.example();
        let detail = problem.public_detail(id);
        let content = ContentBuilder::new()
            .schema(Some(schema::reference("Problem")))
            .example(Some(json!(problem.body(&detail, id))));
        let page = ContentBuilder::new().schema(Some(schema::text()));
        let mut response = response(when)
            .header("Vary", header("The response depends on these headers", "Accept"))
            .header("Cache-Control", header("A failure is not cached", "no-store"))
            .content("application/problem+json", content.build())
            .content("text/html; charset=utf-8", page.build());
        if matches!(self, Self::Unavailable) {
            let seconds = whole_header("Seconds to wait before a retry", 1);
            response = response.header("Retry-After", seconds);
        }
        if matches!(self, Self::Unauthorized) {
            let scheme = "Bearer realm=\"rentomatic\"";
            response = response.header("WWW-Authenticate", header("How to authenticate", scheme));
        }
        (problem.status().as_str().to_owned(), response.build())
    }
}
