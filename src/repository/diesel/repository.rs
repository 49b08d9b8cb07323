//! The port, over a pool of connections.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use diesel::connection::{Connection, TransactionManager};
use diesel::r2d2::{NopErrorHandler, Pool, PooledConnection};
use diesel::result::{DatabaseErrorKind, Error as DieselError, QueryResult};
use parking_lot::{Mutex, MutexGuard};

use super::bound::Bound;
use super::database::{Database, is_displaced, is_read_only};
use super::migrations;
use super::opener::{LastFailure, Opener};
use super::queries::Queries;
use super::row::{ListedRow, RoomRow};
use crate::entities::{Room, RoomCode};
use crate::repository::distinct::distinct;
use crate::repository::segments::{
    Candidates, Condition, candidates, conditions, segments, segments_of_candidates,
};
use crate::settings::DatabaseSettings;
use crate::use_cases::{
    Change, ImportReport, Imported, ListedRoom, OnConflict, RepositoryError, RoomListRequest,
    RoomRepository, Version, Wear,
};

/// How long to wait for a new connection before another one is started as well. After a failed attempt,
/// r2d2 (0.8) pauses for 200 ms or more, even if the next attempt would succeed.
const ATTEMPT_INTERVAL: Duration = Duration::from_millis(50);

/// How often an operation is tried that conflicts with other writers, or whose connection is lost.
const MAX_TRIES: u32 = 10;

/// How long a list or a count may take if the caller has no deadline.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

type Pooled<C> = PooledConnection<Opener<C>>;

/// Stores rooms in a database, through a pool of connections.
pub struct DieselRepository<C: Queries> {
    pool: Pool<Opener<C>>,
    last_failure: LastFailure,
    /// The time-out of statements that connections have anyway.
    statement_timeout: Option<Duration>,
    deadline: Option<Instant>,
    /// Held by the writer whose turn it is. Writers that wait here are woken at once, while those that wait in
    /// SQLite sleep longer and longer.
    writer: Arc<Mutex<()>>,
}

impl<C: Queries> DieselRepository<C> {
    /// A repository that connects when it is first used.
    pub fn new(
        opener: Opener<C>,
        settings: &DatabaseSettings,
        statement_timeout: Option<Duration>,
    ) -> Self {
        let last_failure = opener.last_failure();
        let pool = Pool::builder()
            .max_size(settings.pool_size.get().into())
            .min_idle(Some(0))
            // A lost connection is noticed when it is used.
            .test_on_check_out(false)
            .connection_timeout(Duration::from_millis(settings.pool_wait_ms.get().into()))
            // The reason is in the error of the request that waits for the connection.
            .error_handler(Box::new(NopErrorHandler))
            .build_unchecked(opener);
        Self { pool, last_failure, statement_timeout, deadline: None, writer: Arc::default() }
    }

