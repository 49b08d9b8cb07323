//! Show one room.

use super::room_write::absent;
use super::{Failure, RoomRepository};
use crate::entities::{Room, RoomCode};

/// Gets the room with this code.
///
/// # Errors
///
/// [`Failure::Resource`] if there is none, [`Failure::System`] if the repository fails.
pub fn room_show(repository: &dyn RoomRepository, code: RoomCode) -> Result<Room, Failure> {
    repository.find(code)?.ok_or_else(|| absent(code))
}
