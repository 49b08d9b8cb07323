//! What `rentomatic doctor` checks on PostgreSQL.

use std::error::Error;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Bool, Text};

use super::connection::{TimeOuts, connect};
use super::search_path;
use crate::logging::one_line;
use crate::repository::diesel::database::Database;
use crate::repository::diesel::migrations;
use crate::repository::url::PostgresUrl;
use crate::repository::{Finding, StorageError};

/// The configuration of a server and of the table of rooms.
#[derive(QueryableByName)]
#[expect(clippy::struct_excessive_bools, reason = "conditions, read by one query")]
struct Configuration {
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
    #[diesel(sql_type = Bool)]
    is_watched: bool,
    #[diesel(sql_type = Text)]
    time_outs: String,
}

/// A transaction that has been open for longer than this many seconds keeps the server from removing old rows.
const LONG_TRANSACTION_S: u64 = 3_600;

/// Checks the server for unsafe or slow configuration.
pub fn examine(url: &PostgresUrl, time_outs: &TimeOuts) -> Result<Vec<Finding>, StorageError> {
    let mut connection = connect(url)?;
    let failure = |reason: &dyn Error| {
        StorageError::permanent(format!("cannot examine {url}: {}", one_line(reason)))
    };
    time_outs.set(&mut connection).map_err(|error| failure(&error))?;
    let found: Configuration = sql_query(
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
                NOT EXISTS (SELECT FROM pg_inherits WHERE to_regclass('room') IN (inhrelid, inhparent)) \
                AND (SELECT count(*) = 2 FROM pg_trigger WHERE tgrelid = to_regclass('room') \
                     AND (tgname, tgenabled) IN (('room_version', 'A'), ('room_version_of_row', 'R'))) \
                AS is_watched, \
                (SELECT string_agg(name || ' = ' || current_setting(name), ', ' ORDER BY name) \
                 FROM pg_settings WHERE name IN ('statement_timeout', 'lock_timeout', \
                 'idle_in_transaction_session_timeout')) AS time_outs",
    )
    .get_result(&mut connection)
    .map_err(|error| failure(&error))?;
    let time_outs = &found.time_outs;
    let is_visible = match search_path::check(url, &mut connection) {
        Ok(()) => Finding::good("the search path hides no table of rooms".to_owned()),
        Err(error) => Finding::bad(error.to_string()),
    };
    let schema = Finding::of_schema(&migrations::status(&mut connection)?);
    let mut findings = vec![
        is_visible,
        Finding::of(
            !time_outs.contains(" = 0"),
            &format!("the server has time-outs: {time_outs}"),
            &format!(
                "the server waits for ever ({time_outs}): set these time-outs in the URL's options, or \
                 remove them all"
            ),
        ),
        Finding::of(
            found.is_durable,
            "acknowledged writes are on the server's disk",
            "the server may lose acknowledged writes: set fsync, full_page_writes and \
             synchronous_commit to on",
        ),
        Finding::of(
            !found.is_superuser,
            "the role is not a superuser",
            "the role is a superuser, which rentomatic does not need: create a role for it",
        ),
        Finding::of(
            !found.is_owner,
            "the role cannot change the schema",
            "the role owns the table: if another role migrates, serve with one that does not own it \
             (see \"Upgrade\" in the README)",
        ),
        Finding::of(
            found.is_private,
            "the connection to the server is encrypted or local",
            "the connection to the server is not encrypted: add ?sslmode=verify-full to database.url",
        ),
        Finding::of(
            found.is_analysed,
            "the planner has statistics about the table",
            "the planner has no statistics about the table: run ANALYZE room",
        ),
    ];
    if schema.is_good {
        let wear = connection.wear().map_err(|error| failure(&error))?;
        let age = wear.oldest_snapshot_s.unwrap_or_default();
        findings.push(Finding::of(
            age < LONG_TRANSACTION_S,
            "no transaction has been open for long",
            &format!(
                "a transaction has been open for {age} s, so the server cannot remove old rows: see \
                 pg_stat_activity and pg_prepared_xacts"
            ),
        ));
        findings.push(Finding::of_ids(wear.used_ids.unwrap_or_default()));
        findings.push(Finding::of(
            found.is_watched,
            "every change of a room is noticed",
            "changes of rooms may be missed, so no list is cached: let room neither inherit from a table nor \
             have a child, and run ALTER TABLE room ENABLE ALWAYS TRIGGER room_version, ENABLE REPLICA \
             TRIGGER room_version_of_row",
        ));
    }
    findings.push(schema);
    Ok(findings)
}