    fn connection(&self) -> Result<Pooled<C>, RepositoryError> {
        let deadline = Instant::now() + self.pool.connection_timeout();
        loop {
            let rest = deadline.saturating_duration_since(Instant::now());
            match self.pool.get_timeout(rest.min(ATTEMPT_INTERVAL)) {
                Ok(mut connection) => match connection.is_current() {
                    Ok(false) => {
                        // If this fails, only the latest writes are missing in the earlier file, and its log, which
                        // is set aside, has them.
                        let _ = connection.leave();
                        discard(&mut *connection);
                    }
                    // An error shows again when the connection is used.
                    Ok(true) | Err(_) => return Ok(connection),
                },
                Err(late) => {
                    let failure = self.last_failure.lock().unwrap_or_else(PoisonError::into_inner);
                    match failure.clone() {
                        Some(failure) if rest <= ATTEMPT_INTERVAL || !failure.is_transient() => {
                            return Err(RepositoryError::Unavailable(failure.into()));
                        }
                        None if rest <= ATTEMPT_INTERVAL => {
                            return Err(RepositoryError::Unavailable(late.into()));
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    /// A connection that has just answered, for an operation that must not be repeated.
    fn connection_to_write(&self) -> Result<Pooled<C>, RepositoryError> {
        let mut tries = self.tries();
        loop {
            tries -= 1;
            let mut connection = self.connection()?;
            match connection.ping() {
                Ok(()) => return Ok(connection),
                Err(error) if tries == 0 => return Err(RepositoryError::Unavailable(error.into())),
                Err(_) => discard(&mut *connection),
            }
        }
    }

    /// More tries than the pool can have lost connections.
    fn tries(&self) -> u32 {
        self.pool.max_size() + MAX_TRIES
    }

    /// Runs a query that only reads, so that it can be retried on another connection if this one is lost.
    pub(super) fn query<T>(
        &self,
        read: impl Fn(&mut C) -> QueryResult<T>,
    ) -> Result<T, RepositoryError> {
        let mut tries = self.tries();
        loop {
            tries -= 1;
            let connection = &mut *self.connection()?;
            match read(connection) {
                Ok(result) => return Ok(result),
                Err(error) if tries > 0 && is_lost(&error, connection) => {}
                Err(error) => return Err(failure_on(connection, error)),
            }
        }
    }

    /// The turn of this writer, if the database has one writer at a time.
    fn turn(&self) -> Result<Option<MutexGuard<'_, ()>>, RepositoryError> {
        let Some(patience) = C::WRITER_PATIENCE else { return Ok(None) };
        let turn = self.writer.try_lock_for(patience);
        let too_late =
            || RepositoryError::Interrupted("another request writes for too long".into());
        turn.map(Some).ok_or_else(too_late)
    }

    /// Runs a write, again if another writer was faster.
    pub(super) fn write(
        &self,
        mut write: impl FnMut(&mut C) -> QueryResult<()>,
    ) -> Result<(), RepositoryError> {
        let _turn = self.turn()?;
        let mut tries = 0;
        loop {
            tries += 1;
            let connection = &mut *self.connection_to_write()?;
            match write(connection) {
                Err(error) if is_race(&error) && tries < MAX_TRIES => {
                    let caught_up = connection.catch_up(&error);
                    caught_up.map_err(|error| failure_on(connection, error))?;
                }
                Err(error) => return Err(failure_on(connection, error)),
                Ok(()) => return Ok(()),
            }
        }
    }
}

impl<C: Queries> DieselRepository<C> {
    /// Runs a query whose statements end at the deadline.
    fn bounded_query<T>(
        &self,
        read: impl Fn(&mut C, Bound) -> QueryResult<T>,
    ) -> Result<T, RepositoryError> {
        let deadline = self.deadline.unwrap_or_else(|| Instant::now() + READ_TIMEOUT);
        let bound = Bound { deadline, statement_timeout: self.statement_timeout };
        self.query(|connection| read(connection, bound)).map_err(|error| match error {
            // The server's message is in its own language.
            RepositoryError::Failed(cause) if Instant::now() >= deadline => {
                RepositoryError::TimedOut(cause)
            }
            error => error,
        })
    }
}

impl<C: Queries> RoomRepository for DieselRepository<C> {
    fn list(
        &self,
        request: &RoomListRequest,
        most: usize,
    ) -> Result<Vec<ListedRoom>, RepositoryError> {
        let (sort, centre) = (&request.sort, request.near.map(|circle| circle.centre));
        self.bounded_query(|connection, bound| {
            for candidates in candidates(request) {
                let among = |conditions: &[Condition], most| {
                    bound.run(connection, |connection| {
                        connection.list_of_few(candidates, conditions, sort, centre, most)
                    })
                };
                if let Some(rooms) = first_of(segments_of_candidates(request), most, among)? {
                    return Ok(rooms);
                }
            }
            let among_all = |conditions: &[Condition], most| {
                bound
                    .run(connection, |connection| connection.list(conditions, sort, centre, most))
                    .map(Some)
            };
            Ok(first_of(segments(request), most, among_all)?.unwrap_or_default())
        })
    }

    fn count(&self, request: &RoomListRequest, most: u64) -> Result<u64, RepositoryError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let number = self.bounded_query(|connection, bound| {
            let mut conditions = conditions(request);
            for candidates in candidates(request) {
                if let Candidates::InBox(bounds) = candidates
                    && !bound.run(connection, |connection| connection.are_many(candidates))?
                {
                    conditions.push(Condition::InBoxByIndex(bounds));
                    break;
                }
            }
            bound.run(connection, |connection| connection.count(&conditions, most))
        })?;
        Ok(number.unsigned_abs())
    }

    fn version(&self) -> Result<Option<Version>, RepositoryError> {
        self.query(Database::version).map(Some)
    }

    fn find(&self, codes: &[RoomCode]) -> Result<Vec<Room>, RepositoryError> {
        self.query(|connection| connection.find(codes)?.into_iter().map(room).collect())
    }

    fn change(
        &self,
        code: RoomCode,
        decide: &mut dyn FnMut(Option<&Room>) -> Change,
    ) -> Result<(), RepositoryError> {
        self.write(|connection| {
            connection.change(code, |row| {
                let now = row.map(room).transpose()?;
                Ok(decide(now.as_ref()))
            })
        })
    }

    fn import(
        &self,
        rooms: &mut dyn Iterator<Item = Room>,
        on_conflict: OnConflict,
    ) -> Result<Imported, RepositoryError> {
        let mut report = ImportReport::default();
        let mut taken = Vec::new();
        let _turn = self.turn()?;
        let connection = &mut *self.connection_to_write()?;
        let outcome = connection.importing(|connection| {
            loop {
                let batch = distinct(rooms.take(C::IMPORT_BATCH), on_conflict, &mut report);
                if batch.is_empty() {
                    break;
                }
                let done = connection.import(&batch, on_conflict)?;
                report.added += done.added as u64;
                match on_conflict {
                    OnConflict::Refuse => taken.extend(done.taken),
                    OnConflict::Skip => report.skipped += done.taken.len() as u64,
                    OnConflict::Replace => report.replaced += done.taken.len() as u64,
                }
            }
            if taken.is_empty() { Ok(()) } else { Err(DieselError::RollbackTransaction) }
        });
        match outcome {
            Ok(()) => Ok(Imported::Done(report)),
            Err(DieselError::RollbackTransaction) => Ok(Imported::Taken(taken)),
            Err(error) => Err(failure_on(connection, error)),
        }
    }

    fn fill_if_empty(&self, rooms: &[Room]) -> Result<bool, RepositoryError> {
        let _turn = self.turn()?;
        let connection = &mut *self.connection_to_write()?;
        connection.fill_if_empty(rooms).map_err(|error| failure_on(connection, error))
    }

    fn until(self: Arc<Self>, deadline: Instant) -> Arc<dyn RoomRepository> {
        let Self { pool, last_failure, statement_timeout, deadline: _, writer } = &*self;
        Arc::new(Self {
            pool: pool.clone(),
            last_failure: Arc::clone(last_failure),
            statement_timeout: *statement_timeout,
            deadline: Some(deadline),
            writer: Arc::clone(writer),
        })
    }

    fn wear(&self) -> Result<Wear, RepositoryError> {
        self.query(Database::wear)
    }

    fn check(&self) -> Result<(), RepositoryError> {
        let missing = self.query(|connection| migrations::pending(connection))?;
        if missing.is_empty() { Ok(()) } else { Err(RepositoryError::NotMigrated(missing)) }
    }
}

/// The first rooms of all segments, or `None` if there are many candidates.
fn first_of(
    segments: impl Iterator<Item = Vec<Condition>>,
    most: usize,
    mut list: impl FnMut(&[Condition], i64) -> QueryResult<Option<Vec<ListedRow>>>,
) -> QueryResult<Option<Vec<ListedRoom>>> {
    let mut rows = Vec::new();
    for conditions in segments {
        let rest = i64::try_from(most - rows.len()).unwrap_or(i64::MAX);
        if rest == 0 {
            break;
        }
        let Some(mut found) = list(&conditions, rest)? else { return Ok(None) };
        rows.append(&mut found);
    }
    rows.into_iter().map(listed).collect::<Result<_, _>>().map(Some)
}

fn listed((row, sequence, distance): ListedRow) -> QueryResult<ListedRoom> {
    Ok(ListedRoom { room: room(row)?, sequence: sequence.into(), distance })
}

fn room(row: RoomRow) -> QueryResult<Room> {
    row.try_into().map_err(|error| DieselError::DeserializationError(Box::new(error)))
}

/// Whether it failed only because of another writer, so that it should be retried.
fn is_race(error: &DieselError) -> bool {
    use DatabaseErrorKind::{SerializationFailure, UniqueViolation};
    matches!(error, DieselError::DatabaseError(UniqueViolation | SerializationFailure, _))
}

/// Whether it failed because the connection is lost. When the server ends a session, Diesel exposes the
/// message, in the server's language, but not its SQLSTATE; so the connection is tested.
fn is_lost(error: &DieselError, connection: &mut impl Queries) -> bool {
    use DatabaseErrorKind::{ClosedConnection, UnableToSendCommand, Unknown};
    match error {
        DieselError::DatabaseError(ClosedConnection | UnableToSendCommand | Unknown, _)
        | DieselError::BrokenTransactionManager
        | DieselError::RollbackErrorOnCommit { .. } => {
            let is_lost = connection.ping().is_err();
            if is_lost {
                discard(connection);
            }
            is_lost
        }
        _ => false,
    }
}

/// Makes the pool replace this connection.
fn discard<C: Connection>(connection: &mut C) {
    C::TransactionManager::transaction_manager_status_mut(connection).set_in_error();
}

/// Why it failed: the connection is lost, the schema is not the one that this program needs, or the reason
/// is in the error.
fn failure_on(connection: &mut impl Queries, error: DieselError) -> RepositoryError {
    if is_lost(&error, connection) {
        return RepositoryError::Interrupted(error.into());
    }
    match migrations::pending(connection) {
        Ok(missing) if !missing.is_empty() => RepositoryError::NotMigrated(missing),
        _ => failure(error),
    }
}

fn failure(error: DieselError) -> RepositoryError {
    match error {
        DieselError::DeserializationError(reason) => RepositoryError::Corrupt(reason),
        error if is_read_only(&error) => RepositoryError::ReadOnly(error.into()),
        error if is_displaced(&error) => RepositoryError::Interrupted(error.into()),
        DieselError::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _) => {
            RepositoryError::ReadOnly(error.into())
        }
        // SQLite's message when another process writes for longer than the busy time-out.
        DieselError::DatabaseError(_, ref details) if details.message() == "database is locked" => {
            RepositoryError::Interrupted(error.into())
        }
        _ => RepositoryError::Failed(error.into()),
    }
}
