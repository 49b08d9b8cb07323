//! The ways in which a request can fail, each with a real problem as its example.

use std::io;
use std::time::Duration;

use serde_json::{Value, json};

use super::responses::{header, response};
use crate::formats::schema;
use crate::http::problem::Problem;
use crate::use_cases::{Failure, InvalidParameter};

const NIL: &str = "00000000-0000-0000-0000-000000000000";

#[derive(Clone, Copy, PartialEq, Eq)]
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
    Misdirected,
    TooMany,
    Failed,
    Unavailable,
    Uncounted,
}

impl Failing {
    /// Why requests for rooms fail.
    pub const READING: [Self; 5] =
        [Self::Invalid, Self::Absent, Self::NotAcceptable, Self::Failed, Self::Unavailable];

    fn when(self) -> &'static str {
        match self {
            Self::Invalid => {
                "Something is unknown, missing, unreadable or repeated; everything is named"
            }
            Self::Unauthorized => "The admin token is missing or wrong",
            Self::Forbidden => "Writing is off because no admin token is set",
            Self::Absent => "The room or the format does not exist",
            Self::NotAcceptable => "`Accept` names no available format",
            Self::Taken => "Another room has this code",
            Self::Changed => "The room does not match `If-Match` or `If-None-Match`",
            Self::TooLarge => {
                "The body is too long. A room may have 1 MiB (`server.max_body_kib`), a file to import 64 MiB \
                 (`server.max_import_mib`), a form 32 KiB and 32 fields, and the log-in form 4 KiB"
            }
            Self::TooLong => {
                "The path and its query have more than 8 KiB, or the limit in `server.max_uri_bytes`"
            }
            Self::Unsupported => {
                "The body has another media type, is compressed, or is in another character encoding than \
                 UTF-8"
            }
            Self::Misdirected => "The request is for a host that is not in `server.host_names`",
            Self::TooMany => {
                "Too many attempts to log in: more than 1 per second and address, after 5 in a row. nginx, \
                 in the container stack, also limits all requests of an address, to 200 per second"
            }
            Self::Failed => {
                "Something failed internally; the log has the reason under the request's id"
            }
            Self::Unavailable => {
                "The database does not respond in time or lacks a migration, or the server is busy"
            }
            Self::Uncounted => "The rooms could not be counted in time",
        }
    }

    fn example(self) -> Problem {
        match self {
            Self::Invalid => {
                let message = "Key foo cannot be used".to_owned();
                Failure::Parameters(vec![InvalidParameter { name: "filter_foo".into(), message }])
                    .into()
            }
            Self::Unauthorized => Problem::unauthorized("This is not the admin token"),
            Self::Forbidden => Problem::writes_are_off(),
            Self::Absent => Problem::not_found(&format!("There is no room with the code {NIL}")),
            Self::NotAcceptable => {
                Problem::not_acceptable(&["application/json", "text/csv", "text/html"])
            }
            Self::Taken => {
                Failure::Conflict(format!("code: There is a room with the code {NIL}")).into()
            }
            Self::Changed => Failure::Precondition.into(),
            Self::TooLarge => Problem::too_large(1_048_576),
            Self::TooLong => Problem::uri_too_long("sort", 9_000, 8_192),
            Self::Unsupported => Problem::unsupported_media_type(&["application/json"]),
            Self::Misdirected => Problem::misdirected("evil.example"),
            Self::TooMany => Problem::too_many_attempts(Duration::from_secs(1)),
            Self::Failed => Problem::internal(&io::Error::other("a reason")),
            Self::Unavailable => Problem::too_late(Duration::from_secs(2)),
            Self::Uncounted => Problem::count_too_slow(),
        }
    }

    /// The status, and the description of the response.
    pub fn describe(self) -> (String, Value) {
        let id = "4f0c1a52-6d58-4f4e-9d57-0a1b5a0c7a3e";
        let problem = self.example();
        let detail = problem.public_detail(id);
        let content = json!({
            "application/problem+json": {
                "schema": schema::reference("Problem"), "example": problem.body(&detail, id),
            },
            "text/html; charset=utf-8": { "schema": { "type": "string" } },
        });
        let mut headers = json!({
            "Vary": header("The response depends on these headers", "Accept"),
            "Cache-Control": header("A failure is not cached", "no-store"),
        });
        if [Self::Unavailable, Self::TooMany].contains(&self) {
            headers["Retry-After"] = header("Seconds to wait before a retry", 1);
        }
        if self == Self::Unauthorized {
            let scheme = "Bearer realm=\"rentomatic\"";
            headers["WWW-Authenticate"] = header("How to authenticate", scheme);
        }
        (problem.status.as_str().to_owned(), response(self.when(), headers, &content))
    }
}
