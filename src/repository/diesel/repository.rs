//! The port, over a pool of connections.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::{Duration, Instant};

use diesel::connection::{Connection, TransactionManager};
use diesel::r2d2::{
    ConnectionManager, CustomizeConnection, Error as R2d2Error, NopErrorHandler, Pool,
    PooledConnection, R2D2Connection,
};
use diesel::result::{DatabaseErrorKind, Error as DieselError, QueryResult};

use super::queries::Queries;
use super::row::{ListedRow, RoomRow};
use super::{Database, migrations};
use crate::entities::{Room, RoomCode};
use crate::repository::segments::{boxes, conditions, segments};
use crate::settings::DatabaseSettings;
use crate::use_cases::{
    BoundingBox, Change, ImportReport, Imported, ListedRoom, Listing, OnConflict, RepositoryError,
    RoomListRequest, RoomRepository, Version,
};

/// How many rooms of an import are written by one statement.
const ROOMS_IN_A_BATCH: usize = 1_000;

/// After how long another connection is begun beside one that is not there yet. If one cannot be made,
/// r2d2 (0.8) itself pauses for 200 ms and more, though only that one may have been lost on its way.
const STEP: Duration = Duration::from_millis(50);

/// How often is tried what others get in the way of, or what a connection is lost for.
const TRIES: u32 = 10;

/// Keeps rooms in a database, and connections to it in one pool for as long as it lives.
pub struct DieselRepository<C: R2D2Connection + 'static> {
    pool: Pool<ConnectionManager<C>>,
}

impl<C: R2D2Connection + 'static> DieselRepository<C> {
    /// A repository that connects to `url` when it is first asked.
    pub fn new(
        url: String,
        settings: &DatabaseSettings,
        customizer: Box<dyn CustomizeConnection<C, R2d2Error>>,
    ) -> Self {
        let pool = Pool::builder()
            .max_size(settings.pool_size.get().into())
            .min_idle(Some(0))
            // Whether a connection is gone shows when it is used.
            .test_on_check_out(false)
            .connection_timeout(Duration::from_millis(settings.pool_wait_ms.get().into()))
            .connection_customizer(customizer)
            // What keeps connections from being made is in the error of the one who waits for one.
            .error_handler(Box::new(NopErrorHandler))
            .build_unchecked(ConnectionManager::new(url));
        Self { pool }
    }

    fn connection(&self) -> Result<PooledConnection<ConnectionManager<C>>, RepositoryError> {
        let deadline = Instant::now() + self.pool.connection_timeout();
        loop {
            let rest = deadline.saturating_duration_since(Instant::now());
            match self.pool.get_timeout(rest.min(STEP)) {
                Ok(connection) => return Ok(connection),
                Err(error) if rest <= STEP => {
                    return Err(RepositoryError::Unavailable(error.into()));
                }
                Err(_) => {}
            }
        }
    }
}

impl<C: R2D2Connection + Queries + Database> DieselRepository<C> {
    /// A connection that was there a moment ago, for what cannot be asked again.
    fn connection_to_write(
        &self,
    ) -> Result<PooledConnection<ConnectionManager<C>>, RepositoryError> {
        let mut tries = self.tries();
        loop {
            tries -= 1;
            let mut connection = self.connection()?;
            match connection.ping() {
                Ok(()) => return Ok(connection),
                Err(error) if tries == 0 => return Err(RepositoryError::Unavailable(error.into())),
                Err(_) => give_up(&mut *connection),
            }
        }
    }

    /// More than there may be connections that are lost.
    fn tries(&self) -> u32 {
        self.pool.max_size() + TRIES
    }

    /// Asks what changes nothing, and so may be asked again on another connection if this one is lost.
    fn ask<T>(&self, question: impl Fn(&mut C) -> QueryResult<T>) -> Result<T, RepositoryError> {
        let mut tries = self.tries();
        loop {
            tries -= 1;
            let connection = &mut *self.connection()?;
            match question(connection) {
                Ok(answer) => return Ok(answer),
                Err(error) if tries > 0 && is_lost(&error, connection) => {}
                Err(error) => return Err(failure_on(connection, error)),
            }
        }
    }
}

