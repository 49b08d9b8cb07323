//! What `rentomatic doctor` checks in an SQLite file.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel::sql_query;
use diesel::sql_types::Text;

use super::connection::{IntegrityLine, cannot_open, connect};
use super::database::read_only;
use crate::repository::diesel::database::{Database, is_read_only};
use crate::repository::diesel::migrations;
use crate::repository::{Finding, StorageError};

/// Checks the file for unsafe or slow configuration.
pub fn examine(path: &Path) -> Result<Vec<Finding>, StorageError> {
    #[derive(QueryableByName)]
    struct Mode {
        #[diesel(sql_type = Text)]
        journal_mode: String,
    }
    let mut connection = connect(path)?;
    let failure = |error: DieselError| cannot_open(path, &error);
    let mode: Mode =
        sql_query("PRAGMA journal_mode").get_result(&mut connection).map_err(failure)?;
    let lines: Vec<IntegrityLine> =
        sql_query("PRAGMA integrity_check").load(&mut connection).map_err(failure)?;
    // A write that is undone. (SQLite grants even BEGIN IMMEDIATE for a file that it cannot write.)
    let written = connection.batch_execute("BEGIN IMMEDIATE; CREATE TABLE written (id); ROLLBACK");
    let is_writable = !written.is_err_and(|error| is_read_only(&error));
    let file = fs::metadata(path);
    let is_protected = file.is_ok_and(|file| file.permissions().mode() & 0o002 == 0);
    let schema = Finding::of_schema(&migrations::status(&mut connection)?);
    let mut findings = vec![
        Finding::of(
            lines.iter().all(IntegrityLine::is_ok),
            "the file is intact",
            "the file is damaged: restore a copy with `rentomatic restore`",
        ),
        Finding::of(
            mode.journal_mode == "wal",
            "readers and writers do not block each other",
            "readers and writers block each other: run `rentomatic migrate`, which turns on write-ahead \
             logging",
        ),
        Finding::of(
            is_writable,
            "this user can write to the file",
            &read_only(&path.display().to_string()),
        ),
        Finding::of(
            is_protected,
            "the file is not world-writable",
            "the file is world-writable: run chmod o-w on it",
        ),
    ];
    if schema.is_good {
        let wear = connection.wear().map_err(failure)?;
        findings.push(Finding::of_ids(wear.used_ids.unwrap_or_default()));
    }
    findings.push(schema);
    Ok(findings)
}
