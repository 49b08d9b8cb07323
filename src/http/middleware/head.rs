//! Removes the body from the response to a `HEAD` request.
//!
//! The framework would do so too, but not if another request arrived in the same packet: it uses the
//! method of the newest request that it has read.

use std::convert::Infallible;

use actix_web::Error;
use actix_web::body::{BodySize, BodyStream, BoxBody, MessageBody};
use actix_web::dev::{ResponseHead, ServiceRequest, ServiceResponse};
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use futures_util::stream;

pub async fn head(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let is_head = request.method() == Method::HEAD;
    let response = next.call(request).await?;
    // The length of the response that a 304 stands for is unknown here.
    if is_head && response.status() != StatusCode::NOT_MODIFIED {
        Ok(response.map_body(|head, body| without_body(head, body.size())))
    } else {
        Ok(response)
    }
}

fn without_body(head: &mut ResponseHead, size: BodySize) -> BoxBody {
    if let BodySize::Sized(length) = size {
        head.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    // So that the framework adds no length of its own to an empty stream.
    head.no_chunking(true);
    BoxBody::new(BodyStream::new(stream::empty::<Result<Bytes, Infallible>>()))
}
