//! Import many rooms at once: all of them, or none.

use std::collections::HashMap;

use super::{Failure, FieldValue, InvalidParameter, RoomFields, RoomRepository};
use crate::entities::{Room, RoomCode};

/// How many bad rows are told of one by one.
const TOLD: usize = 100;

/// What becomes of a room whose code is taken, in the repository or earlier in the same import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnConflict {
    /// Nothing is imported.
    #[default]
    Refuse,
    /// What was there first stays.
    Skip,
    /// What comes later takes its place.
    Replace,
}

impl OnConflict {
    /// All of them, by the name that each has in a request.
    pub const NAMES: [(&str, Self); 3] =
        [("refuse", Self::Refuse), ("skip", Self::Skip), ("replace", Self::Replace)];
}

/// A row as it stands in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportRow {
    /// Where it begins, from 1.
    pub line: u64,
    /// Its fields, or why it has none that could be read.
    pub fields: Result<Vec<(String, FieldValue)>, String>,
}

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Rooms whose codes were free.
    pub added: u64,
    /// Rooms that took the place of others.
    pub replaced: u64,
    /// Rooms that were left out, since their codes were taken.
    pub skipped: u64,
}

/// What a repository did with the rooms of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Imported {
    /// All that was asked.
    Done(ImportReport),
    /// Nothing, since these codes are taken.
    Taken(Vec<RoomCode>),
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidRow {
    /// Where it begins, from 1.
    pub line: u64,
    /// What was written there, if one value is wrong.
    pub value: Option<String>,
    /// Which column, and what would be right.
    pub error: InvalidParameter,
}

/// What is wrong with a file: the first hundred rows, and how many more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InvalidRows {
    /// The first of them, in their order.
    pub first: Vec<InvalidRow>,
    /// How many there are after them.
    pub more: u64,
}

impl InvalidRows {
    fn push(&mut self, row: InvalidRow) {
        if self.first.len() < TOLD {
            self.first.push(row);
        } else {
            self.more += 1;
        }
    }
}

/// Imports rooms from rows that `read` begins to read, twice: first to see whether all are right,
/// and then, if they are, to write them.
///
/// # Errors
///
/// [`Failure::Rows`] with every row that is wrong or whose code is taken, [`Failure::System`] if the
/// repository fails; in either case nothing is imported.
pub fn room_import<R: Iterator<Item = ImportRow>>(
    repository: &dyn RoomRepository,
    mut read: impl FnMut() -> R,
    on_conflict: OnConflict,
) -> Result<ImportReport, Failure> {
    let lines = check(read(), on_conflict)?;
    let mut rooms = read().filter_map(|row| room_of(&row).ok());
    match repository.import(&mut rooms, on_conflict)? {
        Imported::Done(report) => Ok(report),
        Imported::Taken(codes) => {
            let mut wrong = InvalidRows::default();
            let mut taken: Vec<_> = codes
                .into_iter()
                .map(|code| (lines.get(&code).copied().unwrap_or_default(), code))
                .collect();
            taken.sort_unstable();
            for (line, code) in taken {
                wrong.push(conflict(line, code, "is taken by a room that is there already"));
            }
            Err(Failure::Rows(wrong))
        }
    }
}

/// The line of each code, if all rows are right.
fn check(
    rows: impl Iterator<Item = ImportRow>,
    on_conflict: OnConflict,
) -> Result<HashMap<RoomCode, u64>, Failure> {
    let mut wrong = InvalidRows::default();
    let mut lines = HashMap::new();
    for row in rows {
        match room_of(&row) {
            Ok(room) => {
                let before = lines.insert(room.code, row.line);
                if let (Some(before), OnConflict::Refuse) = (before, on_conflict) {
                    let what = format!("stands in line {before} too");
                    wrong.push(conflict(row.line, room.code, &what));
                }
            }
            Err(errors) => errors.into_iter().for_each(|error| wrong.push(error)),
        }
    }
    if wrong.first.is_empty() { Ok(lines) } else { Err(Failure::Rows(wrong)) }
}

fn conflict(line: u64, code: RoomCode, what: &str) -> InvalidRow {
    let message = format!("this code {what}; choose to skip such rows, or to replace");
    let error = InvalidParameter { name: "code".to_owned(), message };
    InvalidRow { line, value: Some(code.to_string()), error }
}

/// So much of a value as shows which it is.
fn cut(value: &str) -> String {
    const SHOWN: usize = 100;
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

fn room_of(row: &ImportRow) -> Result<Room, Vec<InvalidRow>> {
    let invalid = |error: InvalidParameter| {
        let fields = row.fields.iter().flatten();
        let mut written = fields.filter(|(name, _)| *name == error.name).map(|(_, value)| value);
        let value = written.next_back().map(|value| cut(&value.to_string()));
        InvalidRow { line: row.line, value, error }
    };
    let fields = row
        .fields
        .clone()
        .map_err(|message| vec![invalid(InvalidParameter { name: "row".to_owned(), message })])?;
    // An empty code is none.
    let is_there = |(name, value): &(String, FieldValue)| {
        name != "code" || !matches!(value, FieldValue::Text(text) if text.is_empty())
    };
    let room = RoomFields::parse_room(fields.into_iter().filter(is_there), RoomCode::random());
    room.map_err(|errors| errors.into_iter().map(invalid).collect())
}
