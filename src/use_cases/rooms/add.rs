//! Add a room.

use super::write::{no_precondition, write};
use crate::entities::Room;
use crate::use_cases::{Change, Failure, RoomRepository};

/// Adds a room, whose code must be free.
///
/// # Errors
///
/// [`Failure::Conflict`] if the code is taken, [`Failure::System`] if the repository fails.
pub fn room_add(repository: &dyn RoomRepository, room: &Room) -> Result<(), Failure> {
    write(repository, room.code, &no_precondition, |now| match now {
        None => Ok((Change::Put(room.clone()), ())),
        Some(_) => Err(Failure::Conflict(format!(
            "code: There is a room with the code {}; leave the code out for a new one",
            room.code
        ))),
    })
}
