//! Rooms in PostgreSQL or SQLite, through Diesel.
//!
//! [`queries`] says once what is asked of a database; [`postgres`] and [`sqlite`] say how each is
//! reached and what only it can do; [`migrations`] keep the schema.

pub mod migrations;
pub mod postgres;
mod queries;
mod repository;
mod row;
mod schema;
pub mod sqlite;
mod uuid_column;

use std::hash::{DefaultHasher, Hash, Hasher};

use ::diesel::connection::Connection;
use ::diesel::expression::BoxableExpression;
use ::diesel::result::QueryResult;
use ::diesel::sql_types::Bool;
use diesel_migrations::EmbeddedMigrations;

use self::row::RoomRow;
use self::schema::room;
use crate::entities::RoomCode;
use crate::use_cases::{BoundingBox, Version};

/// So many rooms are too many to find all of them for the first few.
const MANY: i64 = 2_000;

/// A condition on rooms, for one database.
pub type RoomCondition<DB> = Box<dyn BoxableExpression<room::table, DB, SqlType = Bool>>;

/// What differs between the two databases, beside their dialects of SQL, which Diesel knows.
pub trait Database: Connection {
    /// The schema's history.
    const MIGRATIONS: EmbeddedMigrations;

    /// Whether Diesel's table of applied migrations is there.
    fn has_migrations_table(&mut self) -> QueryResult<bool>;

    /// The state of all rooms.
    fn version(&mut self) -> QueryResult<Version>;

    /// Whether the box, which does not cross the antimeridian, seems to hold so many rooms that it
    /// is quicker to read them in order than to find all by the index of places.
    fn seems_full(&mut self, bounds: BoundingBox) -> QueryResult<bool>;

    /// That a room is in the box, which does not cross the antimeridian.
    fn is_in(bounds: BoundingBox) -> RoomCondition<Self::Backend>;

    /// The same, by the index of places.
    fn finds_in(bounds: BoundingBox) -> RoomCondition<Self::Backend>;

    /// Makes a migrated database ready for use.
    fn settle(&mut self) -> QueryResult<()>;

    /// Runs `work` in a transaction that no other process migrates beside; waits for its turn.
    fn migrating<T, E>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<::diesel::result::Error>;

    /// Runs `work` in a transaction that can write.
    fn writing<T, E>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<::diesel::result::Error>;

    /// Puts in rooms, none of whose codes is there; says how many.
    fn insert(&mut self, rooms: Vec<RoomRow>) -> QueryResult<usize>;

    /// The room with this code and its `id`; nobody else writes it until the transaction ends.
    fn find_to_write(&mut self, code: RoomCode) -> QueryResult<Option<(i32, RoomRow)>>;

    /// Runs `work` in a transaction that nobody else writes rooms beside; waits for its turn.
    fn writing_alone<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> QueryResult<T>,
    ) -> QueryResult<T>;
}

/// Equal for equal tokens only, but for a chance of 1 in 2⁶⁴.
fn version_of(tokens: &impl Hash) -> Version {
    let mut hasher = DefaultHasher::new();
    tokens.hash(&mut hasher);
    Version(hasher.finish())
}
