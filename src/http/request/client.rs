//! Who sent a request, by which scheme and to which host. What a proxy says is believed only if the proxy is
//! trusted (`server.trusted_proxies`).

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use actix_web::http::header::{HOST, HeaderName};
use actix_web::{HttpRequest, web};

use crate::settings::{LogSettings, ServerSettings};

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The address of the client: that of the peer or, if the peer is a trusted proxy, the right-most address in
/// `X-Forwarded-For` that is not a trusted proxy itself. A client can forge only what is to the left of it.
fn client_address(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip().to_canonical();
    let settings = server(request);
    let is_proxy = |address| settings.is_some_and(|it| it.trusted_proxies.contains(address));
    let forwarded = request.headers().get_all(FOR).filter_map(|value| value.to_str().ok());
    let entries: Vec<&str> = forwarded.flat_map(|value| value.split(',')).collect();
    let mut address = peer;
    for entry in entries.into_iter().rev() {
        match parse(entry.trim()) {
            Some(next) if is_proxy(address) => address = next,
            _ => break,
        }
    }
    Some(address)
}

/// The network of the client, for limits: its IPv4 address, or the 64 bits of an IPv6 network, whose other
/// bits the client can choose.
pub fn client_network(request: &HttpRequest) -> Option<IpAddr> {
    Some(match client_address(request)? {
        address @ IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    })
}

/// The same as [`client_address`] for a log line, unless `log.client_addresses` is off.
pub fn logged_address(request: &HttpRequest) -> Option<String> {
    let settings = request.app_data::<web::Data<LogSettings>>()?;
    let address = client_address(request).filter(|_| settings.client_addresses)?;
    Some(address.to_string())
}

/// Whether the client used HTTPS, which only a trusted proxy can say: the server itself speaks plain HTTP.
pub fn is_https(request: &HttpRequest) -> bool {
    let peer = request.peer_addr().map(|peer| peer.ip());
    let is_proxy = peer
        .zip(server(request))
        .is_some_and(|(peer, settings)| settings.trusted_proxies.contains(peer));
    // The last one is that of the proxy next to this server.
    let last = request.headers().get_all(PROTO).last().and_then(|value| value.to_str().ok());
    let last = last.and_then(|value| value.rsplit(',').next()).unwrap_or_default();
    is_proxy && last.trim().eq_ignore_ascii_case("https")
}

/// The host that the client addressed, with its port. A proxy has to pass it on in `Host`; a page can set
/// `X-Forwarded-Host`, so that is never believed.
pub fn host(request: &HttpRequest) -> Option<&str> {
    let in_uri = request.uri().authority().map(|authority| {
        let authority = authority.as_str();
        authority.rsplit_once('@').map_or(authority, |(_, host)| host)
    });
    // The authority of an absolute URI replaces Host (RFC 9112, section 3.2.2).
    in_uri.or_else(|| {
        let header = request.headers().get(HOST)?;
        Some(header.to_str().unwrap_or("?"))
    })
}

fn server(request: &HttpRequest) -> Option<&ServerSettings> {
    request.app_data::<web::Data<ServerSettings>>().map(|settings| settings.as_ref())
}

/// An address, which some proxies write with a port.
fn parse(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address =
        bare.parse().or_else(|_| text.parse().map(|with_port: SocketAddr| with_port.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}
