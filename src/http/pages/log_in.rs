//! The owner logs in with the admin token, and out again.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use secrecy::zeroize::Zeroizing;
use serde::Deserialize;
use serde_json::json;

use super::html::respond_uncached;
use super::site::Site;
use crate::http::auth::{
    Attempts, Owner, Viewer, admin_token, is_admin_token, require_same_origin, session,
};
use crate::http::limits::MAX_LOG_IN;
use crate::http::openapi::{Description, Failing, header, plain_response, response};
use crate::http::problem::Problem;
use crate::http::request::{FORM, FormBody, value_of};
use crate::http::response::see_other;
use crate::http::state::AppState;

#[derive(Template)]
#[template(path = "log_in.html")]
struct LogInPage<'a> {
    viewer: Viewer,
    site: Site,
    next: &'a str,
    error: Option<&'a str>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LogInForm {
    token: String,
    /// Where the owner wanted to go.
    next: String,
}

/// `GET /log-in`
pub async fn form(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let viewer = Viewer::of(&request);
    if viewer == Viewer::ReadOnly {
        return Err(Problem::writes_are_off());
    }
    let next = value_of(request.query_string(), "next");
    respond_uncached(
        StatusCode::OK,
        &LogInPage { viewer, site: Site::of(&request)?, next: own_path(&next), error: None },
    )
}

/// `POST /log-in`
pub async fn log_in(
    request: HttpRequest,
    payload: Payload,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    // Before the body is read.
    require_same_origin(&request)?;
    let token = admin_token(&request).ok_or_else(Problem::writes_are_off)?;
    let attempts = Attempts::of(&request)?;
    attempts.begin(&request)?;
    let form = FormBody::read(&request, &mut payload.into_inner(), MAX_LOG_IN).await?;
    let LogInForm { token: presented, next } = form.parse()?;
    let presented = Zeroizing::new(presented);
    let next = own_path(&next);
    if !is_admin_token(presented.trim().as_bytes(), token) {
        attempts.report_wrong(&request, "token in the log-in form");
        let error = Some("This token is not right. Check it and try again");
        let page =
            LogInPage { viewer: Viewer::of(&request), site: Site::of(&request)?, next, error };
        return respond_uncached(StatusCode::UNAUTHORIZED, &page);
    }
    redirect(next, &session::begin(&request, &state, token).await?)
}

/// `POST /log-out`
pub async fn log_out(request: HttpRequest, state: Data<AppState>) -> Result<HttpResponse, Problem> {
    require_same_origin(&request)?;
    redirect("/rooms", &session::end(&request, &state).await?)
}

/// `POST /log-out-everywhere`
pub async fn log_out_everywhere(
    _: Owner,
    request: HttpRequest,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    redirect("/rooms", &session::end_all(&request, &state).await?)
}

pub fn describe_form() -> Description {
    let page = json!({ "schema": { "type": "string" } });
    Description::for_operators("log_in_page", "The page on which the owner logs in")
        .responds("200", plain_response("The page", "text/html; charset=utf-8", &page))
        .fails(&[Failing::Forbidden])
}

pub fn describe_log_in() -> Description {
    let text = |description: &str, example: &str| json!({ "type": "string", "description": description, "examples": [example] });
    let form = json!({
        "type": "object", "required": ["token"],
        "properties": {
            "token": text("The admin token", "0123456789abcdef0123456789abcdef"),
            "next": text("The path to go to, if it begins with /rooms", "/rooms"),
        },
    });
    let headers = json!({
        "Location": header("Where the owner wanted to go", "/rooms"),
        "Set-Cookie": header("The session", "rentomatic_session=…; HttpOnly; SameSite=Strict; Path=/"),
    });
    Description::for_operators("log_in", "Begin a session in a browser")
        .body([(FORM, json!({ "schema": form }))])
        .responds("303", response("The session has begun", headers, &json!({})))
        .fails(&[
            Failing::Invalid,
            Failing::Unauthorized,
            Failing::Forbidden,
            Failing::Failed,
            Failing::Unavailable,
        ])
}

fn redirect(path: &str, session: &Cookie<'_>) -> Result<HttpResponse, Problem> {
    let mut response = see_other(path);
    response.add_cookie(session).map_err(|error| Problem::internal(&error))?;
    Ok(response)
}

/// The path if it leads to the rooms of this server, otherwise that of all rooms. So a link to the log-in
/// page cannot lead to another site.
fn own_path(path: &str) -> &str {
    let is_harmless = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    let is_ours = path.starts_with("/rooms") && path.bytes().all(is_harmless);
    if is_ours { path } else { "/rooms" }
}
