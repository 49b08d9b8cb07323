//! Change some fields of a room.

use super::room_write::{Expectation, absent, write};
use super::{Change, Failure, RoomFields, RoomRepository};
use crate::entities::{Room, RoomCode};

/// Changes the fields that are given, and gives the room as it is then.
///
/// # Errors
///
/// [`Failure::Precondition`] if what is there is not what is expected, [`Failure::Resource`] if
/// there is no such room, [`Failure::System`] if the repository fails.
pub fn room_change(
    repository: &dyn RoomRepository,
    code: RoomCode,
    fields: RoomFields,
    expected: &Expectation,
) -> Result<Room, Failure> {
    write(repository, code, expected, |now| {
        let now = now.ok_or_else(|| absent(code))?;
        let changed = fields.apply_to(now);
        let change = if changed == *now { Change::Keep } else { Change::Put(changed.clone()) };
        Ok((change, changed))
    })
}
