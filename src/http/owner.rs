//! Who may write: whoever shows the admin token (RFC 6750).

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::{FromRequest, HttpRequest, web};
use subtle::ConstantTimeEq;

use super::Catalogue;
use super::problem::Problem;
use crate::settings::AdminToken;

/// The proof that a request comes from the owner; a handler that writes asks for it first.
pub struct Owner;

impl FromRequest for Owner {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let token = request.app_data::<web::Data<Catalogue>>().and_then(|data| data.admin_token());
        ready(authorize(token, request.headers()).map(|()| Self))
    }
}

fn authorize(token: Option<&AdminToken>, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(token) = token else {
        return Err(Problem::writes_are_off());
    };
    let shown = headers.get(AUTHORIZATION).and_then(|value| value.as_bytes().split_at_checked(7));
    match shown {
        Some((scheme, shown))
            if scheme.eq_ignore_ascii_case(b"bearer ")
                && bool::from(shown.ct_eq(token.as_bytes())) =>
        {
            Ok(())
        }
        Some(_) => Err(Problem::unauthorized("This is not the admin token")),
        None => Err(Problem::unauthorized("Show the admin token: Authorization: Bearer TOKEN")),
    }
}
