//! The proof that a request comes from the owner.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::{FromRequest, HttpRequest};

use super::origin::require_same_origin;
use super::session;
use super::token::{admin_token, is_admin_token};
use crate::http::problem::Problem;

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
        Some(_) => Err(Problem::unauthorized("This is not the admin token")),
        // A browser sends the session's cookie by itself, so the request must come from our own page.
        None if session::is_valid(request, token) => require_same_origin(request),
        None => Err(Problem::unauthorized(
            "Send the admin token: Authorization: Bearer TOKEN. In a browser, log in at /log-in",
        )),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.as_bytes().split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then_some(token)
}
