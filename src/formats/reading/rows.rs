//! Rooms in a file: one row per room.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::iter;

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
    /// Its short name, which is also the usual end of a file name.
    fn name(&self) -> &'static str;

    /// Its media type, without parameters.
    fn media_type(&self) -> &'static str;

    /// A file with one room, without a code.
    fn example(&self) -> String;

    /// The rows of a file.
    fn rows<'a>(&self, file: Box<dyn Read + 'a>) -> Rows<'a>;
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
    on_conflict: OnConflict,
    reader: impl Fn(BufReader<File>) -> Box<dyn Read>,
) -> io::Result<Result<ImportReport, Failure>> {
    let mut reopened = Ok(());
    let read = || match file.rewind().and_then(|()| file.try_clone()) {
        Ok(file) => format.rows(reader(BufReader::new(file))),
        Err(error) => {
            reopened = Err(error);
            Box::new(iter::empty())
        }
    };
    let outcome = room_import(repository, read, on_conflict);
    reopened.map(|()| outcome)
}

/// A row from its fields, or from the reason why they cannot be read.
pub(super) fn row(line: u64, fields: Result<Vec<(String, FieldValue)>, String>) -> ImportRow {
    let fields = match fields {
        Ok(fields) => fields,
        Err(message) => {
            let error = InvalidParameter { name: "row".to_owned(), message };
            return ImportRow { line, room: Err(vec![InvalidRow { line, value: None, error }]) };
        }
    };
    // In a table, an empty code means that the room has none.
    let is_written = |(name, value): &&(String, FieldValue)| {
        name != "code" || !matches!(value, FieldValue::Text(text) if text.is_empty())
    };
    let written = fields.iter().filter(is_written).cloned();
    let room = parse_room(written, RoomCode::random()).map_err(|errors| {
        let invalid = |error: InvalidParameter| {
            let mut values = fields.iter().filter(|(name, _)| *name == error.name);
            let value = values.next_back().map(|(_, value)| cut(&value.to_string()));
            InvalidRow { line, value, error }
        };
        errors.into_iter().map(invalid).collect()
    });
    ImportRow { line, room }
}

/// The start of a value, long enough to recognize it.
fn cut(value: &str) -> String {
    const SHOWN: usize = 100;
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}
