//! Where the server listens, which proxies are trusted, and which names of this server are valid.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

use ipnet::IpNet;
use serde::Deserialize;

/// Reads an address with a port. The host can be a name of this machine, for example `localhost`; of its
/// addresses, the first of IPv4 is taken.
///
/// # Errors
///
/// What to write instead.
pub fn address(text: &str) -> Result<SocketAddr, String> {
    let instruction = "write an address and a port, for example 127.0.0.1:8080 or localhost:8080";
    let found = text.trim().to_socket_addrs().map_err(|error| match error.kind() {
        ErrorKind::InvalidInput => instruction.to_owned(),
        _ => format!("{instruction}; this machine does not know the host ({error})"),
    })?;
    let found: Vec<_> = found.collect();
    let of_ipv4 = found.iter().find(|address| address.is_ipv4());
    of_ipv4.or(found.first()).copied().ok_or_else(|| instruction.to_owned())
}

/// The proxies whose statements about a client are believed: who it is, and whether it used HTTPS.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Whether this address is a proxy's.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address.to_canonical()))
    }
}

impl TryFrom<Vec<String>> for TrustedProxies {
    type Error = String;

    fn try_from(texts: Vec<String>) -> Result<Self, Self::Error> {
        let network = |text: &String| {
            let address = text.parse::<IpAddr>().map(IpNet::from);
            let network = address.or_else(|_| text.parse());
            network.map_err(|_| {
                format!("write addresses and networks, for example 10.0.0.0/8, instead of {text:?}")
            })
        };
        texts.iter().map(network).collect::<Result<_, _>>().map(Self)
    }
}

/// The names by which browsers may address this server, in addition to `localhost` and IP addresses.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct HostNames(Vec<String>);

impl HostNames {
    /// Whether `host`, with or without a port, is a name of this server, `localhost` or an IP address.
    #[must_use]
    pub fn accept(&self, host: &str) -> bool {
        if let Some(rest) = host.strip_prefix('[') {
            return rest.split_once(']').is_some_and(|(address, port)| {
                address.parse::<Ipv6Addr>().is_ok() && (port.is_empty() || port.starts_with(':'))
            });
        }
        let name = host.split_once(':').map_or(host, |(name, _)| name);
        let name = name.strip_suffix('.').unwrap_or(name);
        let is_name = |known: &String| known.eq_ignore_ascii_case(name);
        name.eq_ignore_ascii_case("localhost")
            || name.parse::<Ipv4Addr>().is_ok()
            || self.0.iter().any(is_name)
    }
}

impl TryFrom<Vec<String>> for HostNames {
    type Error = String;

    fn try_from(names: Vec<String>) -> Result<Self, Self::Error> {
        let is_valid = |name: &String| {
            let is_part_of_a_name =
                |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
            !name.is_empty() && name.bytes().all(is_part_of_a_name)
        };
        match names.iter().find(|name| !is_valid(name)) {
            Some(name) => Err(format!(
                "write names without a port, for example rooms.example, instead of {name:?}"
            )),
            None => Ok(Self(names)),
        }
    }
}
