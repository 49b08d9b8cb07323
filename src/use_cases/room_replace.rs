//! Put a room in the place of another, or where there was none.

use super::room_write::{Expectation, write};
use super::{Change, Failure, RoomRepository};
use crate::entities::Room;

/// What [`room_replace`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replaced {
    /// There was no room with this code.
    Nothing,
    /// There was, and it is this one now.
    Room,
}

/// Makes the room with this code what `room` is, so that to do it twice is to do it once.
///
/// # Errors
///
/// [`Failure::Precondition`] if what is there is not what is expected, [`Failure::System`] if the
/// repository fails.
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
