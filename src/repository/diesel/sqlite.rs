//! What only SQLite does: its file, its pragmas, its lock.

use std::error::Error;
use std::fmt;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::dsl::{exists, select};
use diesel::prelude::*;
use diesel::r2d2::{CustomizeConnection, Error as R2d2Error};
use diesel::result::Error as DieselError;
use diesel::sql_query;
use diesel::sql_types::Text;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::queries::great_circle_distance_utils;
use super::repository::DieselRepository;
use super::row::RoomRow;
use super::schema::room;
use super::uuid_column::CodeColumn;
use super::{Database, MANY, RoomCondition, version_of};
use crate::entities::{RoomCode, great_circle_distance};
use crate::repository::{Finding, SqlitePath, StorageError};
use crate::settings::DatabaseSettings;
use crate::use_cases::{BoundingBox, Version};

/// How long a statement waits for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens a pool; opens the file when first asked.
pub fn open(path: &SqlitePath, settings: &DatabaseSettings) -> DieselRepository<SqliteConnection> {
    DieselRepository::new(uri(path.as_path(), "rw"), settings, Box::new(Pragmas))
}

/// One connection to a file that is there, for a command.
pub fn connect(path: &SqlitePath) -> Result<SqliteConnection, StorageError> {
    let path = path.as_path();
    if !path.exists() {
        return Err(StorageError::new(format!(
            "there is no file {}: `rentomatic migrate` makes it",
            path.display()
        )));
    }
    let opened = SqliteConnection::establish(&uri(path, "rw"));
    let mut connection = opened.map_err(|error| cannot_open(path, &error))?;
    configure(&mut connection).map_err(|error| cannot_open(path, &error))?;
    Ok(connection)
}

/// One connection to a file that is made if it is not there.
pub fn connect_or_create(path: &SqlitePath) -> Result<SqliteConnection, StorageError> {
    create(path)?;
    connect(path)
}

/// Makes an empty file, which is an empty database, unless there is one.
pub fn create(path: &SqlitePath) -> Result<bool, StorageError> {
    match File::create_new(path.as_path()) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => connect(path).map(|_| false),
        Err(error) => Err(StorageError::new(format!(
            "cannot make the file {}: {error}. Does its folder exist, and may you write to it?",
            path.as_path().display()
        ))),
    }
}

/// Looks for what is unwise.
pub fn examine(path: &SqlitePath) -> Result<Vec<Finding>, StorageError> {
    #[derive(QueryableByName)]
    struct Mode {
        #[diesel(sql_type = Text)]
        journal_mode: String,
    }
    let mut connection = connect(path)?;
    let cannot = |error: DieselError| cannot_open(path.as_path(), &error);
    let mode: Mode =
        sql_query("PRAGMA journal_mode").get_result(&mut connection).map_err(cannot)?;
    let checked: Vec<Check> =
        sql_query("PRAGMA integrity_check").load(&mut connection).map_err(cannot)?;
    let file = fs::metadata(path.as_path());
    let is_guarded = file.is_ok_and(|file| file.permissions().mode() & 0o002 == 0);
    Ok(vec![
        Finding::of(
            checked.iter().all(|check| check.integrity_check == "ok"),
            "the file is whole",
            "the file is damaged: restore a copy with `rentomatic restore`",
        ),
        Finding::of(
            mode.journal_mode == "wal",
            "readers and writers do not wait for each other",
            "readers and writers wait for each other: `rentomatic migrate` turns write-ahead logging on",
        ),
        Finding::of(
            is_guarded,
            "not everybody on this machine may write to the file",
            "everybody on this machine may write to the file: chmod o-w",
        ),
    ])
}

/// Copies the database as it is at one moment, while others use it. The file gets its name once it is
/// whole and on the disk.
pub fn backup(path: &SqlitePath, file: &Path) -> Result<(), StorageError> {
    if file.exists() {
        return Err(StorageError::new(format!(
            "{} is there already: name a file that is not",
            file.display()
        )));
    }
    let mut connection = connect(path)?;
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    let copy = |connection: &mut SqliteConnection| -> Result<(), Box<dyn Error>> {
        let _ = fs::remove_file(part);
        sql_query("VACUUM INTO ?").bind::<Text, _>(uri(part, "rwc")).execute(connection)?;
        File::open(part)?.sync_all()?;
        fs::rename(part, file)?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        Ok(File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?)
    };
    copy(&mut connection).map_err(|error| {
        let _ = fs::remove_file(part);
        StorageError::new(format!(
            "cannot write {}: {error}. Does its folder exist, may you write to it, and is there room?",
            file.display()
        ))
    })
}

/// Puts the rooms of a copy in place of those that are there.
pub fn restore(path: &SqlitePath, file: &Path) -> Result<usize, StorageError> {
    let cannot = |reason: &dyn fmt::Display| {
        StorageError::new(format!(
            "cannot restore {}: {reason}. Is it what `rentomatic backup` wrote? Nothing was changed",
            file.display()
        ))
    };
    let mut connection = connect(path)?;
    sql_query("ATTACH ? AS copy")
        .bind::<Text, _>(uri(file, "ro"))
        .execute(&mut connection)
        .map_err(|error| cannot(&error))?;
    let checked: Vec<Check> = sql_query("PRAGMA copy.integrity_check")
        .load(&mut connection)
        .map_err(|error| cannot(&error))?;
    if let Some(damage) = checked.iter().find(|check| check.integrity_check != "ok") {
        return Err(cannot(&damage.integrity_check));
    }
    connection
        .immediate_transaction(|connection| {
            diesel::delete(room::table).execute(connection)?;
            sql_query(
                "INSERT INTO main.room (id, code, size, price, longitude, latitude) \
                 SELECT id, code, size, price, longitude, latitude FROM copy.room ORDER BY id",
            )
            .execute(connection)
        })
        .map_err(|error: DieselError| cannot(&error))
}

