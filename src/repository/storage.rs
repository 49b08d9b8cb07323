//! What every storage can do apart from reading and writing rooms, and what it reports.

use std::error::Error;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use secrecy::SecretString;

use super::InvalidDatabaseUrl;
use crate::settings::Settings;
use crate::use_cases::Repository;

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
    fn open(&self, settings: &Settings) -> Arc<dyn Repository>;

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

    /// Checks the database, and how a server with these settings would use it, for unsafe or slow
    /// configuration. Changes nothing.
    ///
    /// # Errors
    ///
    /// [`StorageError`] if the database cannot be read.
    fn examine(&self, settings: &Settings) -> Result<Vec<Finding>, StorageError>;

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

/// Why a storage could not be opened, created or migrated: one line for an operator, with what is wrong
/// and how to fix it. It contains no password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageError {
    message: String,
    is_transient: bool,
}

impl StorageError {
    /// An error that stays until somebody fixes its cause.
    pub(super) fn permanent(message: impl Into<String>) -> Self {
        Self { message: message.into(), is_transient: false }
    }

    /// An error that may pass by itself if `is_transient`.
    pub(super) fn new(message: impl Into<String>, is_transient: bool) -> Self {
        Self { message: message.into(), is_transient }
    }

    /// Whether a retry may succeed, because the storage could not be reached at all.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.is_transient
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for StorageError {}

/// A migration of a storage's schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Its version and name. Names sort in the order in which they are applied.
    pub name: String,
    /// Whether the storage has it.
    pub applied: bool,
}

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether the check passed.
    pub is_good: bool,
    /// What was found, and how to fix it if the check failed.
    pub text: String,
}

/// The share of the ids of rooms from which on they are near their end.
const MOST_USED_IDS: f64 = 0.8;

impl Finding {
    /// A check that passed.
    #[must_use]
    pub fn good(text: String) -> Self {
        Self { is_good: true, text }
    }

    /// A check that failed.
    #[must_use]
    pub fn bad(text: String) -> Self {
        Self { is_good: false, text }
    }

    /// The text for either result.
    pub(super) fn of(is_good: bool, good: &str, bad: &str) -> Self {
        if is_good { Self::good(good.to_owned()) } else { Self::bad(bad.to_owned()) }
    }

    /// Whether enough ids are left for new rooms if this share of them is used.
    pub(super) fn of_ids(used_share: f64) -> Self {
        let used = format!("{:.0} % of the ids of rooms are used", used_share * 100.0);
        Self::of(
            used_share < MOST_USED_IDS,
            &used,
            &format!(
                "{used}: ids end at {}; export all rooms and import them into a new database",
                i32::MAX
            ),
        )
    }

    /// Whether the schema has all migrations.
    pub(super) fn of_schema(migrations: &[Migration]) -> Self {
        let pending: Vec<_> =
            migrations.iter().filter(|one| !one.applied).map(|one| one.name.as_str()).collect();
        Self::of(
            pending.is_empty(),
            "the schema is the one that this program needs",
            &format!("the schema lacks {}: run `rentomatic migrate`", pending.join(", ")),
        )
    }
}
