//! Delays the acknowledgement of a write until no server can respond with an older list
//! (read-your-writes).

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

use crate::http::state::AppState;

pub async fn write_barrier<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let is_write = !request.method().is_safe();
    let response = next.call(request).await?;
    let is_done = response.status().is_success() || response.status().is_redirection();
    if is_write
        && is_done
        && let Some(state) = AppState::of(response.request())
    {
        state.access.versions.wait_until_stale_everywhere().await;
    }
    Ok(response)
}
