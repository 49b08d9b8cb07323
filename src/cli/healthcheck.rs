//! `rentomatic healthcheck`

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use clap::Args;

use super::output::{CliError, say};
use crate::settings::Settings;

/// How long to wait for the server. A container's health check has a time-out of its own as well.
const TIMEOUT: Duration = Duration::from_secs(3);

#[derive(Args)]
pub struct Arguments {
    /// The server's address, for example http://127.0.0.1:8080, with or without /ready; by default the one in
    /// the settings
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

pub fn run(arguments: &Arguments, settings: &Settings) -> Result<(), CliError> {
    let server =
        arguments.url.clone().unwrap_or_else(|| format!("http://{}", local(settings.server.bind)));
    if server.contains('@') {
        return Err(CliError("remove the user name from --url: /ready needs none".to_owned()));
    }
    let server = server.trim().trim_end_matches('/');
    let server = server.strip_suffix("/ready").unwrap_or(server).trim_end_matches('/');
    let url = format!("{server}/ready");
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        // Proxies in the environment are ignored: this checks the server itself.
        .proxy(None)
        .http_status_as_error(false)
        .build()
        .into();
    let response = agent.get(&url).call().map_err(|error| {
        CliError(format!(
            "{url} does not respond: {error}. Check that the server is running, and that this is its \
             address"
        ))
    })?;
    match response.status().as_u16() {
        200 => say("ready\n"),
        status => {
            Err(CliError(format!("{url} responded with {status}: not ready, see the server's log")))
        }
    }
}

/// The address by which this machine reaches a server that listens on `bind`.
fn local(bind: SocketAddr) -> SocketAddr {
    let ip = match bind.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, bind.port())
}
