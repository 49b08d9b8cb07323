//! What only PostgreSQL does: its connections, its locks, and making a database.

use std::error::Error;

use diesel::connection::SimpleConnection;
use diesel::dsl::{exists, select};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::r2d2::{CustomizeConnection, Error as R2d2Error};
use diesel::result::Error as DieselError;
use diesel::sql_query;
use diesel::sql_types::{Bool, Double, Text};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

use super::repository::DieselRepository;
use super::row::RoomRow;
use super::schema::room;
use super::uuid_column::CodeColumn;
use super::{Database, MANY, RoomCondition, version_of};
use crate::entities::RoomCode;
use crate::logging::one_line;
use crate::repository::{Finding, PostgresUrl, StorageError};
use crate::settings::DatabaseSettings;
use crate::use_cases::{BoundingBox, Version};

/// Opens a pool; connects when first asked.
pub fn open(url: &PostgresUrl, settings: &DatabaseSettings) -> DieselRepository<PgConnection> {
    DieselRepository::new(with_defaults(url).to_libpq(), settings, Box::new(Bounds::of(url)))
}

/// One connection, for a command.
pub fn connect(url: &PostgresUrl) -> Result<PgConnection, StorageError> {
    establish(url).map_err(|error| {
        let reason = one_line(&error);
        StorageError {
            is_passing: !is_refusal(&reason),
            ..StorageError::new(format!(
                "cannot connect to {url}: {reason}. Is the server up, and was `rentomatic init-db` run?"
            ))
        }
    })
}

/// Whether a server answered, and said no, rather than that it is not ready yet. Of a server that
/// speaks another language one cannot tell, and takes it for not ready.
fn is_refusal(reason: &str) -> bool {
    reason.contains("FATAL:") && !reason.contains("the database system is")
}

/// How a server and the table of rooms are.
#[derive(QueryableByName)]
#[expect(clippy::struct_excessive_bools, reason = "five questions, in one query")]
struct State {
    #[diesel(sql_type = Bool)]
    is_durable: bool,
    #[diesel(sql_type = Bool)]
    is_superuser: bool,
    #[diesel(sql_type = Bool)]
    is_owner: bool,
    #[diesel(sql_type = Bool)]
    is_private: bool,
    #[diesel(sql_type = Bool)]
    is_analysed: bool,
    #[diesel(sql_type = Text)]
    bounds: String,
}

/// Looks for what is unwise.
pub fn examine(url: &PostgresUrl) -> Result<Vec<Finding>, StorageError> {
    let mut connection = connect(url)?;
    let cannot = |reason: &dyn Error| {
        StorageError::new(format!("cannot examine {url}: {}", one_line(reason)))
    };
    Bounds::of(url).on_acquire(&mut connection).map_err(|error| cannot(&error))?;
    let state: State = sql_query(
        "SELECT current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on' \
                AND current_setting('synchronous_commit') <> 'off' AS is_durable, \
                (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS is_superuser, \
                EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('room') \
                        AND pg_has_role(relowner, 'USAGE')) AS is_owner, \
                inet_server_addr() IS NULL OR inet_server_addr() = inet_client_addr() \
                OR EXISTS (SELECT FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl) AS is_private, \
                NOT EXISTS (SELECT FROM pg_stat_all_tables WHERE relid = to_regclass('room') \
                            AND n_live_tup > 1000 AND last_analyze IS NULL \
                            AND last_autoanalyze IS NULL) AS is_analysed, \
                (SELECT string_agg(name || ' = ' || current_setting(name), ', ' ORDER BY name) \
                 FROM pg_settings WHERE name IN ('statement_timeout', 'lock_timeout', \
                 'idle_in_transaction_session_timeout')) AS bounds",
    )
    .get_result(&mut connection)
    .map_err(|error| cannot(&error))?;
    Ok(vec![
        Finding::of(
            !state.bounds.contains(" = 0"),
            &format!("the server gives up what takes too long: {}", state.bounds),
            &format!(
                "the server waits without an end ({}): set these in the URL's options, or leave all of \
                 them out",
                state.bounds
            ),
        ),
        Finding::of(
            state.is_durable,
            "the server writes what it acknowledges to its disk",
            "the server may lose what it acknowledged: set fsync, full_page_writes and \
             synchronous_commit to on",
        ),
        Finding::of(
            !state.is_superuser,
            "the role is no superuser",
            "the role is a superuser, which a server of rooms need not be: make one of its own",
        ),
        Finding::of(
            !state.is_owner,
            "the role cannot change the schema",
            "the role owns the table: where somebody else migrates, serve with one that does not (see \
             \"Upgrade\" in the README)",
        ),
        Finding::of(
            state.is_private,
            "nobody can listen on the way to the server",
            "what is sent to the server can be read on the way: add ?sslmode=verify-full to database.url",
        ),
        Finding::of(
            state.is_analysed,
            "the planner knows the table",
            "the planner does not know the table yet: run ANALYZE room",
        ),
    ])
}

