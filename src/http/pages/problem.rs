//! The page of a problem.

use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use askama::Template;

use super::html;
use super::site::Site;
use crate::http::auth::Viewer;
use crate::http::problem::Problem;

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    viewer: Viewer,
    site: Site,
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
    let (viewer, site) = (Viewer::of(request), Site::of(request)?);
    let status = problem.status.as_u16();
    let page = ProblemPage { viewer, site, status, title: problem.title(), detail, request_id };
    html::respond(response, &page, None)
}
