//! The headers that responses share: those of a representation, and links.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, LINK, LOCATION, VARY,
};
use actix_web::http::uri::PathAndQuery;
use actix_web::{HttpResponse, HttpResponseBuilder};

use crate::http::problem::Problem;
use crate::http::request::query::with_cursor;
use crate::http::request::{Representation, cursor};
use crate::use_cases::{Position, RoomListRequest};

/// The header with the number of rooms on all pages.
const TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

/// A 200 in this representation, without its body.
pub fn ok(representation: Representation) -> HttpResponseBuilder {
    in_representation(StatusCode::OK, representation)
}

/// The start of a response in this representation. A proxy may store it, but must revalidate it before each
/// use.
pub fn in_representation(
    status: StatusCode,
    representation: Representation,
) -> HttpResponseBuilder {
    let varies = match representation {
        Representation::Data(_) => "Accept, Accept-Encoding",
        Representation::Page => "Accept, Accept-Encoding, Cookie",
    };
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CONTENT_TYPE, HeaderValue::from_static(representation.media_type())))
        .insert_header((VARY, HeaderValue::from_static(varies)))
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-cache")));
    response
}

/// The URL of the next page, if there is one.
pub fn next_page(
    url: &PathAndQuery,
    request: &RoomListRequest,
    next: Option<&Position>,
) -> Option<String> {
    let next = next.filter(|_| request.limit.is_some())?;
    let query = with_cursor(url.query().unwrap_or_default(), &cursor::write(request, next));
    Some(format!("{}?{query}", url.path()))
}

/// The headers of a list that depend on the rooms, with a link to the next page (RFC 8288).
pub fn list_headers(
    total: Option<u64>,
    next: Option<&str>,
) -> Result<Vec<(HeaderName, HeaderValue)>, Problem> {
    let mut headers = Vec::with_capacity(3);
    headers.extend(total.map(|total| (TOTAL_COUNT, total.into())));
    if let Some(next) = next {
        headers.push((LINK, header_value(&format!("<{next}>; rel=\"next\""))?));
    }
    Ok(headers)
}

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
