//! The deadline of a query.
//!
//! SQLite has no time-out for statements. It would call a progress handler now and then, but Diesel does
//! not offer one. So a query has a condition that calls a function for each row that it looks at, and the
//! function fails once the deadline has passed.

use std::cell::Cell;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::serialize::{IsNull, Output, Result as SerializeResult, ToSql};
use diesel::sql_types::Bool;
use diesel::sqlite::{Sqlite, SqliteConnection};

thread_local! {
    /// The deadline of the query that this thread runs.
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
}

diesel::define_sql_function! {
    /// True, or an error once the deadline of the query has passed.
    fn in_time() -> Bool;
}

/// Runs a query with a deadline.
pub fn within<T>(time: Duration, query: impl FnOnce() -> T) -> T {
    DEADLINE.set(Some(Instant::now() + time));
    let result = query();
    DEADLINE.set(None);
    result
}

/// Makes the function known to a connection.
pub fn register(connection: &mut SqliteConnection) -> QueryResult<()> {
    // Not deterministic, or SQLite would call it once for all rows.
    in_time_utils::register_nondeterministic_impl(connection, || InTime)
}

/// The result of the function.
#[derive(Debug)]
struct InTime;

impl ToSql<Bool, Sqlite> for InTime {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> SerializeResult {
        if DEADLINE.get().is_some_and(|deadline| Instant::now() >= deadline) {
            return Err("the deadline of the query has passed".into());
        }
        out.set_value(1_i32);
        Ok(IsNull::No)
    }
}
