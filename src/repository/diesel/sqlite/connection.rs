//! Connections to an SQLite file, and the file's creation.

use std::error::Error;
use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::dsl::{select, sql};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::deadline;
use super::file::OpenFile;
use crate::entities::{Folded, great_circle_distance};
use crate::repository::StorageError;
use crate::repository::diesel::conditions::great_circle_distance_utils;
use crate::use_cases::TextComparison;

/// How long a statement waits for another process that writes.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens one connection to an existing file, for a command.
pub fn connect(path: &Path) -> Result<SqliteConnection, StorageError> {
    let once = || connect_to(&Arc::new(open_file(path)?));
    // Some file systems replace a file when it is first opened for writing (overlayfs, "copy up").
    once().or_else(|error| if error.is_transient() { once() } else { Err(error) })
}

/// The file at this path.
pub fn open_file(path: &Path) -> Result<OpenFile, StorageError> {
    OpenFile::at(path).map_err(|error| match error.kind() {
        // Another process may be about to create it.
        ErrorKind::NotFound => StorageError::new(
            format!(
                "the file {} does not exist: run `rentomatic migrate` to create it",
                path.display()
            ),
            true,
        ),
        _ => cannot_open(path, &error),
    })
}

/// Opens a connection to this file, and configures it.
pub fn connect_to(file: &Arc<OpenFile>) -> Result<SqliteConnection, StorageError> {
    let path = file.path();
    let opened = SqliteConnection::establish(&uri(path, "rw"));
    let mut connection = opened.map_err(|error| cannot_open(path, &error))?;
    configure(&mut connection, file).map_err(|error| cannot_open(path, &error))?;
    // If not, it may be a connection to another file.
    if file.is_in_place() {
        Ok(connection)
    } else {
        Err(StorageError::new(format!("the file {} was just replaced", path.display()), true))
    }
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
        "cannot open {}: {error}. Check that it is an SQLite database, and that you may read and write it \
         and write to its folder",
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

fn configure(connection: &mut SqliteConnection, file: &Arc<OpenFile>) -> QueryResult<()> {
    // The time-out comes first, because the other statements may meet a lock. The last one reads the
    // file, so that one that is not a database is noticed here.
    connection.batch_execute(&format!(
        "PRAGMA busy_timeout = {}; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
         PRAGMA schema_version",
        BUSY_TIMEOUT.as_millis()
    ))?;
    deadline::register(connection)?;
    let file = Arc::clone(file);
    is_in_place_utils::register_nondeterministic_impl(connection, move || file.is_in_place())?;
    let compared = |comparison: TextComparison| {
        move |text: String, wanted: String| comparison.holds(&text, &Folded::new(&wanted))
    };
    text_is_utils::register_impl(connection, compared(TextComparison::Eq))?;
    text_contains_utils::register_impl(connection, compared(TextComparison::Contains))?;
    great_circle_distance_utils::register_impl(connection, great_circle_distance)
}

diesel::define_sql_function! {
    /// Whether a text is another one, whatever their case: [`TextComparison::Eq`]. SQLite itself knows only the case
    /// of ASCII.
    fn text_is(text: Text, wanted: Text) -> Bool;
}

diesel::define_sql_function! {
    /// Whether a text contains another one, whatever their case: [`TextComparison::Contains`].
    fn text_contains(text: Text, wanted: Text) -> Bool;
}

diesel::define_sql_function! {
    /// Whether the connection's file is still the one at its path. So a connection knows its file until it
    /// is closed.
    fn is_in_place() -> Bool;
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
        let file = Arc::new(open_file(Path::new("Cargo.toml")).unwrap());
        configure(&mut connection, &file).unwrap();
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
