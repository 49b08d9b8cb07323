//! Delays the acknowledgement of a write until no server can respond with an older list
//! (read-your-writes).

use actix_web::dev::ServiceResponse;

use crate::http::state::AppState;

pub async fn wait(response: &ServiceResponse) {
    let is_write = !response.request().method().is_safe();
    let is_done = response.status().is_success() || response.status().is_redirection();
    if is_write
        && is_done
        && let Some(state) = AppState::of(response.request())
    {
        state.access.versions.wait_until_stale_everywhere().await;
    }
}
