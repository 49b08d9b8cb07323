//! The SQL that only PostgreSQL has: its locks, its geometric types, its query plans.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::dsl::select;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Double, Text};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

use super::spelled::IsSpelled;
use crate::entities::{Folded, RoomCode};
use crate::repository::diesel::any_column::AnyColumn;
use crate::repository::diesel::database::{
    Database, MOST_CANDIDATES, RoomCondition, used_ids, version_of,
};
use crate::repository::diesel::row::RoomRow;
use crate::repository::diesel::schema::room;
use crate::repository::diesel::uuid_column::CodeColumn;
use crate::repository::spellings::Spellings;
use crate::use_cases::{BoundingBox, TextComparison, Version, Wear};

diesel::define_sql_function! {
    /// Created by a migration.
    fn current_room_version() -> Text;
}

/// One of PostgreSQL's geometric types (documentation, "Geometric Types").
#[derive(diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
#[diesel(postgres_type(name = "point"))]
pub struct Point;

/// Another of PostgreSQL's geometric types.
#[derive(diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
#[diesel(postgres_type(name = "box"))]
pub struct Rectangle;

diesel::define_sql_function! {
    fn point(x: Double, y: Double) -> Point;
}
diesel::define_sql_function! {
    #[sql_name = "box"]
    fn box_of(corner: Point, opposite: Point) -> Rectangle;
}
diesel::infix_operator!(ContainedBy, " <@ ", backend: Pg);

/// The condition that a room is in the box, which does not cross the antimeridian, for the spatial index.
pub fn contained_by(bounds: BoundingBox) -> RoomCondition<Pg> {
    let corners = box_of(point(bounds.west, bounds.south), point(bounds.east, bounds.north));
    Box::new(ContainedBy::new(point(room::longitude, room::latitude), corners))
}

impl Database for PgConnection {
    const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");
    const WRITER_PATIENCE: Option<Duration> = None;
    const IMPORT_BATCH: usize = 10_000;

    fn has_migrations_table(&mut self) -> QueryResult<bool> {
        use diesel::dsl::sql;
        let table = sql::<Bool>("to_regclass('__diesel_schema_migrations') IS NOT NULL");
        select(table).get_result(self)
    }

    fn version(&mut self) -> QueryResult<Version> {
        let state: String = select(current_room_version()).get_result(self)?;
        Ok(version_of(&state))
    }

    fn are_many_in(&mut self, bounds: BoundingBox) -> QueryResult<bool> {
        let ids = room::table.filter(contained_by(bounds)).select(room::id);
        Ok(ids.offset(MOST_CANDIDATES).first::<i32>(self).optional()?.is_some())
    }

