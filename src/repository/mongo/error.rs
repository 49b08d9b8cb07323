//! What the driver's and the server's errors mean.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use mongodb::error::{Error, ErrorKind, WriteFailure};

use crate::use_cases::RepositoryError;

/// Why an operation failed.
#[derive(Debug, Clone)]
pub enum MongoError {
    /// The driver or the server reported an error.
    Driver(Error),
    /// No response came within this time.
    TimedOut(Duration),
    /// A document is not a room. The text names it, and says why.
    InvalidDocument(String),
    /// The collection lacks these migrations.
    NotMigrated(Vec<String>),
    /// The deadline of the caller passed.
    DeadlinePassed,
    /// Other writers kept changing the same room.
    Contended,
    /// This server cannot do it at all. The text says what to do.
    Unsupported(&'static str),
    /// Anything else.
    Other(String),
}

/// The server is a standby now (MongoDB documentation, "Error Codes": NotWritablePrimary).
const READ_ONLY: i32 = 10107;

/// The server, or another one that it needs, is shutting down or starting: HostUnreachable, HostNotFound,
/// NetworkTimeout, ShutdownInProgress, PrimarySteppedDown, SocketException, InterruptedAtShutdown,
/// InterruptedDueToReplStateChange, NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary.
const UNREACHABLE: [i32; 10] = [6, 7, 89, 91, 189, 9001, 11600, 11602, 13435, 13436];

/// Another writer was faster: WriteConflict, DuplicateKey.
const RACE: [i32; 2] = [112, 11000];

impl MongoError {
    /// Whether another writer was faster, so that a retry may succeed.
    pub fn is_race(&self) -> bool {
        self.code().is_some_and(|code| RACE.contains(&code))
    }

    /// Whether the same transaction may succeed in a retry from its beginning.
    pub fn is_transient(&self) -> bool {
        let labelled = |error: &Error| error.contains_label("TransientTransactionError");
        let is_lost = |error: &Error| matches!(*error.kind, ErrorKind::Io(_));
        self.is_race() || matches!(self, Self::Driver(error) if labelled(error) && !is_lost(error))
    }

    /// Whether the server could not be reached.
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::TimedOut(_) => true,
            Self::Driver(error) => match *error.kind {
                ErrorKind::Io(_)
                | ErrorKind::ServerSelection { .. }
                | ErrorKind::ConnectionPoolCleared { .. }
                | ErrorKind::DnsResolve { .. } => true,
                _ => self.code().is_some_and(|code| UNREACHABLE.contains(&code)),
            },
            _ => false,
        }
    }

    /// The server's error code.
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

impl From<Error> for MongoError {
    fn from(error: Error) -> Self {
        Self::Driver(error)
    }
}

impl fmt::Display for MongoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Driver(error) => error.kind.fmt(f),
            Self::TimedOut(limit) => write!(f, "no response within {} s", limit.as_secs()),
            Self::NotMigrated(missing) => write!(f, "it lacks {}", missing.join(", ")),
            Self::DeadlinePassed => f.write_str("there is no time left"),
            Self::Contended => f.write_str("other writers kept changing the same room"),
            Self::Unsupported(text) => f.write_str(text),
            Self::InvalidDocument(text) | Self::Other(text) => f.write_str(text),
        }
    }
}

impl StdError for MongoError {}

impl From<MongoError> for RepositoryError {
    fn from(error: MongoError) -> Self {
        match error {
            MongoError::NotMigrated(missing) => Self::NotMigrated(missing),
            MongoError::InvalidDocument(_) => Self::Corrupt(error.into()),
            MongoError::Unsupported(reason) => Self::Unsupported(reason),
            _ if error.is_unreachable() => Self::Unavailable(error.into()),
            _ if error.code() == Some(READ_ONLY) => Self::ReadOnly(error.into()),
            _ => Self::Failed(error.into()),
        }
    }
}
