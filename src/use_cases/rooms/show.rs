//! Show one room.

use super::write::absent;
use crate::entities::{Room, RoomCode};
use crate::use_cases::{Failure, RoomRepository};

/// Returns the room with this code.
///
/// # Errors
///
/// [`Failure::Resource`] if it does not exist, [`Failure::System`] if the repository fails.
pub fn room_show(repository: &dyn RoomRepository, code: RoomCode) -> Result<Room, Failure> {
    repository.find(code)?.ok_or_else(|| absent(code))
}
