//! Connections to PostgreSQL, with time-outs for each wait, and the creation of a database.

use std::error::Error;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::dsl::{exists, select};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use secrecy::ExposeSecret;

use crate::logging::one_line;
use crate::repository::StorageError;
use crate::repository::url::PostgresUrl;

/// Opens one connection, for a command.
pub fn connect(url: &PostgresUrl) -> Result<PgConnection, StorageError> {
    establish(url).map_err(|error| {
        let reason = one_line(&error);
        let message = format!(
            "cannot connect to {url}: {reason}. Check that the server is running; if it has no such \
             database, run `rentomatic init-db`"
        );
        let is_absent = reason.contains("FATAL:  ") && reason.contains("\" does not exist");
        let is_permanent = is_absent
            || is_about_parameters(&reason)
            || PERMANENT.iter().any(|words| reason.contains(words))
            || (is_of_server(&reason) && lacks_database(url));
        StorageError::new(message, !is_permanent)
    })
}

/// Why waiting will not help: the English words of a server that refuses the user or the database (SQLSTATE
/// 28000, 28P01, 3D000, 42501), and those of libpq, which are always English, about what it was given.
/// Diesel does not expose the SQLSTATE of a failed connection. Any other reason may pass: the server starts or
/// stops, or has no free connection for this user.
const PERMANENT: [&str; 8] = [
    "authentication failed for user",
    "no pg_hba.conf entry",
    "pg_hba.conf rejects connection",
    "is not permitted to log in",
    "permission denied for database",
    "no password supplied",
    "server does not support SSL, but SSL was required",
    "for connection option",
];

/// Whether libpq did not get as far as a server: its parameters contradict each other, for example.
fn is_about_parameters(reason: &str) -> bool {
    !["connection to server", "could not translate host name", "out of memory"]
        .iter()
        .any(|start| reason.starts_with(start))
}

/// Whether the server reported this reason: libpq writes two spaces after the severity, in any language.
fn is_of_server(reason: &str) -> bool {
    reason.contains(":  ")
}

/// Whether the server says, in whatever language, that the database does not exist.
fn lacks_database(url: &PostgresUrl) -> bool {
    let mut connection = establish(&url.with_database("postgres"));
    connection.as_mut().is_ok_and(|connection| {
        database_exists(connection, url.database()).is_ok_and(|exists| !exists)
    })
}

/// Opens a connection for a pool.
pub fn open(url: &PostgresUrl, time_outs: &TimeOuts) -> Result<PgConnection, StorageError> {
    let failure = |error: &dyn Error| StorageError::new(one_line(error), true);
    let mut connection = establish(url).map_err(|error| failure(&error))?;
    time_outs.set(&mut connection).map_err(|error| failure(&error))?;
    Ok(connection)
}

/// Creates the database from the server's maintenance database, unless it exists.
pub fn create(url: &PostgresUrl) -> Result<bool, StorageError> {
    if establish(url).is_ok() {
        return Ok(false);
    }
    let name = url.database();
    let mut connection = establish(&url.with_database("postgres"))
        .or_else(|_| establish(&url.with_database("template1")))
        .map_err(|error| {
            StorageError::permanent(format!(
                "cannot connect to the server of {url}: {}. Check that it is running, and that this user \
                 may connect",
                one_line(&error)
            ))
        })?;
    let identifier = format!("\"{}\"", name.replace('"', "\"\""));
    match connection.batch_execute(&format!("CREATE DATABASE {identifier}")) {
        Ok(()) => Ok(true),
        // It existed although the connection failed, or another process was faster.
        Err(_) if database_exists(&mut connection, name).unwrap_or(false) => Ok(false),
        Err(error) => Err(StorageError::permanent(format!(
            "cannot create the database {identifier}: {}. Check that this user may create databases",
            one_line(&error)
        ))),
    }
}

fn establish(url: &PostgresUrl) -> ConnectionResult<PgConnection> {
    PgConnection::establish(with_defaults(url).to_libpq().expose_secret())
}

/// The URL with time-outs, without which libpq waits for ever (documentation, "Parameter Key Words"). A
/// connection to a server that vanished is closed after about three seconds: by TCP's time-out if data
/// was sent, otherwise because keep-alive probes fail.
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

/// The server's time-outs for each connection, except those that the URL's `options` set. With them, a
/// statement ends even if its client is gone.
#[derive(Debug)]
pub struct TimeOuts {
    /// The time-out of statements, unless the URL sets another.
    pub of_statements: Option<Duration>,
    sql: String,
}

impl TimeOuts {
    /// The time-outs for connections to this URL. A statement may take as long as a request.
    pub fn of(url: &PostgresUrl, request_timeout: Duration) -> Self {
        let statements = format!("{}ms", request_timeout.as_millis());
        let time_outs = [
            ("statement_timeout", statements.as_str()),
            ("lock_timeout", "3s"),
            ("idle_in_transaction_session_timeout", "60s"),
        ];
        let unset = time_outs.into_iter().filter(|(name, _)| !url.sets_option(name));
        let set: Vec<_> = unset.map(|(name, value)| format!("SET {name} = '{value}'")).collect();
        let is_set = url.sets_option("statement_timeout");
        Self { of_statements: (!is_set).then_some(request_timeout), sql: set.join("; ") }
    }

    /// Sets them for this connection.
    pub fn set(&self, connection: &mut PgConnection) -> QueryResult<()> {
        if self.sql.is_empty() { Ok(()) } else { connection.batch_execute(&self.sql) }
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
