//! Rooms in PostgreSQL or SQLite, through Diesel.
//!
//! [`queries`] has the queries, written once for both databases; [`database`] is the trait of what
//! differs between them, and [`postgres`] and [`sqlite`] implement it. [`migrations`] keep the schema. A
//! field is a column in [`schema`] and a member in [`row`]; [`any_column`] filters and sorts by it.
//! [`sessions`] are in a table of their own.

mod any_column;
mod bound;
mod conditions;
mod database;
mod migrations;
mod opener;
mod postgres;
mod queries;
mod repository;
mod row;
mod schema;
mod sessions;
mod sqlite;
mod uuid_column;

pub use self::sqlite::sqlite_version;
