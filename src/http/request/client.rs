//! Who a request comes from.

use std::net::IpAddr;

use actix_web::HttpRequest;

/// The address of the client. A proxy on this machine says whose request it passes on.
pub fn client_address(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    let forwarded = request.headers().get("x-forwarded-for").and_then(|value| value.to_str().ok());
    let last = forwarded.and_then(|list| list.rsplit(',').next()?.trim().parse().ok());
    Some(if peer.is_loopback() { last.unwrap_or(peer) } else { peer })
}
