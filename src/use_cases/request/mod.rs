//! The vocabulary of a request for a list of rooms: values that are valid once they are built. Their
//! text form is read by [`crate::formats::reading`].

mod filter;
mod position;
mod region;
mod sort;

use std::num::NonZeroUsize;

pub use filter::{Comparison, Filter, TextComparison};
pub use position::Position;
pub use region::{BoundingBox, Circle};
pub use sort::{SortBy, SortKey};

use super::ListedRoom;
use crate::entities::Room;

/// The most rooms on one page. A list without a limit has no such bound.
pub const LARGEST_LIMIT: usize = 10_000;

/// Which rooms to list, and in which order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RoomListRequest {
    /// The conditions; a room is listed if it meets all of them.
    pub filters: Vec<Filter>,
    /// The circle that a room must be in. Distances are measured from its centre.
    pub near: Option<Circle>,
    /// The order: the first key decides first; ties are in the order of insertion.
    pub sort: Vec<SortKey>,
    /// Only rooms after this position, for the next page.
    pub after: Option<Position>,
    /// The most rooms on one page.
    pub limit: Option<NonZeroUsize>,
}

impl RoomListRequest {
    /// Whether the order depends on distances.
    #[must_use]
    pub fn is_by_distance(&self) -> bool {
        self.sort.iter().any(|key| key.by == SortBy::Distance)
    }

    /// The room as it is listed, if it matches. The page does not matter here.
    #[must_use]
    pub fn matching(&self, room: &Room, sequence: i128) -> Option<ListedRoom> {
        let distance = self.near.map(|circle| circle.centre.distance_to(room.place));
        let is_near =
            self.near.zip(distance).is_none_or(|(circle, metres)| metres <= circle.radius);
        let is_match = is_near && self.filters.iter().all(|filter| filter.holds(room));
        is_match.then(|| ListedRoom { room: room.clone(), sequence, distance })
    }

    /// Sorts rooms as requested, and skips those of earlier pages.
    #[must_use]
    pub fn sort_and_skip(&self, mut rooms: Vec<ListedRoom>) -> Vec<ListedRoom> {
        if let Some(after) = &self.after {
            rooms.retain(|room| after.precedes(room, &self.sort));
        }
        rooms.sort_by(|left, right| sort::compare(&self.sort, left, right));
        rooms
    }
}
