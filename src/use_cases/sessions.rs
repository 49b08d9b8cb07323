//! Sessions of the owner, the port through which they are stored, and how long they last.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::repository::{RepositoryError, RoomRepository};

/// What a storage implements: rooms, and sessions next to them.
pub trait Repository: RoomRepository + SessionStore {}

impl<T: RoomRepository + SessionStore> Repository for T {}

/// A storage of sessions.
///
/// The contract, to which one test suite holds every implementation:
///
/// - A session is stored under a hash; the id itself, which is a credential, is not.
/// - A method sees every write, by any process, that was completed before the call. So a session that
///   has ended on one server has ended on all.
/// - Sessions are no rooms: no method changes the version of the repository.
/// - Absence is not an error: it is `None`, or nothing to do.
/// - Whether a session has expired is for the caller to decide. A storage removes expired sessions
///   only when another session begins.
/// - Methods block, may be called from many threads at once, and can fail with any
///   [`RepositoryError`].
#[expect(clippy::missing_errors_doc, reason = "the contract describes the errors of all methods")]
pub trait SessionStore: Send + Sync {
    /// Stores a session that begins now, and removes those that have expired by now.
    fn begin_session(&self, hash: &SessionHash, now: UnixTime) -> Result<(), RepositoryError>;

    /// The session with this hash, if it exists.
    fn find_session(&self, hash: &SessionHash) -> Result<Option<Session>, RepositoryError>;

    /// Notes that the session is in use now. A session that has ended stays ended, and a later time
    /// stays.
    fn touch_session(&self, hash: &SessionHash, now: UnixTime) -> Result<(), RepositoryError>;

    /// Ends the session with this hash.
    fn end_session(&self, hash: &SessionHash) -> Result<(), RepositoryError>;

    /// Ends all sessions.
    fn end_all_sessions(&self) -> Result<(), RepositoryError>;
}

/// The hash of a session's id, as text: 43 characters of base64.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SessionHash(pub String);

/// When a session began, and when it was last in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// When the owner logged in.
    pub begun_at: UnixTime,
    /// When it was last in use, within [`TOUCH_EVERY`](Session::TOUCH_EVERY).
    pub last_seen_at: UnixTime,
}

impl Session {
    /// The absolute time-out: how long a session lasts at most.
    pub const MAX_AGE: Duration = Duration::from_hours(12);

    /// The idle time-out: how long a session lasts without being used.
    pub const MAX_IDLE: Duration = Duration::from_mins(30);

    /// How often the use of a session is written, so that reading a page is not a write each time.
    pub const TOUCH_EVERY: Duration = Duration::from_mins(1);

    /// A session that begins now.
    #[must_use]
    pub fn begun(now: UnixTime) -> Self {
        Self { begun_at: now, last_seen_at: now }
    }

    /// The limits for sessions: one that began, or was last in use, no later than this has expired.
    #[must_use]
    pub fn expired_by(now: UnixTime) -> Self {
        Self { begun_at: now.before(Self::MAX_AGE), last_seen_at: now.before(Self::MAX_IDLE) }
    }

    /// Whether the session has not expired.
    #[must_use]
    pub fn is_valid(self, now: UnixTime) -> bool {
        let limits = Self::expired_by(now);
        self.begun_at > limits.begun_at && self.last_seen_at > limits.last_seen_at
    }

    /// Whether it is time to write that the session is in use.
    #[must_use]
    pub fn needs_touch(self, now: UnixTime) -> bool {
        self.last_seen_at <= now.before(Self::TOUCH_EVERY)
    }
}

/// A time, in seconds since 1970, which every storage can store and compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixTime(pub i64);

impl UnixTime {
    /// The time by this machine's clock.
    #[must_use]
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(seconds(since))
    }

    /// An earlier time.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(seconds(duration)))
    }
}

fn seconds(duration: Duration) -> i64 {
    duration.as_secs().try_into().unwrap_or(i64::MAX)
}
