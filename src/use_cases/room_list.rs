//! List the rooms that meet some conditions.

use std::collections::HashSet;

use super::{Failure, Filter, InvalidParameter, RoomRepository};
use crate::entities::Room;

/// Which rooms are asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RoomListRequest {
    /// The conditions; a room is listed if it meets all of them.
    pub filters: Vec<Filter>,
}

impl RoomListRequest {
    /// Reads a request from filters as people write them, `("price__lt", "60")`.
    ///
    /// # Errors
    ///
    /// [`Failure::Parameters`] with every filter that is unknown, given twice, empty or
    /// unreadable.
    pub fn parse<'a>(
        filters: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Failure> {
        let mut request = Self::default();
        let mut errors = Vec::new();
        let mut seen = HashSet::new();
        for (key, value) in filters {
            let filter = if seen.insert(key) {
                Filter::parse(key, value)
            } else {
                Err(format!("Key {key} is given more than once"))
            };
            match filter {
                Ok(filter) => request.filters.push(filter),
                Err(message) => errors.push(InvalidParameter {
                    parameter: "filters",
                    key: key.to_owned(),
                    message,
                }),
            }
        }
        if errors.is_empty() { Ok(request) } else { Err(Failure::Parameters(errors)) }
    }

    /// Whether the room is one of those asked for.
    #[must_use]
    pub fn asks_for(&self, room: &Room) -> bool {
        self.filters.iter().all(|filter| filter.holds(room))
    }
}

/// Lists the rooms that the request asks for, in the order of insertion.
///
/// # Errors
///
/// [`Failure::System`] if the repository fails.
pub fn room_list(
    repository: &dyn RoomRepository,
    request: &RoomListRequest,
) -> Result<Vec<Room>, Failure> {
    Ok(repository.list(request)?)
}
