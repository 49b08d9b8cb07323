//! The page of a problem.

use actix_web::HttpRequest;
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

/// Renders the page.
pub fn render(
    request: &HttpRequest,
    problem: &Problem,
    detail: &str,
    request_id: &str,
) -> Result<String, Problem> {
    html::render(&ProblemPage {
        viewer: Viewer::of(request),
        status: problem.status().as_u16(),
        title: problem.title(),
        detail,
        request_id,
    })
}
