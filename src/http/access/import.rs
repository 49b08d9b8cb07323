//! Runs an import from a file.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::time::Duration;

use super::run::{Access, split_system_failure};
use crate::formats::reading::RowFormat;
use crate::http::problem::Problem;
use crate::use_cases::{Failure, ImportReport, OnConflict, RoomRepository, room_import};

impl Access {
    /// Imports a file within this time, and leaves failures to the caller, except those of the system.
    pub async fn import(
        &self,
        limit: Duration,
        mut file: File,
        format: &'static dyn RowFormat,
        on_conflict: OnConflict,
    ) -> Result<Result<ImportReport, Failure>, Problem> {
        let import = move |repository: &dyn RoomRepository| {
            // Both passes read the same file, each from its start.
            let mut read_error = None;
            let read = || {
                let reopened = file.rewind().and_then(|()| file.try_clone());
                let content: Box<dyn Read> = match reopened {
                    Ok(file) => Box::new(BufReader::new(file)),
                    Err(error) => {
                        read_error = Some(error);
                        Box::new(io::empty())
                    }
                };
                format.rows(content)
            };
            let outcome = room_import(repository, read, on_conflict);
            match read_error {
                Some(error) => Err(Problem::internal(&error)),
                None => split_system_failure(outcome),
            }
        };
        self.run_within(limit, import).await
    }
}
