//! The SQL that only SQLite has: its index of places, its modes, its lock.

use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::dsl::{exists, max, select, sql};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::sql_types::Text;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

use super::connection::{BUSY_TIMEOUT, is_in_place, text_contains, text_is};
use super::deadline;
use crate::entities::{Folded, RoomCode};
use crate::repository::diesel::any_column::AnyColumn;
use crate::repository::diesel::database::{
    Database, MOST_CANDIDATES, RoomCondition, displaced, is_read_only, used_ids, version_of,
};
use crate::repository::diesel::row::RoomRow;
use crate::repository::diesel::schema::room;
use crate::repository::diesel::uuid_column::CodeColumn;
use crate::use_cases::{BoundingBox, TextComparison, Version, Wear};

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

/// The ids of the rooms in a box, and of some just outside it, because the index rounds.
macro_rules! ids_in_box {
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
    const WRITER_PATIENCE: Option<Duration> = Some(BUSY_TIMEOUT);
    // SQLite has at most 32,766 parameters in a statement.
    const IMPORT_BATCH: usize = 1_000;

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
        Ok(version_of(&tokens.join(" ")))
    }

    fn are_many_in(&mut self, bounds: BoundingBox) -> QueryResult<bool> {
        let next = ids_in_box!(bounds).offset(MOST_CANDIDATES).first::<i32>(self).optional()?;
        Ok(next.is_some())
    }

    fn wear(&mut self) -> QueryResult<Wear> {
        let largest: Option<i32> = room::table.select(max(room::id)).get_result(self)?;
        Ok(Wear {
            oldest_snapshot_s: None,
            used_ids: Some(used_ids(largest.unwrap_or_default().into())),
        })
    }

    fn within<T>(
        &mut self,
        time: Duration,
        query: impl FnOnce(&mut Self) -> QueryResult<T>,
    ) -> QueryResult<T> {
        deadline::within(time, || query(self))
    }

    fn in_time() -> Option<RoomCondition<Sqlite>> {
        Some(Box::new(deadline::in_time()))
    }

    /// Adding zero keeps SQLite from the indexes of single coordinates, with which it would read and sort
    /// half of the table.
    fn in_box(bounds: BoundingBox) -> RoomCondition<Sqlite> {
        let condition = (room::longitude + 0.0)
            .between(bounds.west, bounds.east)
            .and((room::latitude + 0.0).between(bounds.south, bounds.north));
        Box::new(condition)
    }

    fn in_box_by_index(bounds: BoundingBox) -> RoomCondition<Sqlite> {
        // The index rounds, so the exact comparisons follow.
        Box::new(room::id.eq_any(ids_in_box!(bounds)).and(Self::in_box(bounds)))
    }

    fn text_condition(
        column: AnyColumn<Text>,
        comparison: TextComparison,
        wanted: &Folded,
    ) -> RoomCondition<Sqlite> {
        let wanted = wanted.get().to_owned();
        match comparison {
            TextComparison::Eq => Box::new(text_is(column, wanted)),
            TextComparison::Contains => Box::new(text_contains(column, wanted)),
        }
    }

    /// SQLite stores the mode in the file. It ignores the busy time-out while it switches, so this
    /// retries for as long as that time-out.
    fn enable_wal(&mut self) -> QueryResult<()> {
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

    fn writing<T>(&mut self, work: impl FnOnce(&mut Self) -> QueryResult<T>) -> QueryResult<T> {
        let outcome = self.immediate_transaction(work);
        let written = outcome.map_err(|error| named_if_read_only(self, error))?;
        if self.is_current()? { Ok(written) } else { Err(displaced()) }
    }

    fn insert(&mut self, rooms: Vec<RoomRow>) -> QueryResult<usize> {
        // For no rows at all, SQLite would return the number of an earlier statement.
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
        self.writing(work)
    }

    fn is_current(&mut self) -> QueryResult<bool> {
        select(is_in_place()).get_result(self)
    }

    /// Copies the write-ahead log into the file, as far as possible: the file may have been moved without
    /// it.
    fn leave(&mut self) -> QueryResult<()> {
        self.batch_execute("PRAGMA wal_checkpoint(PASSIVE)")
    }
}

/// An error of a file that cannot be written, with its path.
fn named_if_read_only(connection: &mut SqliteConnection, error: DieselError) -> DieselError {
    if !is_read_only(&error) {
        return error;
    }
    let path = select(sql::<Text>("(SELECT file FROM pragma_database_list WHERE name = 'main')"));
    let path = path.get_result(connection).unwrap_or_else(|_| "the database".to_owned());
    DieselError::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, Box::new(read_only(&path)))
}

/// What to do about a file that cannot be written.
pub fn read_only(path: &str) -> String {
    format!(
        "{path} is read-only for this user: allow the user that rentomatic runs as to write to it, and to \
         its folder"
    )
}
