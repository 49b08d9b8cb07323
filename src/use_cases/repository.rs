//! The port: what the use cases ask of a place where rooms are kept.

use std::error::Error;
use std::fmt;

use super::{Imported, OnConflict, RoomListRequest};
use crate::entities::{Room, RoomCode};

/// A place where rooms are kept.
///
/// The contract, which one test suite holds every implementation to:
///
/// - No two rooms have the same code.
/// - Rooms have an order, that of their insertion.
/// - What is absent is not an error: an empty list, or `None`.
/// - A room's sequence number, its place in the order of insertion, never changes.
/// - Of two equal versions, no room was added, changed or removed between them, by anyone.
/// - A method sees everything that was written, by anyone, before it was called.
/// - Methods block, and may be called from many threads at once.
pub trait RoomRepository: Send + Sync {
    /// The first rooms that the request asks for, in the order that it asks for, `most` of them if
    /// there are as many. Its `limit` does not count here.
    ///
    /// # Errors
    ///
    /// Any [`RepositoryError`].
    fn list(&self, request: &RoomListRequest, most: usize) -> Result<Listing, RepositoryError>;

    /// How many rooms the request asks for, whatever its `after` and `limit`.
    ///
    /// # Errors
    ///
    /// Any [`RepositoryError`].
    fn count(&self, request: &RoomListRequest) -> Result<u64, RepositoryError>;

    /// The state of all rooms together.
    ///
    /// # Errors
    ///
    /// Any [`RepositoryError`].
    fn version(&self) -> Result<Version, RepositoryError>;

    /// The room with this code, if there is one.
    ///
    /// # Errors
    ///
    /// Any [`RepositoryError`].
    fn find(&self, code: RoomCode) -> Result<Option<Room>, RepositoryError>;

    /// Lets `decide` say what becomes of the room with this code, by what it is now, if there is
    /// one; nobody else changes that room until it is done. It may be asked again, if another was
    /// faster to add a room with this code.
    ///
    /// # Errors
    ///
    /// Any [`RepositoryError`]; then nothing was changed.
    fn change(
        &self,
        code: RoomCode,
        decide: &mut dyn FnMut(Option<&Room>) -> Change,
    ) -> Result<(), RepositoryError>;

    /// Puts in all these rooms, or none, in their order. A code may be among them more than once,
    /// unless that is to be refused.
    ///
    /// # Errors
    ///
    /// Any [`RepositoryError`]; then nothing was changed.
    fn import(
        &self,
        rooms: &mut dyn Iterator<Item = Room>,
        on_conflict: OnConflict,
    ) -> Result<Imported, RepositoryError>;

    /// Puts in these rooms if there is no room at all; says whether it did.
    ///
    /// All of them or none. Of two callers at once, one fills and the other finds rooms.
    ///
    /// # Errors
    ///
    /// Any [`RepositoryError`]; then nothing was put in.
    fn fill_if_empty(&self, rooms: &[Room]) -> Result<bool, RepositoryError>;

    /// Whether the rooms can be asked for: the storage answers, and its schema is the one that
    /// this program needs.
    ///
    /// # Errors
    ///
    /// Any [`RepositoryError`]; [`RepositoryError::NotMigrated`] if only a migration is missing.
    fn check(&self) -> Result<(), RepositoryError>;
}

/// What becomes of a room.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// It stays as it is, or absent.
    Keep,
    /// It is this one, which has the same code. One that was there keeps its place in the order.
    Put(Room),
    /// It is there no longer.
    Remove,
}

/// What tells one state of a repository from all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Version(pub u64);

impl Version {
    /// Another one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// Rooms from a repository.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// The state of the repository before the rooms were read, so no newer than they are.
    pub version: Version,
    /// The rooms.
    pub rooms: Vec<ListedRoom>,
}

/// A room and its place in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedRoom {
    /// The room.
    pub room: Room,
    /// Its place in the order of insertion: larger for those that came later. Wide enough for what any
    /// storage numbers its rooms by.
    pub sequence: i128,
    /// Metres from the centre of the circle that was asked for, if one was.
    pub distance: Option<f64>,
}

/// Why a repository could not do what it was asked to.
///
/// The causes are for the operator's log; nothing in them is meant for a client.
#[derive(Debug)]
pub enum RepositoryError {
    /// The storage cannot be reached or is too busy; later it may well answer.
    Unavailable(Box<dyn Error + Send + Sync>),
    /// The storage can be reached, and what was asked broke off all the same: its connection was lost,
    /// or another was in its way for too long. If it was a write, it may have been done.
    Interrupted(Box<dyn Error + Send + Sync>),
    /// The storage answers, and takes no writes just now, as a standby does.
    ReadOnly(Box<dyn Error + Send + Sync>),
    /// The storage answers, but its schema lacks these migrations.
    NotMigrated(Vec<String>),
    /// A stored row is not a room.
    Corrupt(Box<dyn Error + Send + Sync>),
    /// This storage cannot do it at all. The reason is for whoever asked, and says how to mend it.
    Unsupported(&'static str),
    /// Anything else: asking again will not help.
    Failed(Box<dyn Error + Send + Sync>),
}

impl fmt::Display for RepositoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(_) => f.write_str("the storage does not answer"),
            Self::Interrupted(_) => f.write_str("what was asked of the storage broke off"),
            Self::ReadOnly(_) => f.write_str("the storage takes no writes just now"),
            Self::NotMigrated(missing) => write!(
                f,
                "the storage lacks the migration {}: run `rentomatic migrate`",
                missing.join(", ")
            ),
            Self::Corrupt(_) => f.write_str("a stored row is not a room"),
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
            | Self::ReadOnly(cause)
            | Self::Corrupt(cause)
            | Self::Failed(cause) => Some(cause.as_ref()),
            Self::NotMigrated(_) | Self::Unsupported(_) => None,
        }
    }
}
