//! Import many rooms at once: all of them, or none.

use std::collections::HashMap;

use crate::entities::{Room, RoomCode};
use crate::use_cases::{
    Failure, ImportReport, Imported, InvalidParameter, InvalidRow, InvalidRows, OnConflict,
    RoomRepository,
};

/// A row of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportRow {
    /// The line where it begins, from 1.
    pub line: u64,
    /// Whether its code was generated, so that no other row has it.
    pub has_new_code: bool,
    /// The room, or everything that is wrong with the row.
    pub room: Result<Room, Vec<InvalidRow>>,
}

/// Imports rooms from the rows that `read` returns. The rows are read twice: first to validate all of
/// them, then to write the rooms, if all are valid.
///
/// # Errors
///
/// [`Failure::Rows`] with every row that is invalid or whose code is taken, [`Failure::System`] if the
/// repository fails; in both cases nothing is imported.
pub fn room_import<R: Iterator<Item = ImportRow>>(
    repository: &dyn RoomRepository,
    mut read: impl FnMut() -> R,
    on_conflict: OnConflict,
) -> Result<ImportReport, Failure> {
    let lines = validate(read(), on_conflict)?;
    let mut rooms = read().filter_map(|row| row.room.ok());
    match repository.import(&mut rooms, on_conflict)? {
        Imported::Done(report) => Ok(report),
        Imported::Taken(codes) => {
            let line = |code: &RoomCode| lines.get(code).copied().unwrap_or_default();
            let mut taken: Vec<_> = codes.iter().map(|code| (line(code), *code)).collect();
            taken.sort_unstable();
            let mut invalid = InvalidRows::default();
            for (line, code) in taken {
                invalid.push(conflict(line, code, "belongs to an existing room"));
            }
            Err(Failure::Rows(invalid))
        }
    }
}

/// The line of each code, except generated ones, if all rows are valid. A file of many short rows without codes
/// needs no memory for them.
fn validate(
    rows: impl Iterator<Item = ImportRow>,
    on_conflict: OnConflict,
) -> Result<HashMap<RoomCode, u64>, Failure> {
    let mut invalid = InvalidRows::default();
    let mut lines = HashMap::new();
    for ImportRow { line, has_new_code, room } in rows {
        match room {
            Ok(_) if has_new_code => {}
            Ok(room) => {
                let earlier = lines.insert(room.code, line);
                if let (Some(earlier), OnConflict::Refuse) = (earlier, on_conflict) {
                    let problem = format!("is also in line {earlier}");
                    invalid.push(conflict(line, room.code, &problem));
                }
            }
            Err(errors) => errors.into_iter().for_each(|error| invalid.push(error)),
        }
    }
    if invalid.first.is_empty() { Ok(lines) } else { Err(Failure::Rows(invalid)) }
}

fn conflict(line: u64, code: RoomCode, problem: &str) -> InvalidRow {
    let message = format!("this code {problem}; choose to skip such rows, or to replace");
    let error = InvalidParameter { name: "code".to_owned(), message };
    InvalidRow { line, value: Some(code.to_string()), error }
}
