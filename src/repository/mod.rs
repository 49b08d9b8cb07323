//! Where rooms are kept: in memory, through Diesel in PostgreSQL or SQLite, or in MongoDB.
//!
//! Everything that depends on which storage it is happens in this ring, by the URL that names it.
//! It implements the port of the use cases, and it is the only one that names `diesel` and `mongodb`.

mod database_url;
mod diesel;
mod finding;
mod memory;
#[cfg(feature = "mongodb")]
mod mongo;
#[cfg(feature = "mongodb")]
mod mongo_url;
mod postgres_url;
mod segments;

use std::error::Error;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

pub use database_url::{DatabaseUrl, InvalidDatabaseUrl, SqlitePath};
pub use finding::Finding;
pub use memory::MemoryRepository;
#[cfg(feature = "mongodb")]
pub use mongo_url::MongoUrl;
pub use postgres_url::PostgresUrl;

use crate::repository::diesel::{migrations, postgres, sqlite};
use crate::settings::DatabaseSettings;
use crate::use_cases::RoomRepository;

/// The repository of the storage that the URL names. It connects when it is first asked.
#[must_use]
pub fn open(url: &DatabaseUrl, settings: &DatabaseSettings) -> Arc<dyn RoomRepository> {
    match url {
        DatabaseUrl::Memory => Arc::new(MemoryRepository::with_sample_rooms()),
        DatabaseUrl::Sqlite(path) => Arc::new(sqlite::open(path, settings)),
        DatabaseUrl::Postgres(url) => Arc::new(postgres::open(url, settings)),
        #[cfg(feature = "mongodb")]
        DatabaseUrl::Mongo(url) => Arc::new(mongo::open(url, settings)),
    }
}

/// Makes the database that the URL names, unless it exists. Says whether it made it.
///
/// # Errors
///
/// [`StorageError`] if it neither exists nor can be made.
pub fn create(url: &DatabaseUrl) -> Result<bool, StorageError> {
    match url {
        DatabaseUrl::Memory => Ok(false),
        DatabaseUrl::Sqlite(path) => sqlite::create(path),
        DatabaseUrl::Postgres(url) => postgres::create(url),
        #[cfg(feature = "mongodb")]
        DatabaseUrl::Mongo(url) => Ok(!mongo::migrate(url)?.is_empty()),
    }
}

/// A migration of a storage's schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Its version and name, which sort in the order of application.
    pub name: String,
    /// Whether the storage has it.
    pub applied: bool,
}

/// Applies the migrations that the storage lacks: all of them, or none. Gives their names.
///
/// Any number of processes may call this at once: one migrates, the others wait and find it done.
///
/// # Errors
///
/// [`StorageError`] with the migration that failed, and why; then nothing was changed.
pub fn migrate(url: &DatabaseUrl) -> Result<Vec<String>, StorageError> {
    match url {
        DatabaseUrl::Memory => Ok(Vec::new()),
        DatabaseUrl::Sqlite(path) => migrations::run(&mut sqlite::connect_or_create(path)?),
        DatabaseUrl::Postgres(url) => migrations::run(&mut postgres::connect(url)?),
        #[cfg(feature = "mongodb")]
        DatabaseUrl::Mongo(url) => mongo::migrate(url),
    }
}

/// Takes back the newest migration that the storage has, if any. Gives its name.
///
/// # Errors
///
/// [`StorageError`] if it cannot be taken back without a loss; then nothing was changed.
pub fn revert(url: &DatabaseUrl) -> Result<Option<String>, StorageError> {
    match url {
        DatabaseUrl::Memory => Ok(None),
        DatabaseUrl::Sqlite(path) => migrations::revert(&mut sqlite::connect(path)?),
        DatabaseUrl::Postgres(url) => migrations::revert(&mut postgres::connect(url)?),
        #[cfg(feature = "mongodb")]
        DatabaseUrl::Mongo(url) => mongo::revert(url),
    }
}

/// The migrations that this program has, oldest first, and whether the storage has them too.
/// Changes nothing.
///
/// # Errors
///
/// [`StorageError`] if the storage cannot be asked.
pub fn migration_status(url: &DatabaseUrl) -> Result<Vec<Migration>, StorageError> {
    match url {
        DatabaseUrl::Memory => Ok(Vec::new()),
        DatabaseUrl::Sqlite(path) => migrations::status(&mut sqlite::connect(path)?),
        DatabaseUrl::Postgres(url) => migrations::status(&mut postgres::connect(url)?),
        #[cfg(feature = "mongodb")]
        DatabaseUrl::Mongo(url) => mongo::status(url),
    }
}

/// Looks at a storage for what is unwise. Changes nothing.
///
/// # Errors
///
/// [`StorageError`] if it cannot be asked.
pub fn examine(url: &DatabaseUrl) -> Result<Vec<Finding>, StorageError> {
    let mut findings = match url {
        DatabaseUrl::Memory => {
            let text =
                "memory: forgets all rooms when the server stops; choose sqlite:PATH or PostgreSQL";
            return Ok(vec![Finding::bad(text.to_owned())]);
        }
        DatabaseUrl::Sqlite(path) => sqlite::examine(path)?,
        DatabaseUrl::Postgres(url) => postgres::examine(url)?,
        #[cfg(feature = "mongodb")]
        DatabaseUrl::Mongo(url) => mongo::examine(url)?,
    };
    let migrations = migration_status(url)?;
    let pending: Vec<_> =
        migrations.iter().filter(|one| !one.applied).map(|one| one.name.as_str()).collect();
    findings.push(if pending.is_empty() {
        Finding::good("the schema is the one that this program needs".to_owned())
    } else {
        let names = pending.join(", ");
        Finding::bad(format!("the schema lacks {names}: run `rentomatic migrate`"))
    });
    Ok(findings)
}

/// Copies a database into a file that is not there yet, while others use it: the rooms of one moment.
///
/// # Errors
///
/// [`StorageError`] if there is such a file, or the copy cannot be made; then there is no file.
pub fn backup(url: &DatabaseUrl, file: &Path) -> Result<(), StorageError> {
    match url {
        DatabaseUrl::Sqlite(path) => sqlite::backup(path, file),
        _ => Err(not_sqlite()),
    }
}

/// Puts the rooms of such a copy in place of those that are there, and says how many. Servers may go
/// on meanwhile.
///
/// # Errors
///
/// [`StorageError`] if the copy is damaged, or has rows that are no rooms; then nothing was changed.
pub fn restore(url: &DatabaseUrl, file: &Path) -> Result<usize, StorageError> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            migrations::run(&mut sqlite::connect_or_create(path)?)?;
            sqlite::restore(path, file)
        }
        _ => Err(not_sqlite()),
    }
}

fn not_sqlite() -> StorageError {
    StorageError::new(
        "this is for SQLite: PostgreSQL has pg_dump and psql (see \"Back up\" in the README), MongoDB \
         has mongodump and mongorestore, and memory: keeps nothing",
    )
}

/// Why a storage could not be opened, made or migrated: one line for an operator, that says what
/// is wrong and how to mend it. It holds no password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageError {
    message: String,
    is_passing: bool,
}

impl StorageError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), is_passing: false }
    }

    /// Whether it may be otherwise in a moment, since the storage could not be reached at all.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        self.is_passing
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for StorageError {}
