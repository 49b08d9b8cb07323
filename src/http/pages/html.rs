//! Responses with a page.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use actix_web::{HttpResponse, HttpResponseBuilder};
use askama::Template;

use crate::http::problem::Problem;
use crate::settings::MapSettings;

pub fn render(page: &impl Template) -> Result<String, Problem> {
    page.render().map_err(|error| Problem::internal(&error))
}

/// Completes a response with a page, and with the policy that its map needs, if it has one.
pub fn respond(
    response: &mut HttpResponseBuilder,
    page: &impl Template,
    map: Option<&MapSettings>,
) -> Result<HttpResponse, Problem> {
    let page = render(page)?;
    response.content_type(mime::TEXT_HTML_UTF_8);
    response.insert_header((CONTENT_SECURITY_POLICY, policy(map)));
    Ok(response.body(page))
}

/// A page that no cache stores, for example one with a form.
pub fn respond_uncached(status: StatusCode, page: &impl Template) -> Result<HttpResponse, Problem> {
    let mut response = HttpResponse::build(status);
    respond(response.insert_header((CACHE_CONTROL, "no-store")), page, None)
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
