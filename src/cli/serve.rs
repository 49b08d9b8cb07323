//! `rentomatic serve`

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use clap::Args;

use super::{Failure, database_url};
use crate::http::Server;
use crate::repository::{self, DatabaseUrl};
use crate::settings::Settings;
use crate::use_cases::{RoomRepository, add_sample_rooms, readiness};

/// After how long a storage that could not be reached is tried again.
const AGAIN: Duration = Duration::from_millis(500);

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
    let server = Server::bind(settings, Arc::clone(&repository), admin_token).map_err(|error| {
        Failure(format!("cannot listen on {bind}: {error}. Choose another address with --bind"))
    })?;

    let prepare = Prepare {
        url: url.clone(),
        repository,
        migrates: settings.database.migrate_on_start,
        sample_data: arguments.sample_data,
    };
    match prepare.run() {
        Ok(()) => {}
        Err(Unprepared::For(reason)) => return Err(Failure(reason)),
        Err(Unprepared::Yet(reason)) => {
            log::warn!("not ready: {reason}");
            thread::spawn(move || prepare.patiently(reason));
        }
    }

    let address = server.address();
    log::info!("rooms are kept in {url}; {can_write}");
    log::info!("listening on http://{address}");
    log::info!("open http://{}/rooms in a browser; Ctrl-C stops", from_here(address));
    server.run()?;
    log::info!("stopped");
    Ok(())
}

/// What is done before the rooms can be asked for.
struct Prepare {
    url: DatabaseUrl,
    repository: Arc<dyn RoomRepository>,
    migrates: bool,
    sample_data: bool,
}

/// Why it is not done.
enum Unprepared {
    /// The storage cannot be reached, or somebody else has to migrate it; later it may be otherwise.
    Yet(String),
    /// It will not be otherwise by waiting.
    For(String),
}

impl Prepare {
    fn run(&self) -> Result<(), Unprepared> {
        if self.migrates {
            let applied = repository::migrate(&self.url).map_err(|error| {
                let reason = error.to_string();
                if error.is_passing() { Unprepared::Yet(reason) } else { Unprepared::For(reason) }
            })?;
            for name in applied {
                log::info!("applied migration {name}");
            }
        } else if let Err(failure) = readiness(self.repository.as_ref()) {
            let Failure(reason) = failure.into();
            return Err(Unprepared::Yet(reason));
        }
        if self.sample_data {
            let added = add_sample_rooms(self.repository.as_ref()).map_err(|failure| {
                let Failure(reason) = failure.into();
                Unprepared::For(reason)
            })?;
            if added {
                log::info!("put in the four sample rooms");
            }
        }
        Ok(())
    }

    /// Tries again until it is done, while the server answers that it is not ready.
    fn patiently(&self, mut before: String) {
        loop {
            thread::sleep(AGAIN);
            match self.run() {
                Ok(()) => return log::info!("ready"),
                Err(Unprepared::Yet(reason)) if reason != before => {
                    log::warn!("not ready: {reason}");
                    before = reason;
                }
                Err(Unprepared::Yet(_)) => {}
                Err(Unprepared::For(reason)) => {
                    log::error!("{reason}");
                    process::exit(1);
                }
            }
        }
    }
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
