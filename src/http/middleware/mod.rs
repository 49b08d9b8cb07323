//! Everything that happens around a request, one job per file, in the order of [`around`].
//!
//! It is one middleware with plain functions, because each further middleware costs an allocation and several
//! moves of the response.

mod compression;
mod errors;
pub mod framing;
mod head;
mod headers;
mod host;
mod log;
mod request_id;
mod uri_limit;
mod write_barrier;

use std::time::Instant;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse};

use crate::http::auth::session::look_up as look_up_session;
use crate::http::problem::Problem;

/// Passes a request that is admitted to its handler, and completes the response.
pub async fn around(
    mut request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse, Error> {
    let start = Instant::now();
    let id = request_id::set(&request);
    let response = match admit(&mut request).await {
        Ok(()) => next.call(request).await?,
        Err(problem) => {
            let (request, _) = request.into_parts();
            ServiceResponse::new(request, HttpResponse::from_error(problem))
        }
    };
    let mut response = errors::render(compression::compress(response));
    write_barrier::wait(&response).await;
    headers::add(&mut response);
    let mut response = head::without_body(response);
    framing::announce_end(&mut response);
    log::log(&response, start.elapsed());
    request_id::add(&mut response, &id);
    Ok(response)
}

/// Refuses a request that no handler may see.
async fn admit(request: &mut ServiceRequest) -> Result<(), Problem> {
    framing::check(request)?;
    host::check(request.request())?;
    look_up_session(request.request()).await;
    uri_limit::check(request.request())?;
    compression::check(request.request())
}
