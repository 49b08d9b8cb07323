//! How the server is reached, how long it is waited for, and what its errors mean.
//!
//! The driver bounds the way to a server, but not its answer; its own blocking interface would wait
//! for one for ever. So its futures are run here, each within a bound.

use std::future::IntoFuture;
use std::io;
use std::sync::LazyLock;
use std::time::Duration;

use mongodb::bson::Document;
use mongodb::error::{Error, ErrorKind, Result as DriverResult, WriteFailure};
use mongodb::options::{ClientOptions, WriteConcern};
use mongodb::{Client, Collection, Database};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use super::ROOMS;
use super::document::NoRoom;
use crate::repository::MongoUrl;
use crate::use_cases::RepositoryError;

/// How long the server may work at a question, by its own clock.
pub const WORK: Duration = Duration::from_secs(10);

/// How long any answer is waited for; then the connection is given up.
const ANSWER: Duration = Duration::from_secs(12);

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(2);

/// How often a server is asked how it is, and so how soon a silent one is noticed, beside [`CONNECT`].
const HEARTBEAT: Duration = Duration::from_secs(1);

/// What the driver runs on, in this process.
static RUNTIME: LazyLock<io::Result<Runtime>> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(1).enable_all().build());

/// A server, and connections to it in one pool for as long as this lives.
pub struct Server {
    client: Result<Client, Trouble>,
    database: String,
}

impl Server {
    /// One that is found within `patience`, and given up after it.
    pub fn new(url: &MongoUrl, connections: u32, patience: Duration) -> Self {
        let connect = async {
            let mut options = ClientOptions::parse(url.to_driver()).await?;
            options.app_name.get_or_insert_with(|| "rentomatic".to_owned());
            options.max_pool_size.get_or_insert(connections);
            options.connect_timeout.get_or_insert(CONNECT);
            options.heartbeat_freq.get_or_insert(HEARTBEAT);
            options.server_selection_timeout.get_or_insert(patience);
            // A write whose connection is lost may have been done; who asked for it is told so.
            options.retry_writes.get_or_insert(false);
            // What is acknowledged is on the disk, and outlives the primary.
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
    pub fn database(&self) -> Result<Database, Trouble> {
        Ok(self.client.clone()?.database(&self.database))
    }

    /// The collection of rooms.
    pub fn rooms(&self) -> Result<Collection<Document>, Trouble> {
        Ok(self.database()?.collection(ROOMS))
    }
}

/// Runs the driver's work on this thread, until it ends.
pub fn run<T>(work: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    match &*RUNTIME {
        Ok(runtime) => runtime.block_on(work),
        Err(error) => Err(Trouble::NoRuntime(error.to_string())),
    }
}

/// An answer of the driver's, within the bound.
pub async fn answer<T>(work: impl IntoFuture<Output = DriverResult<T>>) -> Result<T, Trouble> {
    match timeout(ANSWER, work.into_future()).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(Trouble::Late),
    }
}

/// Why something could not be done.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// The driver or the server says why.
    Driver(Error),
    /// No answer came in time.
    Late,
    /// A document is no room.
    NoRoom(NoRoom),
    /// The collection lacks these migrations.
    NotMigrated(Vec<String>),
    /// Others wrote the same room all the time.
    Contended,
    /// This server cannot do it at all, and why.
    Unsupported(&'static str),
    /// Something else, in words.
    Other(&'static str),
    /// The driver has nothing to run on.
    NoRuntime(String),
}

/// The server is a standby now (MongoDB, "Error Codes": NotWritablePrimary).
const READ_ONLY: i32 = 10107;

/// The server, or one that it asks, is going away or coming back: HostUnreachable, HostNotFound,
/// NetworkTimeout, ShutdownInProgress, PrimarySteppedDown, SocketException, InterruptedAtShutdown,
/// InterruptedDueToReplStateChange, NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary.
const AWAY: [i32; 10] = [6, 7, 89, 91, 189, 9001, 11600, 11602, 13435, 13436];

/// Another came in between: WriteConflict, DuplicateKey.
const RACE: [i32; 2] = [112, 11000];

impl Trouble {
    /// Whether it is only that another writer came in between, so that one may try again.
    pub fn is_race(&self) -> bool {
        self.code().is_some_and(|code| RACE.contains(&code))
    }

    /// Whether the same transaction may well succeed when it is tried again, from its beginning.
    pub fn is_transient(&self) -> bool {
        let labelled = |error: &Error| error.contains_label("TransientTransactionError");
        let is_lost = |error: &Error| matches!(*error.kind, ErrorKind::Io(_));
        self.is_race() || matches!(self, Self::Driver(error) if labelled(error) && !is_lost(error))
    }

    /// Whether the server could not be reached at all.
    pub fn is_away(&self) -> bool {
        match self {
            Self::Late => true,
            Self::Driver(error) => match *error.kind {
                ErrorKind::Io(_)
                | ErrorKind::ServerSelection { .. }
                | ErrorKind::ConnectionPoolCleared { .. }
                | ErrorKind::DnsResolve { .. } => true,
                _ => self.code().is_some_and(|code| AWAY.contains(&code)),
            },
            _ => false,
        }
    }

    /// The server's own number for it.
    pub fn code(&self) -> Option<i32> {
        let Self::Driver(error) = self else { return None };
        match &*error.kind {
            ErrorKind::Command(error) => Some(error.code),
            ErrorKind::Write(WriteFailure::WriteError(error)) => Some(error.code),
            ErrorKind::Write(WriteFailure::WriteConcernError(error)) => Some(error.code),
            ErrorKind::InsertMany(error) => {
                error.write_errors.iter().flatten().map(|error| error.code).next()
            }
            _ => None,
        }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Driver(error)
    }
}

impl From<NoRoom> for Trouble {
    fn from(error: NoRoom) -> Self {
        Self::NoRoom(error)
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Driver(error) => error.kind.fmt(f),
            Self::Late => write!(f, "no answer within {} s", ANSWER.as_secs()),
            Self::NoRoom(error) => error.fmt(f),
            Self::NotMigrated(missing) => write!(f, "it lacks {}", missing.join(", ")),
            Self::Contended => f.write_str("others wrote the same room all the time"),
            Self::Unsupported(what) | Self::Other(what) => f.write_str(what),
            Self::NoRuntime(reason) => write!(f, "the driver cannot run: {reason}"),
        }
    }
}

impl std::error::Error for Trouble {}

impl From<Trouble> for RepositoryError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::NotMigrated(missing) => Self::NotMigrated(missing),
            Trouble::NoRoom(_) => Self::Corrupt(trouble.into()),
            Trouble::Unsupported(reason) => Self::Unsupported(reason),
            _ if trouble.is_away() => Self::Unavailable(trouble.into()),
            _ if trouble.code() == Some(READ_ONLY) => Self::ReadOnly(trouble.into()),
            _ => Self::Failed(trouble.into()),
        }
    }
}
