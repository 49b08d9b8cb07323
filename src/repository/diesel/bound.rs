//! The deadline of a caller.

use std::time::{Duration, Instant};

use diesel::result::{Error as DieselError, QueryResult};

use super::database::Database;

/// Bounds the queries of one list or count by the caller's deadline.
#[derive(Clone, Copy)]
pub struct Bound {
    pub deadline: Instant,
    /// The time-out of statements that the connection has anyway.
    pub statement_timeout: Option<Duration>,
}

impl Bound {
    /// Runs a query, which ends at the deadline.
    pub fn run<C: Database, T>(
        self,
        connection: &mut C,
        query: impl FnOnce(&mut C) -> QueryResult<T>,
    ) -> QueryResult<T> {
        let time = self.deadline.saturating_duration_since(Instant::now());
        if time.is_zero() {
            return Err(DieselError::QueryBuilderError("there is no time left".into()));
        }
        // About the time-out that the connection has anyway: no need to set it.
        if self.statement_timeout.is_some_and(|set| set * 9 < time * 10 && time * 10 < set * 11) {
            return query(connection);
        }
        connection.within(time, query)
    }
}
