//! Responds with 421 to a request for a host that is not this server's.
//!
//! Otherwise a page of another site could read and change rooms on a server in a private network: its name
//! resolves to this server's address once the page is loaded (DNS rebinding).

use actix_web::{HttpRequest, web};

use crate::http::problem::Problem;
use crate::http::request::host as host_of;
use crate::settings::ServerSettings;

/// The paths for probes and Prometheus, which may use any name for a server, for example its container's.
/// They have nothing that a page should not see, and change nothing.
const ANY_HOST: [&str; 3] = ["/live", "/ready", "/metrics"];

pub fn check(request: &HttpRequest) -> Result<(), Problem> {
    let names = request.app_data::<web::Data<ServerSettings>>().map(|it| &it.host_names);
    // A client of HTTP/1.0 may leave out its host. It is not a browser.
    let stranger = host_of(request)
        .filter(|host| !names.is_some_and(|names| names.accept(host)))
        .filter(|_| !ANY_HOST.contains(&request.path()));
    stranger.map_or(Ok(()), |host| Err(Problem::misdirected(host)))
}