/// Makes the database from the server's maintenance database, unless it exists.
pub fn create(url: &PostgresUrl) -> Result<bool, StorageError> {
    if establish(url).is_ok() {
        return Ok(false);
    }
    let name = url.database();
    let mut connection = establish(&url.with_database("postgres"))
        .or_else(|_| establish(&url.with_database("template1")))
        .map_err(|error| {
            StorageError::new(format!(
                "cannot connect to the server of {url}: {}. Is it up, and may this user connect?",
                one_line(&error)
            ))
        })?;
    let identifier = format!("\"{}\"", name.replace('"', "\"\""));
    match connection.batch_execute(&format!("CREATE DATABASE {identifier}")) {
        Ok(()) => Ok(true),
        // It existed though one could not connect, or another process was faster.
        Err(_) if database_exists(&mut connection, name).unwrap_or(false) => Ok(false),
        Err(error) => Err(StorageError::new(format!(
            "cannot make the database {identifier}: {}. May this user create databases?",
            one_line(&error)
        ))),
    }
}

fn establish(url: &PostgresUrl) -> ConnectionResult<PgConnection> {
    PgConnection::establish(&with_defaults(url).to_libpq())
}

/// libpq waits without a bound unless its URL sets one (documentation, "Parameter Key Words"). A
/// server that is gone without a word is given up after some three seconds: by the time-out of TCP if
/// something was sent to it, else since it does not answer the probes.
fn with_defaults(url: &PostgresUrl) -> PostgresUrl {
    [
        ("connect_timeout", "2"),
        ("tcp_user_timeout", "2000"),
        ("keepalives_idle", "1"),
        ("keepalives_interval", "1"),
        ("keepalives_count", "2"),
        ("fallback_application_name", "rentomatic"),
    ]
    .into_iter()
    .fold(url.clone(), |url, (name, value)| url.with_default(name, value))
}

/// Bounds that PostgreSQL keeps for each connection, but for those that the URL's `options` set: a
/// statement ends even if nobody waits for it any more.
#[derive(Debug)]
struct Bounds {
    statements: String,
}

impl Bounds {
    fn of(url: &PostgresUrl) -> Self {
        let bounds = [
            ("statement_timeout", "10s"),
            ("lock_timeout", "3s"),
            ("idle_in_transaction_session_timeout", "60s"),
        ];
        let ours = bounds.into_iter().filter(|(name, _)| !url.names(name));
        let ours: Vec<_> = ours.map(|(name, value)| format!("SET {name} = '{value}'")).collect();
        Self { statements: ours.join("; ") }
    }
}

impl CustomizeConnection<PgConnection, R2d2Error> for Bounds {
    fn on_acquire(&self, connection: &mut PgConnection) -> Result<(), R2d2Error> {
        if self.statements.is_empty() {
            return Ok(());
        }
        connection.batch_execute(&self.statements).map_err(R2d2Error::QueryError)
    }
}

