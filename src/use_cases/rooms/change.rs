//! Change some fields of a room.

use super::write::{Expectation, absent, write};
use crate::entities::{Room, RoomCode, RoomDraft};
use crate::use_cases::{Change, Failure, RoomRepository};

/// Changes the fields that the draft has, and returns the room as it is then.
///
/// # Errors
///
/// [`Failure::Precondition`] if the room is not as expected, [`Failure::Resource`] if it does not
/// exist, [`Failure::System`] if the repository fails.
pub fn room_change(
    repository: &dyn RoomRepository,
    code: RoomCode,
    fields: &RoomDraft,
    expected: &Expectation,
) -> Result<Room, Failure> {
    write(repository, code, expected, |now| {
        let now = now.ok_or_else(|| absent(code))?;
        let changed = fields.clone().apply_to(now);
        let change = if changed == *now { Change::Keep } else { Change::Put(changed.clone()) };
        Ok((change, changed))
    })
}
