//! Replace a room, or create it.

use super::write::{Expectation, write};
use crate::entities::Room;
use crate::use_cases::{Change, Failure, RoomRepository};

/// What [`room_replace`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replaced {
    /// It created the room.
    Nothing,
    /// It replaced a room with the same code.
    Room,
}

/// Stores this room under its code. Idempotent: a repeated call changes nothing.
///
/// # Errors
///
/// [`Failure::Precondition`] if the room is not as expected, [`Failure::System`] if the repository
/// fails.
pub fn room_replace(
    repository: &dyn RoomRepository,
    room: &Room,
    expected: &Expectation,
) -> Result<Replaced, Failure> {
    write(repository, room.code, expected, |now| {
        Ok(match now {
            None => (Change::Put(room.clone()), Replaced::Nothing),
            Some(now) if now == room => (Change::Keep, Replaced::Room),
            Some(_) => (Change::Put(room.clone()), Replaced::Room),
        })
    })
}
