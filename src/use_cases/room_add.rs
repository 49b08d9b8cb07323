//! Add a room.

use super::room_write::{whatever, write};
use super::{Change, Failure, RoomRepository};
use crate::entities::Room;

/// Adds a room whose code no other room has.
///
/// # Errors
///
/// [`Failure::Conflict`] if the code is taken, [`Failure::System`] if the repository fails.
pub fn room_add(repository: &dyn RoomRepository, room: &Room) -> Result<(), Failure> {
    write(repository, room.code, &whatever, |now| match now {
        None => Ok((Change::Put(room.clone()), ())),
        Some(_) => Err(Failure::Conflict(format!(
            "code: There is a room with the code {}; leave the code out for a new one",
            room.code
        ))),
    })
}
