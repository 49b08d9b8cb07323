//! `rentomatic healthcheck`

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use clap::Args;

use super::Failure;
use super::output::say;
use crate::settings::Settings;

/// How long the server may take; a container's health check has a time-out of its own beside it.
const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Debug, Args)]
pub struct Arguments {
    /// The server's address, as http://127.0.0.1:8080; by default the one that is served here
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

pub fn run(arguments: &Arguments, settings: &Settings) -> Result<(), Failure> {
    let server =
        arguments.url.clone().unwrap_or_else(|| format!("http://{}", local(settings.server.bind)));
    if server.contains('@') {
        return Err(Failure("--url takes no user name: /ready needs none".to_owned()));
    }
    let url = format!("{}/ready", server.trim_end_matches('/'));
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        // The server is asked itself, whatever the environment says of proxies.
        .proxy(None)
        .http_status_as_error(false)
        .build()
        .into();
    let response = agent.get(&url).call().map_err(|error| {
        Failure(format!("{url} does not answer: {error}. Is the server up, is this its address?"))
    })?;
    match response.status().as_u16() {
        200 => Ok(say("ready\n")?),
        status => Err(Failure(format!("{url} answers {status}: not ready, its log says why"))),
    }
}

/// The address at which this machine reaches a server that listens on `bind`.
fn local(bind: SocketAddr) -> SocketAddr {
    let ip = match bind.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, bind.port())
}
