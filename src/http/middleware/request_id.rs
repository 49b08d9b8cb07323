//! Gives every request an id, and its response a header with it.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::HeaderValue;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};

use crate::http::request::RequestId;

pub async fn request_id<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let id = RequestId::new(request.headers());
    request.extensions_mut().insert(id.clone());
    let mut response = next.call(request).await?;
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(RequestId::HEADER, id);
    }
    Ok(response)
}
