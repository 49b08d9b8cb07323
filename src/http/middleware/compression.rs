//! Compresses responses for clients that accept it (RFC 9110, section 12.5.3).
//!
//! This is actix-web's `Compress` with a smallest size, and without a share in responses that stay as they are.

use actix_http::encoding::Encoder;
use actix_web::HttpRequest;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_ENCODING, AcceptEncoding, ContentEncoding, Encoding, Header};

use crate::http::problem::Problem;

/// The number of bytes from which a response is compressed. A smaller one fits into one packet anyway.
const MIN_COMPRESSED_SIZE: u64 = 1_400;

/// Refuses a client that accepts none of the encodings.
pub fn check(request: &HttpRequest) -> Result<(), Problem> {
    let Some(accepted) = accepted(request) else { return Ok(()) };
    negotiate(&accepted).map(drop).ok_or_else(|| {
        let detail = "Accept-Encoding: this path offers gzip and identity";
        Problem::new(StatusCode::NOT_ACCEPTABLE, detail)
    })
}

/// Compresses a response that is large enough.
pub fn compress(response: ServiceResponse) -> ServiceResponse {
    let Some(accepted) = accepted(response.request()) else { return response };
    let size = response.response().body().size();
    let is_large = matches!(size, BodySize::Sized(MIN_COMPRESSED_SIZE..) | BodySize::Stream);
    let Some(Encoding::Known(encoding)) = negotiate(&accepted).filter(|_| is_large) else {
        return response;
    };
    response.map_body(|head, body| BoxBody::new(Encoder::response(encoding, head, body)))
}

fn accepted(request: &HttpRequest) -> Option<AcceptEncoding> {
    if request.headers().contains_key(ACCEPT_ENCODING) {
        AcceptEncoding::parse(request).ok()
    } else {
        None
    }
}

fn negotiate(accepted: &AcceptEncoding) -> Option<Encoding> {
    let offers = [ContentEncoding::Identity, ContentEncoding::Gzip, ContentEncoding::Deflate];
    accepted.negotiate(offers.map(Encoding::Known).iter())
}