impl<C> RoomRepository for DieselRepository<C>
where
    C: R2D2Connection + Queries + Database + 'static,
{
    fn list(&self, request: &RoomListRequest, most: usize) -> Result<Listing, RepositoryError> {
        let centre = request.near.map(|circle| circle.centre);
        let (version, rows) = self.ask(|connection| {
            let version = connection.version()?;
            let small = small_box(connection, request)?;
            let mut rows = Vec::new();
            for conditions in segments(request, small) {
                let rest = i64::try_from(most - rows.len()).unwrap_or(i64::MAX);
                if rest == 0 {
                    break;
                }
                rows.append(&mut connection.list(&conditions, &request.sort, centre, rest)?);
            }
            Ok((version, rows))
        })?;
        let rooms: Result<_, _> = rows.into_iter().map(listed).collect();
        Ok(Listing { version, rooms: rooms? })
    }

    fn count(&self, request: &RoomListRequest) -> Result<u64, RepositoryError> {
        let number = self.ask(|connection| {
            let small = small_box(connection, request)?;
            connection.count(&conditions(request, small))
        })?;
        Ok(number.unsigned_abs())
    }

    fn version(&self) -> Result<Version, RepositoryError> {
        self.ask(Database::version)
    }

    fn find(&self, code: RoomCode) -> Result<Option<Room>, RepositoryError> {
        self.ask(|connection| connection.find(code))?.map(room).transpose()
    }

    fn change(
        &self,
        code: RoomCode,
        decide: &mut dyn FnMut(Option<&Room>) -> Change,
    ) -> Result<(), RepositoryError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let connection = &mut *self.connection_to_write()?;
            let changed = connection.change(code, |row| {
                let now = row.map(room).transpose().map_err(Stop::Corrupt)?;
                Ok(decide(now.as_ref()))
            });
            match changed {
                Ok(()) => return Ok(()),
                Err(Stop::Corrupt(error)) => return Err(error),
                Err(Stop::Failed(error)) if is_race(&error) && tries < TRIES => {}
                Err(Stop::Failed(error)) => return Err(failure_on(connection, error)),
            }
        }
    }

    fn import(
        &self,
        rooms: &mut dyn Iterator<Item = Room>,
        on_conflict: OnConflict,
    ) -> Result<Imported, RepositoryError> {
        let mut report = ImportReport::default();
        let mut taken = Vec::new();
        let connection = &mut *self.connection_to_write()?;
        let outcome = connection.writing_alone(|connection| {
            loop {
                let batch = next_batch(rooms, on_conflict, &mut report);
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
        let connection = &mut *self.connection_to_write()?;
        connection.fill_if_empty(rooms).map_err(|error| failure_on(connection, error))
    }

    fn check(&self) -> Result<(), RepositoryError> {
        let missing = self.ask(|connection| migrations::pending(connection))?;
        if missing.is_empty() { Ok(()) } else { Err(RepositoryError::NotMigrated(missing)) }
    }
}

/// A box that holds all rooms of the request, and few others.
fn small_box<C: Database>(
    connection: &mut C,
    request: &RoomListRequest,
) -> QueryResult<Option<BoundingBox>> {
    for bounds in boxes(request) {
        let (one, other) = bounds.parts();
        let is_full = match other {
            Some(other) => connection.seems_full(one)? || connection.seems_full(other)?,
            None => connection.seems_full(one)?,
        };
        if !is_full {
            return Ok(Some(bounds));
        }
    }
    Ok(None)
}

fn listed((row, sequence, distance): ListedRow) -> Result<ListedRoom, RepositoryError> {
    Ok(ListedRoom { room: room(row)?, sequence: sequence.into(), distance })
}

fn room(row: RoomRow) -> Result<Room, RepositoryError> {
    row.try_into().map_err(|error| RepositoryError::Corrupt(Box::new(error)))
}

/// The next rooms, each code once: what is there more than once is skipped, or replaced by the last.
fn next_batch(
    rooms: &mut dyn Iterator<Item = Room>,
    on_conflict: OnConflict,
    report: &mut ImportReport,
) -> Vec<Room> {
    let mut batch: Vec<Room> = Vec::new();
    let mut places = HashMap::new();
    for room in rooms.take(ROOMS_IN_A_BATCH) {
        match places.entry(room.code) {
            Entry::Vacant(free) => {
                free.insert(batch.len());
                batch.push(room);
            }
            Entry::Occupied(taken) if on_conflict == OnConflict::Replace => {
                batch[*taken.get()] = room;
                report.replaced += 1;
            }
            Entry::Occupied(_) => report.skipped += 1,
        }
    }
    batch
}

/// Why a transaction was stopped.
enum Stop {
    Corrupt(RepositoryError),
    Failed(DieselError),
}

impl From<DieselError> for Stop {
    fn from(error: DieselError) -> Self {
        Self::Failed(error)
    }
}

/// Whether it failed only since another writer came in between, and so should be tried again.
fn is_race(error: &DieselError) -> bool {
    use DatabaseErrorKind::{SerializationFailure, UniqueViolation};
    matches!(error, DieselError::DatabaseError(UniqueViolation | SerializationFailure, _))
}

/// Whether it failed since the connection is gone. Of a server that ended it, Diesel tells the words
/// only, and they are in the server's language; so the connection is asked.
fn is_lost<C: R2D2Connection>(error: &DieselError, connection: &mut C) -> bool {
    use DatabaseErrorKind::{ClosedConnection, UnableToSendCommand, Unknown};
    match error {
        DieselError::DatabaseError(ClosedConnection | UnableToSendCommand | Unknown, _)
        | DieselError::BrokenTransactionManager => {
            let is_lost = connection.ping().is_err();
            if is_lost {
                give_up(connection);
            }
            is_lost
        }
        _ => false,
    }
}

/// Has the pool make another connection in place of this one.
fn give_up<C: Connection>(connection: &mut C) {
    C::TransactionManager::transaction_manager_status_mut(connection).set_in_error();
}

/// Why it failed: the connection is gone, or the schema is not the one that this program needs, or what
/// the error says.
fn failure_on<C>(connection: &mut C, error: DieselError) -> RepositoryError
where
    C: R2D2Connection + Queries + Database,
{
    if is_lost(&error, connection) {
        return RepositoryError::Interrupted(error.into());
    }
    match migrations::pending(connection) {
        Ok(missing) if !missing.is_empty() => RepositoryError::NotMigrated(missing),
        _ => failure(error),
    }
}

fn failure(error: DieselError) -> RepositoryError {
    match &error {
        DieselError::DeserializationError(_) => RepositoryError::Corrupt(error.into()),
        DieselError::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _) => {
            RepositoryError::ReadOnly(error.into())
        }
        // SQLite's words, when another process has written for longer than the busy time-out.
        DieselError::DatabaseError(_, words) if words.message() == "database is locked" => {
            RepositoryError::Interrupted(error.into())
        }
        _ => RepositoryError::Failed(error.into()),
    }
}
