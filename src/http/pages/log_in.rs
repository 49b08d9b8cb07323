//! The owner logs in with the admin token, and out again.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::html::respond_uncached;
use crate::http::auth::{Viewer, admin_token, is_admin_token, require_same_origin, session};
use crate::http::problem::Problem;
use crate::http::request::{FormBody, value_of};

#[derive(Template)]
#[template(path = "log_in.html")]
struct LogInPage<'a> {
    viewer: Viewer,
    next: &'a str,
    error: Option<&'a str>,
}

/// What the log-in form sends.
#[derive(Default, Deserialize)]
#[serde(default)]
struct LogInForm {
    token: String,
    /// Where the owner wanted to go.
    next: String,
}

/// `GET /log-in`
pub async fn form(request: HttpRequest) -> Result<HttpResponse, Problem> {
    if Viewer::of(&request) == Viewer::ReadOnly {
        return Err(Problem::writes_are_off());
    }
    let next = own_path(&value_of(request.query_string(), "next"));
    show(&request, StatusCode::OK, &next, None)
}

/// The proof that the request comes from our own page, and that there is a token to log in with. It is
/// checked before the body is read.
pub struct LogInAllowed;

impl FromRequest for LogInAllowed {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            require_same_origin(request).and_then(|()| {
                admin_token(request).map(|_| Self).ok_or_else(Problem::writes_are_off)
            }),
        )
    }
}

/// `POST /log-in`
pub async fn log_in(
    _: LogInAllowed,
    form: FormBody,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let token = admin_token(&request).ok_or_else(Problem::writes_are_off)?;
    let LogInForm { token: presented, next } = form.parse()?;
    let next = own_path(&next);
    if !is_admin_token(presented.trim().as_bytes(), token) {
        let error = "This token is not right. Check it and try again";
        return show(&request, StatusCode::UNAUTHORIZED, &next, Some(error));
    }
    Ok(HttpResponse::SeeOther()
        .insert_header((LOCATION, next))
        .insert_header((CACHE_CONTROL, "no-store"))
        .cookie(session::begin(&request, token))
        .finish())
}

/// `POST /log-out`
pub async fn log_out(request: HttpRequest) -> Result<HttpResponse, Problem> {
    require_same_origin(&request)?;
    Ok(HttpResponse::SeeOther()
        .insert_header((LOCATION, "/rooms"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .cookie(session::end(&request))
        .finish())
}

fn show(
    request: &HttpRequest,
    status: StatusCode,
    next: &str,
    error: Option<&str>,
) -> Result<HttpResponse, Problem> {
    respond_uncached(status, &LogInPage { viewer: Viewer::of(request), next, error })
}

/// The path if it leads to the rooms of this server, otherwise that of all rooms. So a link to the log-in
/// page cannot lead to another site.
fn own_path(path: &str) -> String {
    let is_harmless = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    let is_ours = path.starts_with("/rooms") && path.bytes().all(is_harmless);
    (if is_ours { path } else { "/rooms" }).to_owned()
}
