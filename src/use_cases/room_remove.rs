//! Remove a room.

use super::room_write::{Expectation, absent, write};
use super::{Change, Failure, RoomRepository};
use crate::entities::RoomCode;

/// Removes the room with this code.
///
/// # Errors
///
/// [`Failure::Precondition`] if what is there is not what is expected, [`Failure::Resource`] if
/// there is no such room, [`Failure::System`] if the repository fails.
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
