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

use ::diesel::connection::Connection;
use ::diesel::result::QueryResult;
use diesel_migrations::EmbeddedMigrations;

/// What differs between the two databases, beside their dialects of SQL, which Diesel knows.
pub trait Database: Connection {
    /// The schema's history.
    const MIGRATIONS: EmbeddedMigrations;

    /// Whether Diesel's table of applied migrations is there.
    fn has_migrations_table(&mut self) -> QueryResult<bool>;

    /// Makes the database ready for its first migration.
    fn prepare(&mut self) -> QueryResult<()>;

    /// Runs `work` in a transaction that no other process migrates beside; waits for its turn.
    fn migrating<T, E>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<::diesel::result::Error>;

    /// Runs `work` in a transaction that nobody else writes rooms beside; waits for its turn.
    fn writing_alone<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> QueryResult<T>,
    ) -> QueryResult<T>;
}
