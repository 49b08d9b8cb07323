//! How the server is reached, with a time-out for each wait.
//!
//! The driver limits how long it looks for a server, but not how long it waits for a response, and its own
//! blocking interface would wait for ever. So its futures run here, each with a time-out.

use std::future::IntoFuture;
use std::io;
use std::sync::LazyLock;
use std::time::Duration;

use mongodb::bson::Document;
use mongodb::error::Result as DriverResult;
use mongodb::options::{ClientOptions, WriteConcern};
use mongodb::{Client, Collection, Database};
use secrecy::ExposeSecret;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use super::error::MongoError;
use crate::repository::url::MongoUrl;

/// The name of the collection of rooms, which is that of the Python original.
pub const ROOMS: &str = "rooms";

/// The name of the collection of sessions.
pub const SESSIONS: &str = "sessions";

/// How long the server may work on a query, by its own clock.
pub const MAX_TIME: Duration = Duration::from_secs(10);

/// How long to wait for any response before the connection is closed.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(12);

/// How long to wait for a new connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// How often the driver checks a server. A server that vanished is noticed after this time and
/// [`CONNECT_TIMEOUT`].
const HEARTBEAT: Duration = Duration::from_secs(1);

/// The runtime of the driver in this process.
static RUNTIME: LazyLock<io::Result<Runtime>> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(1).enable_all().build());

/// A pool of connections to one database.
#[derive(Clone)]
pub struct MongoClient {
    client: Result<Client, MongoError>,
    database: String,
}

impl MongoClient {
    /// Starts to look for the server; an operation waits for it for at most `selection_timeout`.
    pub fn new(url: &MongoUrl, connections: u32, selection_timeout: Duration) -> Self {
        let connect = async {
            let mut options = ClientOptions::parse(url.to_driver().expose_secret()).await?;
            options.app_name.get_or_insert_with(|| "rentomatic".to_owned());
            options.max_pool_size.get_or_insert(connections);
            options.connect_timeout.get_or_insert(CONNECT_TIMEOUT);
            options.heartbeat_freq.get_or_insert(HEARTBEAT);
            options.server_selection_timeout.get_or_insert(selection_timeout);
            // A write whose connection was lost may have been done; the caller is told so instead.
            options.retry_writes.get_or_insert(false);
            // An acknowledged write is on the disk, and survives the loss of the primary.
            options.write_concern.get_or_insert_with(|| {
                let mut concern = WriteConcern::majority();
                concern.journal = Some(true);
                concern
            });
            Ok(Client::with_options(options)?)
        };
        Self { client: run(connect), database: url.database().to_owned() }
    }

    /// The database.
    pub fn database(&self) -> Result<Database, MongoError> {
        Ok(self.client.clone()?.database(&self.database))
    }

    /// The collection of rooms.
    pub fn rooms(&self) -> Result<Collection<Document>, MongoError> {
        Ok(self.database()?.collection(ROOMS))
    }
}

/// Runs the driver's work on this thread until it ends.
pub fn run<T, E: From<MongoError>>(
    work: impl Future<Output = Result<T, MongoError>>,
) -> Result<T, E> {
    let runtime = RUNTIME.as_ref().map_err(|error| {
        MongoError::Other(format!("the runtime for the driver cannot start: {error}"))
    })?;
    Ok(runtime.block_on(work)?)
}

/// Waits for the driver's response, with a time-out.
pub async fn bounded<T>(work: impl IntoFuture<Output = DriverResult<T>>) -> Result<T, MongoError> {
    match timeout(RESPONSE_TIMEOUT, work.into_future()).await {
        Ok(response) => Ok(response?),
        Err(_) => Err(MongoError::TimedOut(RESPONSE_TIMEOUT)),
    }
}
