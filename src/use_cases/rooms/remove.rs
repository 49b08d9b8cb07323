//! Remove a room.

use super::write::{Expectation, absent, write};
use crate::entities::RoomCode;
use crate::use_cases::{Change, Failure, RoomRepository};

/// Removes the room with this code.
///
/// # Errors
///
/// [`Failure::Precondition`] if the room is not as expected, [`Failure::Resource`] if it does not
/// exist, [`Failure::System`] if the repository fails.
pub fn room_remove(
    repository: &dyn RoomRepository,
    code: RoomCode,
    expected: &Expectation,
) -> Result<(), Failure> {
    write(repository, code, expected, |now| match now {
        Some(_) => Ok((Change::Remove, ())),
        None => Err(absent(code)),
    })
}
