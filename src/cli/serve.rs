//! `rentomatic serve`

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use clap::Args;

use super::{Failure, database_url};
use crate::http::Server;
use crate::repository;
use crate::settings::Settings;
use crate::use_cases::{add_sample_rooms, readiness};

#[derive(Debug, Args)]
pub struct Arguments {
    /// Listen on this address and port
    #[arg(long, value_name = "ADDR")]
    pub bind: Option<SocketAddr>,

    /// Put four rooms into the table, if it is empty
    #[arg(long)]
    sample_data: bool,
}

pub fn run(arguments: &Arguments, settings: &Settings) -> Result<(), Failure> {
    let url = database_url(settings)?;
    let repository = repository::open(&url, &settings.database);
    // Before anything is changed: a server that cannot listen should not migrate.
    let bind = settings.server.bind;
    let admin_token = settings.writes.token()?;
    let can_write = if admin_token.is_some() { "the owner can write" } else { "nobody can write" };
    let map = settings.map.clone();
    let server = Server::bind(&settings.server, Arc::clone(&repository), admin_token, map)
        .map_err(|error| {
            Failure(format!("cannot listen on {bind}: {error}. Choose another address with --bind"))
        })?;

    if settings.database.migrate_on_start {
        for name in repository::migrate(&url)? {
            log::info!("applied migration {name}");
        }
    } else if let Err(failure) = readiness(repository.as_ref()) {
        let Failure(reason) = failure.into();
        log::warn!("not ready: {reason}");
    }
    if arguments.sample_data && add_sample_rooms(repository.as_ref())? {
        log::info!("put in the four sample rooms");
    }

    let address = server.address();
    log::info!("rooms are kept in {url}; {can_write}");
    log::info!("listening on http://{address}");
    log::info!("open http://{}/rooms in a browser; Ctrl-C stops", from_here(address));
    server.run()?;
    log::info!("stopped");
    Ok(())
}

/// How a browser on this machine reaches the address.
fn from_here(address: SocketAddr) -> String {
    let ip = address.ip();
    if ip.is_unspecified() || ip == Ipv4Addr::LOCALHOST || ip == Ipv6Addr::LOCALHOST {
        format!("localhost:{}", address.port())
    } else {
        address.to_string()
    }
}
