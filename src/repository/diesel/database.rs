//! What differs between the two databases, apart from their dialects of SQL, which Diesel knows.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use diesel::expression::BoxableExpression;
use diesel::r2d2::R2D2Connection;
use diesel::result::{Error as DieselError, QueryResult};
use diesel::sql_types::{Bool, Text};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};
use twox_hash::XxHash3_64;

use super::any_column::AnyColumn;
use super::row::RoomRow;
use super::schema::room;
use crate::entities::{Folded, RoomCode};
use crate::use_cases::{BoundingBox, TextComparison, Version, Wear};

/// More candidates than this are many: to find the first few rooms in some order, it is quicker to read rooms
/// in that order.
pub const MOST_CANDIDATES: i64 = 2_000;

/// A condition on rooms, for one database.
pub type RoomCondition<DB> = Box<dyn BoxableExpression<room::table, DB, SqlType = Bool>>;

/// The share of the ids that are used if this is the largest one. Rooms have ids of 32 bits, as in the Python
/// original.
pub fn used_ids(largest: i64) -> f64 {
    i32::try_from(largest).map_or(1.0, f64::from) / f64::from(i32::MAX)
}

/// A connection to one of the databases.
pub trait Database: R2D2Connection + MigrationHarness<Self::Backend> + 'static {
    /// The migrations.
    const MIGRATIONS: EmbeddedMigrations;

    /// How long a writer waits for another one in this process, if the database has one writer at a time.
    const WRITER_PATIENCE: Option<Duration>;

    /// The number of rooms of an import that one statement writes.
    const IMPORT_BATCH: usize;

    /// Whether Diesel's table of applied migrations exists.
    fn has_migrations_table(&mut self) -> QueryResult<bool>;

    /// The state of all rooms.
    fn version(&mut self) -> QueryResult<Version>;

    /// Whether the box, which does not cross the antimeridian, contains more than [`MOST_CANDIDATES`]
    /// rooms, or just about as many.
    fn are_many_in(&mut self, bounds: BoundingBox) -> QueryResult<bool>;

    /// What will become a problem if nobody does anything about it.
    fn wear(&mut self) -> QueryResult<Wear>;

    /// Runs a query that the database ends after `time`.
    fn within<T>(
        &mut self,
        time: Duration,
        query: impl FnOnce(&mut Self) -> QueryResult<T>,
    ) -> QueryResult<T>;

    /// A condition that ends the query after its time, if the database cannot do that by itself.
    fn in_time() -> Option<RoomCondition<Self::Backend>>;

    /// The condition that a room is in the box, which does not cross the antimeridian.
    fn in_box(bounds: BoundingBox) -> RoomCondition<Self::Backend>;

    /// The same condition, for the index of places.
    fn in_box_by_index(bounds: BoundingBox) -> RoomCondition<Self::Backend>;

    /// The condition that the text in a column is or contains another, whatever their case.
    fn text_condition(
        column: AnyColumn<Text>,
        comparison: TextComparison,
        wanted: &Folded,
    ) -> RoomCondition<Self::Backend>;

    /// Turns on write-ahead logging, so that readers and a writer do not block each other.
    fn enable_wal(&mut self) -> QueryResult<()>;

    /// Runs `work` in a transaction, while no other process migrates; waits for its turn.
    fn migrating<T, E>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<DieselError>;

    /// Runs `work` in a transaction that can write.
    fn writing<T>(&mut self, work: impl FnOnce(&mut Self) -> QueryResult<T>) -> QueryResult<T>;

    /// Inserts rooms, whose codes must be free, and returns their number.
    fn insert(&mut self, rooms: Vec<RoomRow>) -> QueryResult<usize>;

    /// Prepares a retry after a write met a row that it did not know of. Ids that were inserted by hand can
    /// be ahead of the sequence; then it continues after them.
    fn catch_up(&mut self, _conflict: &DieselError) -> QueryResult<()> {
        Ok(())
    }

    /// The room with this code and its `id`. Nobody else writes it until the transaction ends.
    fn find_to_write(&mut self, code: RoomCode) -> QueryResult<Option<(i32, RoomRow)>>;

    /// Runs `work` in a transaction, while nobody else writes rooms; waits for its turn.
    fn writing_alone<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> QueryResult<T>,
    ) -> QueryResult<T>;

    /// Runs an import in a transaction, while no other import runs; waits for its turn.
    fn importing<T>(&mut self, work: impl FnOnce(&mut Self) -> QueryResult<T>) -> QueryResult<T> {
        self.writing_alone(work)
    }

    /// Whether this connection still leads to the database that a new one would lead to. A server
    /// process ends its connections; a file can be replaced while it is open.
    fn is_current(&mut self) -> QueryResult<bool> {
        Ok(true)
    }

    /// Leaves a database that [is no longer current](Self::is_current) in order.
    fn leave(&mut self) -> QueryResult<()> {
        Ok(())
    }
}

/// The error of a write to a database that was replaced meanwhile.
pub fn displaced() -> DieselError {
    DieselError::QueryBuilderError(Box::new(Displaced))
}

/// Whether it is that error.
pub fn is_displaced(error: &DieselError) -> bool {
    matches!(error, DieselError::QueryBuilderError(reason) if reason.is::<Displaced>())
}

/// Whether SQLite refused to write to a file.
pub fn is_read_only(error: &DieselError) -> bool {
    let message = "attempt to write a readonly database";
    matches!(error, DieselError::DatabaseError(_, details) if details.message() == message)
}

#[derive(Debug)]
struct Displaced;

impl Error for Displaced {}

impl fmt::Display for Displaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the database was moved, deleted or replaced meanwhile")
    }
}

/// The version with this token: XXH3, which every build computes alike. Two tokens share a version with a
/// probability of 1 in 2⁶⁴.
pub fn version_of(token: &str) -> Version {
    Version(XxHash3_64::oneshot(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_does_not_depend_on_the_build() {
        assert_eq!(version_of("f853578c"), Version(1_481_901_245_589_832_416));
    }
}
