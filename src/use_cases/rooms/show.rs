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
    shown(&rooms_show(repository, &[code])?, code)
}

/// Returns the rooms with these codes that exist, for several requests at once.
///
/// # Errors
///
/// [`Failure::System`] if the repository fails.
pub fn rooms_show(
    repository: &dyn RoomRepository,
    codes: &[RoomCode],
) -> Result<Vec<Room>, Failure> {
    Ok(repository.find(codes)?)
}

/// The room with this code among those that [`rooms_show`] returned.
///
/// # Errors
///
/// [`Failure::Resource`] if it is not there.
pub fn shown(rooms: &[Room], code: RoomCode) -> Result<Room, Failure> {
    rooms.iter().find(|room| room.code == code).cloned().ok_or_else(|| absent(code))
}
