//! Gives every request an id, and its response a header with it.

use actix_web::HttpMessage;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::HeaderValue;

use crate::http::request::RequestId;

pub fn set(request: &ServiceRequest) -> RequestId {
    let id = RequestId::new(request.headers());
    request.extensions_mut().insert(id.clone());
    id
}

pub fn add(response: &mut ServiceResponse, id: &RequestId) {
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(RequestId::HEADER, id);
    }
}
