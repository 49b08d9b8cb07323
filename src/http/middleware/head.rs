//! Removes the body from the response to a `HEAD` request.
//!
//! The framework would do so too, but not if another request arrived in the same packet: it uses the
//! method of the newest request that it has read.

use std::convert::Infallible;

use actix_web::body::{BodySize, BodyStream, BoxBody, MessageBody};
use actix_web::dev::{ResponseHead, ServiceResponse};
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::http::{Method, StatusCode};
use actix_web::web::Bytes;
use futures_util::stream;

pub fn without_body(response: ServiceResponse) -> ServiceResponse {
    let is_head = response.request().method() == Method::HEAD;
    // The length of the response that a 304 stands for is unknown here.
    if is_head && response.status() != StatusCode::NOT_MODIFIED {
        response.map_body(|head, body| no_body(head, body.size()))
    } else {
        response
    }
}

fn no_body(head: &mut ResponseHead, size: BodySize) -> BoxBody {
    if let BodySize::Sized(length) = size {
        head.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    // So that the framework adds no length of its own to an empty stream.
    head.no_chunking(true);
    BoxBody::new(BodyStream::new(stream::empty::<Result<Bytes, Infallible>>()))
}