/// A line of SQLite's own check of a file.
#[derive(QueryableByName)]
struct Check {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

/// The path as a URI that opens a file in this mode; only `rwc` makes one (SQLite documentation,
/// "Uniform Resource Identifiers").
fn uri(path: &Path, mode: &str) -> String {
    const PATH: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#');
    format!("file:{}?mode={mode}", utf8_percent_encode(&path.to_string_lossy(), PATH))
}

fn cannot_open(path: &Path, error: &dyn Error) -> StorageError {
    StorageError::new(format!(
        "cannot open {}: {error}. Is it an SQLite database, and may you read it?",
        path.display()
    ))
}

fn configure(connection: &mut SqliteConnection) -> QueryResult<()> {
    // The time-out comes first: the other statements may meet a lock. The last one reads the file.
    connection.batch_execute(&format!(
        "PRAGMA busy_timeout = {}; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
         PRAGMA schema_version",
        BUSY_TIMEOUT.as_millis()
    ))?;
    great_circle_distance_utils::register_impl(connection, great_circle_distance)
}

#[derive(Debug)]
struct Pragmas;

impl CustomizeConnection<SqliteConnection, R2d2Error> for Pragmas {
    fn on_acquire(&self, connection: &mut SqliteConnection) -> Result<(), R2d2Error> {
        configure(connection).map_err(R2d2Error::QueryError)
    }
}

diesel::table! {
    room_version (id) {
        id -> Integer,
        token -> Text,
    }
}

diesel::table! {
    room_place (id) {
        id -> Integer,
        west -> Double,
        east -> Double,
        south -> Double,
        north -> Double,
    }
}

/// The ids of the rooms in a box, and of some just outside of it.
macro_rules! places {
    ($bounds:expr) => {
        room_place::table
            .filter(room_place::west.le($bounds.east).and(room_place::east.ge($bounds.west)))
            .filter(room_place::south.le($bounds.north).and(room_place::north.ge($bounds.south)))
            .select(room_place::id)
    };
}

diesel::allow_tables_to_appear_in_same_query!(room, room_place);

impl Database for SqliteConnection {
    const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

    fn has_migrations_table(&mut self) -> QueryResult<bool> {
        diesel::table! {
            sqlite_master (name) {
                name -> Text,
            }
        }
        let table =
            sqlite_master::table.filter(sqlite_master::name.eq("__diesel_schema_migrations"));
        select(exists(table)).get_result(self)
    }

    fn version(&mut self) -> QueryResult<Version> {
        let tokens: Vec<String> = room_version::table.select(room_version::token).load(self)?;
        Ok(version_of(&tokens))
    }

    fn seems_full(&mut self, bounds: BoundingBox) -> QueryResult<bool> {
        let next = places!(bounds).offset(MANY).first::<i32>(self).optional()?;
        Ok(next.is_some())
    }

    /// The zeros keep the comparisons from the indexes of single coordinates, with which SQLite
    /// would read and sort half of the table.
    fn is_in(bounds: BoundingBox) -> RoomCondition<Sqlite> {
        let is_in = (room::longitude + 0.0)
            .between(bounds.west, bounds.east)
            .and((room::latitude + 0.0).between(bounds.south, bounds.north));
        Box::new(is_in)
    }

    fn finds_in(bounds: BoundingBox) -> RoomCondition<Sqlite> {
        // The index rounds; the comparisons do not.
        Box::new(room::id.eq_any(places!(bounds)).and(Self::is_in(bounds)))
    }

    /// Turns on write-ahead logging, with which readers and a writer do not wait for each other.
    ///
    /// SQLite keeps the mode in the file. While it switches, it does not wait for a lock, whatever
    /// the busy time-out says; so this tries again as long as that would.
    fn settle(&mut self) -> QueryResult<()> {
        let deadline = Instant::now() + BUSY_TIMEOUT;
        loop {
            match self.batch_execute("PRAGMA journal_mode = WAL") {
                Err(_) if Instant::now() < deadline => thread::sleep(Duration::from_millis(20)),
                done => return done,
            }
        }
    }

    fn migrating<T, E>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<DieselError>,
    {
        self.immediate_transaction(work)
    }

    fn writing<T, E>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<DieselError>,
    {
        self.immediate_transaction(work)
    }

    fn insert(&mut self, rooms: Vec<RoomRow>) -> QueryResult<usize> {
        // Of no rows at all, SQLite tells the number of an earlier statement.
        if rooms.is_empty() {
            return Ok(0);
        }
        diesel::insert_into(room::table).values(rooms).execute(self)
    }

    fn find_to_write(&mut self, code: RoomCode) -> QueryResult<Option<(i32, RoomRow)>> {
        room::table
            .select((room::id, RoomRow::as_select()))
            .filter(room::code.eq(CodeColumn(code)))
            .first(self)
            .optional()
    }

    fn writing_alone<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> QueryResult<T>,
    ) -> QueryResult<T> {
        self.immediate_transaction(work)
    }
}

#[cfg(test)]
mod tests {
    use diesel::dsl::sql;
    use diesel::sql_types::Integer;

    use super::*;

    #[test]
    fn a_connection_is_that_of_a_store_that_loses_nothing() {
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