fn database_exists(connection: &mut PgConnection, name: &str) -> QueryResult<bool> {
    diesel::table! {
        pg_database (datname) {
            datname -> Text,
        }
    }
    select(exists(pg_database::table.filter(pg_database::datname.eq(name)))).get_result(connection)
}

diesel::define_sql_function! {
    /// Made by a migration.
    fn current_room_version() -> Text;
}

/// A line of a query plan.
#[derive(QueryableByName)]
struct Plan {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

/// One of PostgreSQL's geometric types (documentation, "Geometric Types").
#[derive(diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
#[diesel(postgres_type(name = "point"))]
pub struct Point;

/// Another.
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

impl Database for PgConnection {
    const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

    fn has_migrations_table(&mut self) -> QueryResult<bool> {
        use diesel::dsl::sql;
        let table = sql::<Bool>("to_regclass('__diesel_schema_migrations') IS NOT NULL");
        select(table).get_result(self)
    }

    fn version(&mut self) -> QueryResult<Version> {
        let state: String = select(current_room_version()).get_result(self)?;
        Ok(version_of(&state))
    }

    /// As far as the planner can tell: to count them takes as long as to find them.
    fn seems_full(&mut self, bounds: BoundingBox) -> QueryResult<bool> {
        let plan: Vec<Plan> = sql_query(
            "EXPLAIN SELECT FROM room WHERE longitude BETWEEN $1 AND $2 AND latitude BETWEEN $3 AND $4",
        )
        .bind::<Double, _>(bounds.west)
        .bind::<Double, _>(bounds.east)
        .bind::<Double, _>(bounds.south)
        .bind::<Double, _>(bounds.north)
        .load(self)?;
        // As in "Seq Scan on room  (cost=0.00..28334.00 rows=1000 width=0)".
        let rows = plan.first().and_then(|plan| plan.line.split_once("rows="));
        let rows = rows.and_then(|(_, rest)| rest.split(' ').next()?.parse::<i64>().ok());
        Ok(rows.is_some_and(|rows| rows > MANY))
    }

    fn is_in(bounds: BoundingBox) -> RoomCondition<Pg> {
        let is_in = room::longitude
            .between(bounds.west, bounds.east)
            .and(room::latitude.between(bounds.south, bounds.north));
        Box::new(is_in)
    }

    fn finds_in(bounds: BoundingBox) -> RoomCondition<Pg> {
        let corners = box_of(point(bounds.west, bounds.south), point(bounds.east, bounds.north));
        // The planner takes any box for a thousandth of the table, which would make an ordered scan
        // of all of it look cheap. The comparisons, which the zeros keep from other indexes, tell it
        // that there are few.
        let is_in = ContainedBy::new(point(room::longitude, room::latitude), corners)
            .and((room::longitude + 0.0).between(bounds.west, bounds.east))
            .and((room::latitude + 0.0).between(bounds.south, bounds.north));
        Box::new(is_in)
    }

    fn settle(&mut self) -> QueryResult<()> {
        Ok(())
    }

    fn migrating<T, E>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<DieselError>,
    {
        self.transaction(|connection| {
            // The number is "room" in ASCII. The lock is gone with the transaction, however it ends.
            // Whoever is killed meanwhile does not keep it, from PostgreSQL 14 on, which looks after him.
            connection.batch_execute(
                "SELECT set_config(name, '500ms', true) FROM pg_settings \
                 WHERE name = 'client_connection_check_interval'; \
                 SET LOCAL lock_timeout = '60s'; SELECT pg_advisory_xact_lock(1919905645)",
            )?;
            work(connection)
        })
    }

    fn writing<T, E>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        E: From<DieselError>,
    {
        self.transaction(work)
    }

    fn insert(&mut self, rooms: Vec<RoomRow>) -> QueryResult<usize> {
        diesel::copy_from(room::table).from_insertable(&rooms).execute(self)
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
            // Readers go on; every other writer waits. Who waits for this one has bounds of his own.
            connection.batch_execute(
                "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s'; \
                 LOCK TABLE room IN SHARE ROW EXCLUSIVE MODE",
            )?;
            work(connection)
        })
    }
}
