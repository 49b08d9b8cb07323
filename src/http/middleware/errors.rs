//! Renders problems: as a page if the client prefers one, otherwise as JSON (RFC 9457). Logs their
//! internal causes.

use actix_web::dev::ServiceResponse;
use actix_web::http::header::{CACHE_CONTROL, RETRY_AFTER, VARY};
use actix_web::{HttpRequest, HttpResponse};

use crate::http::pages;
use crate::http::problem::Problem;
use crate::http::request::{Preferences, RequestId};

/// The number of seconds after which a client should retry a 503.
const RETRY_AFTER_SECONDS: u32 = 1;

pub fn render(response: ServiceResponse) -> ServiceResponse {
    let Some(error) = response.response().error() else { return response };
    let problem: Problem = error.as_error::<Problem>().cloned().unwrap_or_else(|| error.into());
    let id = RequestId::of(response.request());
    id.log(&problem);
    let rendered = respond(&problem, response.request(), id.as_str());
    response.into_response(rendered)
}

fn respond(problem: &Problem, request: &HttpRequest, request_id: &str) -> HttpResponse {
    let mut response = HttpResponse::build(problem.status);
    response.insert_header((VARY, "Accept")).insert_header((CACHE_CONTROL, "no-store"));
    if let Some(header) = &problem.header {
        response.insert_header(header.as_ref().clone());
    }
    if problem.is_temporary() {
        response.insert_header((RETRY_AFTER, RETRY_AFTER_SECONDS));
    }
    let detail = problem.public_detail(request_id);
    let preferences = Preferences::of(request);
    let json = [mime::APPLICATION_JSON, problem_json()].map(|mime| preferences.quality(&mime));
    let page = preferences.quality(&mime::TEXT_HTML);
    if json.iter().all(|quality| *quality < page)
        && let Ok(page) =
            pages::problem::respond(request, &mut response, problem, &detail, request_id)
    {
        return page;
    }
    response.content_type(problem_json()).json(problem.body(&detail, request_id))
}

fn problem_json() -> mime::Mime {
    #[expect(clippy::expect_used, reason = "a constant, parsed in every test of an error")]
    "application/problem+json".parse().expect("a media type")
}