    fn wear(&mut self) -> QueryResult<Wear> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = BigInt)]
            oldest_snapshot_s: i64,
            #[diesel(sql_type = BigInt)]
            largest_id: i64,
        }
        // The sequence may be ahead of all rooms.
        let row: Row = sql_query(
            "SELECT greatest((SELECT extract(epoch FROM now() - min(since)) FROM \
             (SELECT xact_start AS since FROM pg_stat_activity WHERE backend_xmin IS NOT NULL \
              UNION ALL SELECT prepared FROM pg_prepared_xacts) AS transactions), 0)::bigint AS oldest_snapshot_s, \
             greatest((SELECT max(id) FROM room), (SELECT last_value FROM pg_sequences \
              WHERE format('%I.%I', schemaname, sequencename) = pg_get_serial_sequence('room', 'id')), 0) \
             AS largest_id",
        )
        .get_result(self)?;
        Ok(Wear {
            oldest_snapshot_s: Some(row.oldest_snapshot_s.unsigned_abs()),
            used_ids: Some(used_ids(row.largest_id)),
        })
    }

    fn within<T>(
        &mut self,
        time: Duration,
        query: impl FnOnce(&mut Self) -> QueryResult<T>,
    ) -> QueryResult<T> {
        self.transaction(|connection| {
            // Zero would mean no limit.
            let milliseconds = time.as_millis().max(1);
            connection.batch_execute(&format!("SET LOCAL statement_timeout = {milliseconds}"))?;
            query(connection)
        })
    }

    /// The server ends a statement by its own clock.
    fn in_time() -> Option<RoomCondition<Pg>> {
        None
    }

    fn in_box(bounds: BoundingBox) -> RoomCondition<Pg> {
        let condition = room::longitude
            .between(bounds.west, bounds.east)
            .and(room::latitude.between(bounds.south, bounds.north));
        Box::new(condition)
    }

    fn in_box_by_index(bounds: BoundingBox) -> RoomCondition<Pg> {
        // The planner estimates that any box contains a thousandth of the table, so that an ordered
        // scan of the whole table looks cheap. The comparisons correct its estimate. Adding zero keeps
        // it from using them with the indexes of single coordinates.
        let condition = contained_by(bounds)
            .and((room::longitude + 0.0).between(bounds.west, bounds.east))
            .and((room::latitude + 0.0).between(bounds.south, bounds.north));
        Box::new(condition)
    }

    fn text_condition(
        column: AnyColumn<Text>,
        comparison: TextComparison,
        wanted: &Folded,
    ) -> RoomCondition<Pg> {
        Box::new(IsSpelled { column, spellings: Spellings::of(comparison, wanted) })
    }

    /// PostgreSQL always has it.
    fn enable_wal(&mut self) -> QueryResult<()> {
        Ok(())
    }

    fn migrating<T, E>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<DieselError>,
    {
        self.transaction(|connection| {
            // The number is "room" in ASCII. The lock ends with the transaction. From PostgreSQL 14 on,
            // the server notices that a client died, and releases its lock.
            connection.batch_execute(
                "SELECT set_config(name, '500ms', true) FROM pg_settings \
                 WHERE name = 'client_connection_check_interval'; \
                 SET LOCAL lock_timeout = '60s'; SELECT pg_advisory_xact_lock(1919905645)",
            )?;
            work(connection)
        })
    }

    fn writing<T>(&mut self, work: impl FnOnce(&mut Self) -> QueryResult<T>) -> QueryResult<T> {
        self.transaction(work)
    }

    fn insert(&mut self, rooms: Vec<RoomRow>) -> QueryResult<usize> {
        // In a savepoint, so that it can be retried.
        let copy = |connection: &mut Self| {
            connection.transaction(|connection| {
                diesel::copy_from(room::table).from_insertable(&rooms).execute(connection)
            })
        };
        copy(self).or_else(|error| match error {
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => {
                self.catch_up(&error)?;
                copy(self)
            }
            error => Err(error),
        })
    }

    /// A role that may only use the sequence, not set it, takes numbers from it one by one.
    fn catch_up(&mut self, conflict: &DieselError) -> QueryResult<()> {
        let is_of_code = |details: &dyn DatabaseErrorInformation| {
            details.constraint_name() == Some("room_code_key")
        };
        if matches!(conflict, DieselError::DatabaseError(_, details) if is_of_code(details.as_ref()))
        {
            return Ok(());
        }
        let caught_up = sql_query(
            "SELECT CASE WHEN has_sequence_privilege(ids, 'UPDATE') \
                         THEN setval(ids, greatest(last, nextval(ids))) \
                         ELSE (SELECT max(number) FROM (SELECT nextval(ids) AS number \
                               FROM generate_series(1, least(last - nextval(ids), 100000))) AS taken) END \
             FROM (SELECT pg_get_serial_sequence('room', 'id')::regclass AS ids, \
                          (SELECT max(id) FROM room) AS last) AS found",
        );
        caught_up.execute(self).map(drop)
    }

    fn find_to_write(&mut self, code: RoomCode) -> QueryResult<Option<(i32, RoomRow)>> {
        room::table
            .select((room::id, RoomRow::as_select()))
            .filter(room::code.eq(CodeColumn(code)))
            .for_update()
            .first(self)
            .optional()
    }

    fn writing_alone<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> QueryResult<T>,
    ) -> QueryResult<T> {
        self.transaction(|connection| {
            // Readers continue; every other writer waits, within its own time-outs.
            connection.batch_execute(
                "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s'; \
                 LOCK TABLE room IN SHARE ROW EXCLUSIVE MODE",
            )?;
            work(connection)
        })
    }

    /// Others write rooms meanwhile, except those of the import. Two imports could each wait for a code of the
    /// other (deadlock).
    fn importing<T>(&mut self, work: impl FnOnce(&mut Self) -> QueryResult<T>) -> QueryResult<T> {
        self.transaction(|connection| {
            // The number is "impo" in ASCII. The lock ends with the transaction.
            connection.batch_execute(
                "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s'; \
                 SELECT pg_advisory_xact_lock(1768779887)",
            )?;
            work(connection)
        })
    }
}
