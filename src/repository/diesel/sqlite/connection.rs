//! Connections to an SQLite file, and the file's creation.

use std::error::Error;
use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::dsl::{select, sql};
use diesel::prelude::*;
use diesel::r2d2::{CustomizeConnection, Error as R2d2Error};
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::deadline;
use crate::entities::great_circle_distance;
use crate::repository::StorageError;
use crate::repository::diesel::queries::great_circle_distance_utils;

/// How long a statement waits for another process that writes.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens one connection to an existing file, for a command.
pub fn connect(path: &Path) -> Result<SqliteConnection, StorageError> {
    if !path.exists() {
        return Err(StorageError::permanent(format!(
            "the file {} does not exist: run `rentomatic migrate` to create it",
            path.display()
        )));
    }
    let opened = SqliteConnection::establish(&uri(path, "rw"));
    let mut connection = opened.map_err(|error| cannot_open(path, &error))?;
    configure(&mut connection).map_err(|error| cannot_open(path, &error))?;
    Ok(connection)
}

/// Creates an empty file, which is an empty database, unless the file exists.
pub fn create(path: &Path) -> Result<bool, StorageError> {
    match File::create_new(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => connect(path).map(|_| false),
        Err(error) => Err(StorageError::permanent(format!(
            "cannot create the file {}: {error}. Check that its folder exists, and that you may write to \
             it",
            path.display()
        ))),
    }
}

/// The path as a URI that opens a file in this mode; only `rwc` creates one (SQLite documentation,
/// "Uniform Resource Identifiers").
pub fn uri(path: &Path, mode: &str) -> String {
    const PATH: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#');
    format!("file:{}?mode={mode}", utf8_percent_encode(&path.to_string_lossy(), PATH))
}

/// Says that the file cannot be opened or read.
pub fn cannot_open(path: &Path, error: &dyn Error) -> StorageError {
    StorageError::permanent(format!(
        "cannot open {}: {error}. Check that it is an SQLite database, and that you may read it",
        path.display()
    ))
}

/// The version of the SQLite that is built in.
///
/// # Errors
///
/// [`StorageError`] if SQLite cannot create a database in memory.
pub fn version() -> Result<String, StorageError> {
    let memory = Path::new(":memory:");
    let opened = SqliteConnection::establish(":memory:");
    let mut connection = opened.map_err(|error| cannot_open(memory, &error))?;
    let version = select(sql::<Text>("sqlite_version()")).get_result(&mut connection);
    version.map_err(|error| cannot_open(memory, &error))
}

fn configure(connection: &mut SqliteConnection) -> QueryResult<()> {
    // The time-out comes first, because the other statements may meet a lock. The last one reads the
    // file, so that one that is not a database is noticed here.
    connection.batch_execute(&format!(
        "PRAGMA busy_timeout = {}; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
         PRAGMA schema_version",
        BUSY_TIMEOUT.as_millis()
    ))?;
    deadline::register(connection)?;
    great_circle_distance_utils::register_impl(connection, great_circle_distance)
}

/// Configures each new connection of a pool.
#[derive(Debug)]
pub struct Pragmas;

impl CustomizeConnection<SqliteConnection, R2d2Error> for Pragmas {
    fn on_acquire(&self, connection: &mut SqliteConnection) -> Result<(), R2d2Error> {
        configure(connection).map_err(R2d2Error::QueryError)
    }
}

/// A line of SQLite's own check of a file.
#[derive(QueryableByName)]
pub struct IntegrityLine {
    /// The problem, or `ok`.
    #[diesel(sql_type = Text)]
    pub integrity_check: String,
}

impl IntegrityLine {
    /// Whether it reports no problem.
    pub fn is_ok(&self) -> bool {
        self.integrity_check == "ok"
    }
}

#[cfg(test)]
mod tests {
    use diesel::sql_types::Integer;

    use super::*;

    #[test]
    fn a_connection_is_configured_to_lose_no_write() {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        Pragmas.on_acquire(&mut connection).unwrap();
        // FULL is 2 (SQLite, "PRAGMA synchronous").
        for (name, column, expected) in [
            ("synchronous", "synchronous", 2),
            ("foreign_keys", "foreign_keys", 1),
            ("busy_timeout", "timeout", BUSY_TIMEOUT.as_millis()),
        ] {
            let value = format!("(SELECT {column} FROM pragma_{name})");
            let value: i32 = select(sql::<Integer>(&value)).get_result(&mut connection).unwrap();
            assert_eq!(u128::try_from(value).unwrap(), expected, "{name}");
        }
    }
}
