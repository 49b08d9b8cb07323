//! Responses with a page.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use actix_web::{HttpResponse, HttpResponseBuilder};
use askama::Template;

use crate::http::problem::Problem;
use crate::settings::MapSettings;

/// Renders a template.
pub fn render(page: &impl Template) -> Result<String, Problem> {
    page.render().map_err(|error| Problem::internal(&error))
}

/// Completes a response with a page.
pub fn respond(response: &mut HttpResponseBuilder, page: String) -> HttpResponse {
    respond_with_map(response, page, None)
}

/// A page that no cache stores, for example one with a form.
pub fn respond_uncached(status: StatusCode, page: &impl Template) -> Result<HttpResponse, Problem> {
    let mut response = HttpResponse::build(status);
    response.insert_header((CACHE_CONTROL, "no-store"));
    Ok(respond(&mut response, render(page)?))
}

/// Completes a response with a page that has a map.
pub fn respond_with_map(
    response: &mut HttpResponseBuilder,
    page: String,
    map: Option<&MapSettings>,
) -> HttpResponse {
    response
        .content_type(mime::TEXT_HTML_UTF_8)
        .insert_header((CONTENT_SECURITY_POLICY, policy(map)))
        .body(page)
}

/// What a browser may load for such a page: this server's own files, no script and no frame, and images
/// from the server of the map's tiles, if there is one.
pub fn policy(map: Option<&MapSettings>) -> String {
    let tiles = map.and_then(|map| map.tile_url.as_ref());
    let origin = tiles.map(|tiles| format!(" {}", tiles.origin())).unwrap_or_default();
    format!(
        "default-src 'none'; style-src 'self'; img-src 'self'{origin}; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    )
}
