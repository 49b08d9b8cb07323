//! The headers that describe a representation.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, VARY};
use actix_web::{HttpResponse, HttpResponseBuilder};

use crate::http::request::Representation;

/// A 200 in this representation, without its body.
pub fn ok(representation: Representation) -> HttpResponseBuilder {
    in_representation(HttpResponse::Ok(), representation)
}

/// Adds the headers of a representation. A proxy may store the response, but must revalidate it before
/// each use.
pub fn in_representation(
    mut response: HttpResponseBuilder,
    representation: Representation,
) -> HttpResponseBuilder {
    let varies = match representation {
        Representation::Data(_) => "Accept, Accept-Encoding",
        Representation::Page => "Accept, Accept-Encoding, Cookie",
    };
    response
        .insert_header((CONTENT_TYPE, HeaderValue::from_static(representation.media_type())))
        .insert_header((VARY, HeaderValue::from_static(varies)))
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-cache")));
    response
}
