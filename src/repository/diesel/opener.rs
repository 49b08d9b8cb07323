//! How a pool opens its connections.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use diesel::r2d2::ManageConnection;

use super::database::Database;
use crate::logging::one_line;
use crate::repository::StorageError;

/// Why the last attempt to open a connection failed, if it did. r2d2 (0.8) gives the reason to one of those
/// who wait for a connection, and tells the others only that they waited too long.
pub type LastFailure = Arc<Mutex<Option<StorageError>>>;

/// Opens connections for a pool, each of them ready for use.
pub struct Opener<C> {
    open: Box<dyn Fn() -> Result<C, StorageError> + Send + Sync>,
    last_failure: LastFailure,
}

impl<C> Opener<C> {
    /// Opens each connection by this function.
    pub fn new(open: impl Fn() -> Result<C, StorageError> + Send + Sync + 'static) -> Self {
        Self { open: Box::new(open), last_failure: LastFailure::default() }
    }

    /// Why the last attempt failed, also of later attempts.
    pub fn last_failure(&self) -> LastFailure {
        Arc::clone(&self.last_failure)
    }
}

impl<C: Database + Send> ManageConnection for Opener<C> {
    type Connection = C;
    type Error = StorageError;

    fn connect(&self) -> Result<C, StorageError> {
        let opened = (self.open)();
        *self.last_failure.lock().unwrap_or_else(PoisonError::into_inner) =
            opened.as_ref().err().cloned();
        opened
    }

    fn is_valid(&self, connection: &mut C) -> Result<(), StorageError> {
        connection.ping().map_err(|error| StorageError::new(one_line(&error), true))
    }

    fn has_broken(&self, connection: &mut C) -> bool {
        thread::panicking() || connection.is_broken()
    }
}

impl<C> fmt::Debug for Opener<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opener")
    }
}
