//! Swagger UI: a page on which every request can be tried.

use std::sync::Arc;

use actix_web::http::header::{
    CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ContentEncoding, LOCATION,
};
use actix_web::{HttpResponse, web};
use utoipa_swagger_ui::Config;

use super::document::Document;
use crate::http::problem::Problem;

/// What the page needs: its own script and styles, and no other host.
const POLICY: &str = "default-src 'none'; connect-src 'self'; img-src 'self' data:; \
                      script-src 'self'; style-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// `GET /docs`: its files are below `/docs/`.
pub async fn page() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/")).finish()
}

/// `GET /docs/{file}`
pub async fn file(file: web::Path<String>) -> Result<HttpResponse, Problem> {
    // The page's default validator is on another host.
    let config = Config::from(Document::PATH).validator_url("none").use_base_layout();
    let found = utoipa_swagger_ui::serve(&file, Arc::new(config))
        .map_err(|error| Problem::internal(error.as_ref()))?;
    let Some(found) = found else {
        return Err(Problem::not_found("There is no such file; the page is at /docs/"));
    };
    let mut response = HttpResponse::Ok();
    if found.gzpipped {
        response.insert_header((CONTENT_ENCODING, ContentEncoding::Gzip.as_str()));
    }
    response.insert_header((CONTENT_SECURITY_POLICY, POLICY));
    Ok(response.content_type(found.content_type).body(found.bytes.into_owned()))
}
