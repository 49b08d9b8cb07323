//! Where else to go: the next page, and another page after a form.

use actix_web::HttpResponse;
use actix_web::http::Uri;
use actix_web::http::header::{CACHE_CONTROL, HeaderName, HeaderValue, LINK, LOCATION};

use crate::http::problem::Problem;
use crate::http::request::cursor;
use crate::http::request::query::with_cursor;
use crate::use_cases::{Position, RoomListRequest};

/// The header with the number of rooms on all pages.
pub const TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

/// The URL of the next page, if there is one.
pub fn next_page(url: &Uri, request: &RoomListRequest, next: Option<&Position>) -> Option<String> {
    let next = next.filter(|_| request.limit.is_some())?;
    let query = with_cursor(url.query().unwrap_or_default(), &cursor::write(request, next));
    Some(format!("{}?{query}", url.path()))
}

/// The `Link` to the next page (RFC 8288).
pub fn link_next(next: &str) -> Result<(HeaderName, HeaderValue), Problem> {
    Ok((LINK, header_value(&format!("<{next}>; rel=\"next\""))?))
}

/// A header's value.
pub fn header_value(text: &str) -> Result<HeaderValue, Problem> {
    HeaderValue::from_str(text).map_err(|error| Problem::internal(&error))
}

/// Redirects a browser after its form was processed.
pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, path))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish()
}
