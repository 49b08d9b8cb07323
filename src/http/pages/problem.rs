//! The page of a problem.

use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use askama::Template;

use super::html;
use crate::http::auth::Viewer;
use crate::http::problem::Problem;

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    viewer: Viewer,
    status: u16,
    title: &'a str,
    detail: &'a str,
    request_id: &'a str,
}

pub fn respond(
    request: &HttpRequest,
    response: &mut HttpResponseBuilder,
    problem: &Problem,
    detail: &str,
    request_id: &str,
) -> Result<HttpResponse, Problem> {
    let (viewer, status) = (Viewer::of(request), problem.status.as_u16());
    let page = ProblemPage { viewer, status, title: problem.title(), detail, request_id };
    html::respond(response, &page, None)
}
