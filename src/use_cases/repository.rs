//! The port: what the use cases need from a storage of rooms.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use super::listed_room::ListedRoom;
use super::request::RoomListRequest;
use crate::entities::{Room, RoomCode};

/// A storage of rooms.
///
/// The contract, to which one test suite holds every implementation:
///
/// - No two rooms have the same code.
/// - Rooms have an order, the order of their insertion.
/// - Absence is not an error: it is an empty list, or `None`.
/// - A room's sequence number, its place in the order of insertion, never changes.
/// - If two versions are equal, nothing was added, changed or removed between them, by anyone.
/// - A method sees every write, by anyone, that was completed before the call.
/// - Methods block, and may be called from many threads at once.
/// - Any method can fail with any [`RepositoryError`]. A write that fails changes nothing, unless
///   it was [interrupted](RepositoryError::Interrupted).
#[expect(clippy::missing_errors_doc, reason = "the contract describes the errors of all methods")]
pub trait RoomRepository: Send + Sync {
    /// The first rooms that match the request, in its order, at most `most` of them. The request's
    /// `limit` is ignored.
    fn list(
        &self,
        request: &RoomListRequest,
        most: usize,
    ) -> Result<Vec<ListedRoom>, RepositoryError>;

    /// The number of rooms that match the request, but at most `most`. Its `after` and `limit` are
    /// ignored.
    fn count(&self, request: &RoomListRequest, most: u64) -> Result<u64, RepositoryError>;

    /// The state of all rooms together: rooms that are read after this call are those of this version, or
    /// newer. `None` if the storage cannot tell whether rooms have changed.
    fn version(&self) -> Result<Option<Version>, RepositoryError>;

    /// The rooms with these codes that exist, in any order.
    fn find(&self, codes: &[RoomCode]) -> Result<Vec<Room>, RepositoryError>;

    /// Changes the room with this code as `decide` says, given the room as it is now, if it exists.
    /// Nobody else changes that room until this is done. `decide` is called again if another writer
    /// was faster.
    fn change(
        &self,
        code: RoomCode,
        decide: &mut dyn FnMut(Option<&Room>) -> Change,
    ) -> Result<(), RepositoryError>;

    /// Adds all these rooms in their order, or none. Unless conflicts are refused, a code may be among
    /// them several times.
    fn import(
        &self,
        rooms: &mut dyn Iterator<Item = Room>,
        on_conflict: OnConflict,
    ) -> Result<Imported, RepositoryError>;

    /// Adds all these rooms if the repository is empty. Returns whether it did.
    ///
    /// Of two concurrent calls, one adds the rooms and the other finds them.
    fn fill_if_empty(&self, rooms: &[Room]) -> Result<bool, RepositoryError>;

    /// The same rooms, for a caller that waits until `deadline`. Then [`list`](Self::list) and
    /// [`count`](Self::count) end with [`RepositoryError::TimedOut`], in the storage as well, so that
    /// nobody's work outlives the interest in it. The storage in memory is quick enough to ignore it.
    fn until(self: Arc<Self>, deadline: Instant) -> Arc<dyn RoomRepository>;

    /// Checks that rooms can be read: the storage responds, and its schema is the one that this
    /// program needs. [`RepositoryError::NotMigrated`] means that only a migration is missing.
    fn check(&self) -> Result<(), RepositoryError>;

    /// What will become a problem if nobody does anything about it, as far as this storage knows.
    fn wear(&self) -> Result<Wear, RepositoryError> {
        Ok(Wear::default())
    }
}

/// What will become a problem for a storage if nobody does anything about it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Wear {
    /// The age in seconds of the oldest transaction that keeps the storage from removing old rows.
    pub oldest_snapshot_s: Option<u64>,
    /// The share of the ids for rooms that are used, from 0 to 1. No room can be added when all are.
    pub used_ids: Option<f64>,
}

/// What to do with a room.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Leave it as it is, or absent.
    Keep,
    /// Store this room, which has the same code. A room that exists keeps its sequence number.
    Put(Room),
    /// Remove it.
    Remove,
}

/// What to do with a room whose code is taken, in the repository or earlier in the same import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnConflict {
    /// Import nothing.
    #[default]
    Refuse,
    /// Keep the earlier room.
    Skip,
    /// Replace the earlier room.
    Replace,
}

impl OnConflict {
    /// All choices, with the name that each has in a request.
    pub const NAMES: [(&str, Self); 3] =
        [("refuse", Self::Refuse), ("skip", Self::Skip), ("replace", Self::Replace)];

    /// The choice with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, choice)| *choice)
    }
}

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Rooms whose codes were free.
    pub added: u64,
    /// Rooms that replaced others.
    pub replaced: u64,
    /// Rooms that were skipped because their codes were taken.
    pub skipped: u64,
}

/// What a repository did with the rooms of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Imported {
    /// The whole import.
    Done(ImportReport),
    /// Nothing, because these codes are taken.
    Taken(Vec<RoomCode>),
}

/// Identifies a state of a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Version(pub u64);

impl Version {
    /// A different version.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// Why a repository could not do its work.
///
/// The causes are for the operator's log; nothing in them is meant for a client.
#[derive(Debug)]
pub enum RepositoryError {
    /// The storage cannot be reached or is too busy; a later attempt may succeed.
    Unavailable(Box<dyn Error + Send + Sync>),
    /// The storage can be reached, but the operation was interrupted: its connection was lost, or
    /// another writer blocked it for too long. A write may or may not have been done.
    Interrupted(Box<dyn Error + Send + Sync>),
    /// The deadline of the caller passed. Nothing was changed.
    TimedOut(Box<dyn Error + Send + Sync>),
    /// The storage responds, but currently accepts no writes, for example because it is a standby.
    ReadOnly(Box<dyn Error + Send + Sync>),
    /// The storage responds, but its schema lacks these migrations.
    NotMigrated(Vec<String>),
    /// A stored row is not a valid room.
    Corrupt(Box<dyn Error + Send + Sync>),
    /// This storage cannot do it at all. The reason is for the client, and says what to do.
    Unsupported(&'static str),
    /// Anything else: retrying will not help.
    Failed(Box<dyn Error + Send + Sync>),
}

impl fmt::Display for RepositoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(_) => f.write_str("the storage does not respond"),
            Self::Interrupted(_) => f.write_str("the storage operation was interrupted"),
            Self::TimedOut(_) => f.write_str("the storage needed more time than the request has"),
            Self::ReadOnly(_) => f.write_str("the storage currently accepts no writes"),
            Self::NotMigrated(missing) => write!(
                f,
                "the storage lacks the migration {}: run `rentomatic migrate`",
                missing.join(", ")
            ),
            Self::Corrupt(_) => f.write_str("a stored row is not a valid room"),
            Self::Unsupported(reason) => f.write_str(reason),
            Self::Failed(_) => f.write_str("the storage failed"),
        }
    }
}

impl Error for RepositoryError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unavailable(cause)
            | Self::Interrupted(cause)
            | Self::TimedOut(cause)
            | Self::ReadOnly(cause)
            | Self::Corrupt(cause)
            | Self::Failed(cause) => Some(cause.as_ref()),
            Self::NotMigrated(_) | Self::Unsupported(_) => None,
        }
    }
}
