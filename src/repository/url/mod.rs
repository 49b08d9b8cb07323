//! Database URLs, parsed: one type per scheme.
//!
//! A URL may hold a password, so nothing here shows one: not an error, not a URL's text, not its
//! `Debug`. An error repeats no part of a URL except its scheme and the names of known parameters.

mod authority;
mod error;
mod libpq;
#[cfg(feature = "mongodb")]
mod mongo;
mod postgres;
mod sqlite;

pub use error::InvalidDatabaseUrl;
#[cfg(feature = "mongodb")]
pub use mongo::MongoUrl;
pub use postgres::PostgresUrl;
pub use sqlite::SqlitePath;
