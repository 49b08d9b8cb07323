//! Looks up the session of a request that has the cookie of one, so that handlers and pages know whether the
//! owner is logged in.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

use crate::http::auth::session::look_up;

pub async fn session<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    look_up(request.request()).await;
    next.call(request).await
}
