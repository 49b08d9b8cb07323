//! Rooms in a file: one row per room.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::iter;

use super::columns::{Columns, UnknownColumns};
use super::excerpt::cut;
use super::room::{FieldValue, parse_room};
use crate::entities::RoomCode;
use crate::use_cases::{
    Failure, ImportReport, ImportRow, InvalidParameter, InvalidRow, OnConflict, RoomRepository,
    room_import,
};

/// The rows of a file, read one at a time. A row that cannot be read has an error, and so does the rest of
/// a file after a read error.
pub type Rows<'a> = Box<dyn Iterator<Item = ImportRow> + 'a>;

/// A format in which rooms can be read from a file.
pub trait RowFormat: Sync {
    /// Its short name.
    fn name(&self) -> &'static str;

    /// Its media types, without parameters, the usual one first.
    fn media_types(&self) -> &'static [&'static str];

    /// The usual ends of its files' names, the most usual one first.
    fn extensions(&self) -> &'static [&'static str];

    /// A file with one room, without a code.
    fn example(&self) -> String;

    /// The rows of a file.
    fn rows<'a>(&self, file: Box<dyn Read + 'a>, columns: &'a Columns) -> Rows<'a>;

    /// The usual media type.
    fn media_type(&self) -> &'static str {
        self.media_types().first().copied().unwrap_or_default()
    }
}

/// What a client chooses for an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportChoices {
    /// What to do with rooms whose code is taken.
    pub on_conflict: OnConflict,
    /// What to do with columns that are not fields.
    pub columns: UnknownColumns,
}

/// What the import of a file did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReport {
    /// What happened to the rooms.
    pub rooms: ImportReport,
    /// The columns that were ignored, the first hundred by their names.
    pub ignored: Vec<String>,
}

/// Imports the rooms in a file through a reader around it. The file is read twice, each time from its start.
///
/// # Errors
///
/// The outer error is that of the file, if it cannot be read from its start; the inner one is that of
/// [`room_import`].
pub fn import_file(
    repository: &dyn RoomRepository,
    mut file: File,
    format: &dyn RowFormat,
    choices: ImportChoices,
    reader: impl Fn(BufReader<File>) -> Box<dyn Read>,
) -> io::Result<Result<FileReport, Failure>> {
    let mut reopened = Ok(());
    let columns = Columns::new(choices.columns);
    let read = || match file.rewind().and_then(|()| file.try_clone()) {
        Ok(file) => format.rows(reader(BufReader::new(file)), &columns),
        Err(error) => {
            reopened = Err(error);
            Box::new(iter::empty())
        }
    };
    let outcome = room_import(repository, read, choices.on_conflict);
    let ignored = columns.into_ignored();
    reopened.map(|()| outcome.map(|rooms| FileReport { rooms, ignored }))
}

/// A row from its fields, or from the reason why they cannot be read.
pub(super) fn row(line: u64, fields: Result<Vec<(String, FieldValue)>, String>) -> ImportRow {
    let fields = match fields {
        Ok(fields) => fields,
        Err(message) => {
            let error = InvalidParameter { name: "row".to_owned(), message };
            let room = Err(vec![InvalidRow { line, value: None, error }]);
            return ImportRow { line, has_new_code: false, room };
        }
    };
    let new_code = RoomCode::random();
    let room = parse_room(fields.iter().cloned(), new_code).map_err(|errors| {
        let invalid = |error: InvalidParameter| {
            let mut values = fields.iter().filter(|(name, _)| *name == error.name);
            let value = values.next_back().map(|(_, value)| cut(&value.to_string()));
            InvalidRow { line, value, error }
        };
        errors.into_iter().map(invalid).collect()
    });
    let has_new_code = room.as_ref().is_ok_and(|room| room.code == new_code);
    ImportRow { line, has_new_code, room }
}
