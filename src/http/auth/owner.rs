//! Who sends a request: the owner, or somebody who can only read.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::{FromRequest, HttpRequest};
use subtle::ConstantTimeEq;

use super::guessing::Attempts;
use super::session::{self, require_same_origin};
use crate::http::problem::Problem;
use crate::http::state::AppState;
use crate::settings::AdminToken;

/// The admin token of this server; without one, nobody can write.
pub fn admin_token(request: &HttpRequest) -> Option<&AdminToken> {
    AppState::of(request)?.admin_token.as_ref()
}

/// Whether this is the admin token. The comparison takes the same time however much of it is right.
pub fn is_admin_token(presented: &[u8], token: &AdminToken) -> bool {
    presented.ct_eq(token.as_bytes()).into()
}

/// The proof that a request comes from the owner. Every handler that writes takes it first, so that
/// nothing else of the request is read before.
pub struct Owner;

impl FromRequest for Owner {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(authorize(request).map(|()| Self))
    }
}

fn authorize(request: &HttpRequest) -> Result<(), Problem> {
    let token = admin_token(request).ok_or_else(Problem::writes_are_off)?;
    match bearer(request.headers()) {
        Some(presented) if is_admin_token(presented, token) => Ok(()),
        // A correct token always passes, so to delay a wrong one would not slow down guessing. It uses up
        // the tries for logging in, though.
        Some(_) => {
            let attempts = Attempts::of(request)?;
            let _ = attempts.begin(request);
            attempts.report_wrong(request, "bearer token");
            Err(Problem::unauthorized("This is not the admin token"))
        }
        // A browser sends the session's cookie by itself, so the request must come from our own page.
        None if session::is_valid(request)? => require_same_origin(request),
        None => Err(Problem::unauthorized(
            "Send the admin token: Authorization: Bearer TOKEN. In a browser, log in at /log-in",
        )),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.as_bytes().split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then_some(token)
}

/// Who looks at a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// Nobody can log in, because there is no admin token.
    ReadOnly,
    /// Somebody who is not logged in.
    Anonymous,
    Owner,
}

impl Viewer {
    /// Somebody who is not logged in, if the storage cannot say: then the pages in the cache can still be
    /// read.
    pub fn of(request: &HttpRequest) -> Self {
        Self::of_known_session(request).unwrap_or(Self::Anonymous)
    }

    /// The same, but a problem if the storage cannot say.
    pub fn of_known_session(request: &HttpRequest) -> Result<Self, Problem> {
        Ok(match admin_token(request) {
            None => Self::ReadOnly,
            Some(_) if session::is_valid(request)? => Self::Owner,
            Some(_) => Self::Anonymous,
        })
    }

    pub fn is_owner(self) -> bool {
        self == Self::Owner
    }
}
