//! `rentomatic serve`

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use rustix::process::{Resource, Rlimit, setrlimit};

use super::output::CliError;
use super::storage::storage;
use crate::http::Server;
use crate::logging::one_line;
use crate::places::Places;
use crate::repository::{Storage, StorageError};
use crate::settings::{Settings, address};
use crate::use_cases::{Failure, Repository, RepositoryError, add_sample_rooms, readiness};

/// How often the server tries again to become ready.
const RETRY_EVERY: Duration = Duration::from_millis(500);

/// How often the log repeats why the server is not ready.
const REMIND_EVERY: Duration = Duration::from_mins(1);

#[derive(Args)]
pub struct Arguments {
    /// Listen on this address and port
    #[arg(long, value_name = "ADDR", value_parser = address)]
    pub bind: Option<SocketAddr>,

    /// Add four sample rooms if there are no rooms
    #[arg(long)]
    sample_data: bool,
}

pub fn run(arguments: &Arguments, settings: &Settings) -> Result<(), CliError> {
    forbid_core_dumps()?;
    let storage = storage(settings)?;
    let url = storage.to_string();
    let repository = storage.open(settings);
    // The address is taken first, because a server that cannot listen should not migrate.
    let bind = settings.server.bind;
    let admin_token = settings.writes.token()?;
    let can_write = if admin_token.is_some() { "the owner can write" } else { "nobody can write" };
    let places = Places::open(&settings.places.file)?;
    let server = Server::bind(settings, Arc::clone(&repository), admin_token, places);
    let server = server.map_err(|error| {
        CliError(format!("cannot listen on {bind}: {error}. Choose another address with --bind"))
    })?;

    let prepare = Prepare {
        storage,
        repository,
        migrates: settings.database.migrate_on_start,
        sample_data: arguments.sample_data,
    };
    match prepare.run() {
        Ok(()) => {}
        Err(NotReady::Fatal(reason)) => return Err(CliError(reason)),
        Err(NotReady::Retry(reason)) => {
            log::warn!("not ready: {reason}");
            thread::spawn(move || prepare.retry_until_ready(reason));
        }
    }

    let address = server.address();
    log::info!("rooms are stored in {url}; {can_write}");
    log::info!("listening on http://{address}");
    log::info!("open http://{}/rooms in a browser; press Ctrl-C to stop", from_here(address));
    server.run()?;
    log::info!("stopped");
    Ok(())
}

/// What the server does before it is ready.
struct Prepare {
    storage: Box<dyn Storage>,
    repository: Arc<dyn Repository>,
    migrates: bool,
    sample_data: bool,
}

/// Why the server is not ready.
enum NotReady {
    /// The storage cannot be reached, or another process has to migrate it: a retry may succeed.
    Retry(String),
    /// Permanent: waiting will not help.
    Fatal(String),
}

impl From<StorageError> for NotReady {
    fn from(error: StorageError) -> Self {
        let reason = error.to_string();
        if error.is_transient() { Self::Retry(reason) } else { Self::Fatal(reason) }
    }
}

impl From<Failure> for NotReady {
    fn from(failure: Failure) -> Self {
        use RepositoryError::{Interrupted, NotMigrated, ReadOnly, TimedOut, Unavailable};
        let reason = one_line(&failure);
        match failure {
            Failure::System(
                Unavailable(_) | Interrupted(_) | TimedOut(_) | ReadOnly(_) | NotMigrated(_),
            ) => Self::Retry(reason),
            _ => Self::Fatal(reason),
        }
    }
}

impl Prepare {
    fn run(&self) -> Result<(), NotReady> {
        if self.migrates {
            for name in self.storage.migrate()? {
                log::info!("applied migration {name}");
            }
        } else {
            self.storage.status()?;
            readiness(self.repository.as_ref())?;
        }
        if self.sample_data && add_sample_rooms(self.repository.as_ref())? {
            log::info!("added the four sample rooms");
        }
        Ok(())
    }

    /// Retries until the server is ready. Meanwhile it answers requests with 503.
    fn retry_until_ready(&self, mut before: String) {
        let mut logged = Instant::now();
        loop {
            thread::sleep(RETRY_EVERY);
            match self.run() {
                Ok(()) => return log::info!("ready"),
                Err(NotReady::Retry(reason)) => {
                    if reason != before || logged.elapsed() >= REMIND_EVERY {
                        log::warn!("not ready: {reason}");
                        (before, logged) = (reason, Instant::now());
                    }
                }
                Err(NotReady::Fatal(reason)) => {
                    log::error!("{reason}");
                    process::exit(1);
                }
            }
        }
    }
}

/// A core dump would hold the admin token and passwords.
fn forbid_core_dumps() -> Result<(), CliError> {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    Ok(setrlimit(Resource::Core, none)?)
}

/// The host by which a browser on this machine reaches the address.
fn from_here(address: SocketAddr) -> String {
    let ip = address.ip();
    if ip.is_unspecified() || ip == Ipv4Addr::LOCALHOST || ip == Ipv6Addr::LOCALHOST {
        format!("localhost:{}", address.port())
    } else {
        address.to_string()
    }
}
