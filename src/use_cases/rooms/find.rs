//! Find rooms by the start of their codes.

use std::num::NonZeroUsize;

use super::list::room_list;
use crate::entities::{CodeStart, FIELDS, Room, Value};
use crate::use_cases::{Failure, Position, RoomListRequest, RoomRepository, SortBy, SortKey};

/// The most rooms that are found.
const MOST: NonZeroUsize = NonZeroUsize::new(20).unwrap();

/// The rooms whose codes begin so, by their codes, at most 20: the page of the list by code that begins there, which
/// every storage reads by its index of codes.
///
/// # Errors
///
/// [`Failure::System`] if the repository fails.
pub fn rooms_beginning(
    repository: &dyn RoomRepository,
    start: &CodeStart,
) -> Result<Vec<Room>, Failure> {
    let by_code = SortKey { by: SortBy::Field(&FIELDS[0]), descending: false };
    let before = Position { values: vec![Value::Code(start.first())], sequence: 0 };
    let request = RoomListRequest {
        sort: vec![by_code],
        after: Some(before),
        limit: Some(MOST),
        ..RoomListRequest::default()
    };
    let rooms = room_list(repository, &request)?.rooms.into_iter().map(|listed| listed.room);
    Ok(rooms.take_while(|room| start.is_of(room.code)).collect())
}
