//! Opens connections for a server, which may outlive the file that it began with.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sqlite::SqliteConnection;

use super::connection::{IntegrityLine, cannot_open, connect_to, open_file, uri};
use super::file::{FileId, OpenFile};
use crate::repository::StorageError;
use crate::repository::diesel::migrations;

/// The files that SQLite keeps next to a database: its write-ahead log, and the index of that.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

/// Opens connections to the file at a path, for a pool.
#[derive(Debug)]
pub struct SqliteOpener {
    path: PathBuf,
    last: Mutex<Option<Last>>,
}

/// The file that was opened last, with the files next to it.
#[derive(Debug)]
struct Last {
    id: FileId,
    open: Weak<OpenFile>,
    companions: [Option<FileId>; COMPANIONS.len()],
}

impl SqliteOpener {
    /// Opens the file at this path.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), last: Mutex::new(None) }
    }

    /// Whether connections have a file open that is no longer at its path.
    pub fn has_left_its_path(&self) -> bool {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let open = last.as_ref().and_then(|last| last.open.upgrade());
        open.is_some_and(|file| !file.is_in_place())
    }

    /// Opens a connection. A file that replaced another must be a sound database, and is opened only when
    /// the other one is closed: SQLite finds a write-ahead log by its name, and would apply that of the
    /// other file to this one.
    pub fn open(&self) -> Result<SqliteConnection, StorageError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let found = open_file(&self.path);
        let is_other = |last: &&Last| found.as_ref().map_or(true, |file| file.id() != last.id);
        let earlier = last.as_ref().filter(is_other);
        let mut in_use = last.as_ref().and_then(|last| last.open.upgrade());
        if let Some(earlier) = earlier {
            if in_use.take().is_some() {
                let reason = "was moved, deleted or replaced, and the earlier one is still in use";
                return Err(StorageError::new(
                    format!("the file {} {reason}", self.path.display()),
                    true,
                ));
            }
            if found.is_ok() {
                self.check_soundness()?;
            }
            self.set_aside_companions_of(earlier)?;
            if found.is_err() {
                return Err(self.error(
                    "was moved or deleted while it was in use: move it back, or restore a copy with \
                     `rentomatic restore`",
                ));
            }
            log::warn!(
                "{} was replaced: from now on the rooms in the new file are served",
                self.path.display()
            );
        }
        let file = match in_use {
            Some(file) => file,
            None => Arc::new(found?),
        };
        let connection = connect_to(&file)?;
        let companions = COMPANIONS.map(|suffix| FileId::at(&self.beside(suffix)).ok());
        *last = Some(Last { id: file.id(), open: Arc::downgrade(&file), companions });
        Ok(connection)
    }

    /// Checks a file without a look at the files next to it, which may belong to another.
    fn check_soundness(&self) -> Result<(), StorageError> {
        let failure = |error: &dyn Error| cannot_open(&self.path, error);
        let uri = uri(&self.path, "ro&immutable=1");
        let mut connection = SqliteConnection::establish(&uri).map_err(|error| failure(&error))?;
        let lines: Vec<IntegrityLine> =
            sql_query("SELECT quick_check AS integrity_check FROM pragma_quick_check")
                .load(&mut connection)
                .map_err(|error| failure(&error))?;
        if let Some(damage) = lines.iter().find(|line| !line.is_ok()) {
            return Err(
                self.error(&format!("was replaced by a damaged one ({})", damage.integrity_check))
            );
        }
        let missing = migrations::pending(&mut connection).map_err(|error| failure(&error))?;
        if missing.is_empty() {
            return Ok(());
        }
        Err(self.error("was replaced by one that is not migrated: run `rentomatic migrate`"))
    }

    /// Renames the write-ahead log of the earlier file, unless it is gone or the new file came with its
    /// own. What is in it is also in the earlier file, except what another program kept from being copied.
    fn set_aside_companions_of(&self, earlier: &Last) -> Result<(), StorageError> {
        for (suffix, id) in COMPANIONS.into_iter().zip(earlier.companions) {
            let path = self.beside(suffix);
            if id.is_some() && FileId::at(&path).ok() == id {
                let aside = self.beside(&format!("{suffix}.replaced"));
                fs::rename(&path, &aside).map_err(|error| {
                    self.error(&format!(
                        "was replaced, and {} belongs to the earlier one but cannot be renamed: {error}",
                        path.display()
                    ))
                })?;
                log::warn!(
                    "renamed {} to {}: it belongs to the earlier file",
                    path.display(),
                    aside.display()
                );
            }
        }
        Ok(())
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(suffix);
        path.into()
    }

    fn error(&self, what: &str) -> StorageError {
        StorageError::permanent(format!("the file {} {what}", self.path.display()))
    }
}
