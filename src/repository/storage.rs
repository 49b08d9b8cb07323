//! What every storage can do apart from reading and writing rooms.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use secrecy::SecretString;

use super::{Finding, InvalidDatabaseUrl, Migration, StorageError};
use crate::settings::DatabaseSettings;
use crate::use_cases::RoomRepository;

/// A place where rooms are stored, known by its URL. Its text is that URL without the password.
pub trait Storage: fmt::Debug + fmt::Display + Send + Sync {
    /// Adds the password from the file in the settings. A storage without passwords ignores it.
    ///
    /// # Errors
    ///
    /// [`InvalidDatabaseUrl`] if the URL has a password already, or no user for it.
    fn set_password(&mut self, _password: SecretString) -> Result<(), InvalidDatabaseUrl> {
        Ok(())
    }

    /// Opens the repository. It connects when it is first used.
    fn open(&self, settings: &DatabaseSettings) -> Arc<dyn RoomRepository>;

    /// Creates the database, unless it exists. Returns whether it did.
    ///
    /// # Errors
    ///
    /// [`StorageError`] if it neither exists nor can be created.
    fn create(&self) -> Result<bool, StorageError>;

    /// Applies the migrations that the database lacks, all of them or none, and returns their names.
    ///
    /// Any number of processes may call this at once: one migrates; the others wait and find nothing
    /// to do.
    ///
    /// # Errors
    ///
    /// [`StorageError`] with the migration that failed, and the reason; then nothing was changed.
    fn migrate(&self) -> Result<Vec<String>, StorageError>;

    /// Reverts the newest migration that the database has, if any, and returns its name.
    ///
    /// # Errors
    ///
    /// [`StorageError`] if that would lose rooms; then nothing was changed.
    fn revert(&self) -> Result<Option<String>, StorageError>;

    /// The migrations that this program knows, oldest first, and whether the database has each.
    ///
    /// # Errors
    ///
    /// [`StorageError`] if the database cannot be read.
    fn status(&self) -> Result<Vec<Migration>, StorageError>;

    /// Checks the database for unsafe or slow configuration. Changes nothing.
    ///
    /// # Errors
    ///
    /// [`StorageError`] if the database cannot be read.
    fn examine(&self) -> Result<Vec<Finding>, StorageError>;

    /// Copies the database to a new file while it is in use: a consistent snapshot.
    ///
    /// # Errors
    ///
    /// [`StorageError`] if the file exists or the copy fails; then there is no new file.
    fn backup(&self, _file: &Path) -> Result<(), StorageError> {
        Err(only_sqlite())
    }

    /// Replaces all rooms by those of such a copy, and returns their number. Servers keep running.
    ///
    /// # Errors
    ///
    /// [`StorageError`] if the copy is damaged or has rows that are not rooms; then nothing was changed.
    fn restore(&self, _file: &Path) -> Result<usize, StorageError> {
        Err(only_sqlite())
    }
}

fn only_sqlite() -> StorageError {
    StorageError::permanent(
        "this command is for SQLite only. For PostgreSQL use pg_dump and psql (see \"Back up\" in the \
         README), for MongoDB mongodump and mongorestore; memory: stores nothing",
    )
}
