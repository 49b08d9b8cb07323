//! A position in a sorted list, from which the next page continues (keyset pagination).

use std::cmp::Ordering;

use super::SortKey;
use crate::entities::Value;
use crate::use_cases::ListedRoom;

/// The position just after a room, in a list of one order.
#[derive(Debug, Clone, PartialEq)]
pub struct Position {
    /// The room's value for each key of the order.
    pub values: Vec<Value<'static>>,
    /// The room's sequence number, which decides ties.
    pub sequence: i128,
}

impl Position {
    /// The position just after this room.
    #[must_use]
    pub fn after(room: &ListedRoom, sort: &[SortKey]) -> Self {
        let values = sort.iter().map(|key| key.value(room).into_owned()).collect();
        Self { values, sequence: room.sequence }
    }

    /// Whether the room comes after this position in a list in this order.
    #[must_use]
    pub fn precedes(&self, room: &ListedRoom, sort: &[SortKey]) -> bool {
        sort.iter()
            .zip(&self.values)
            .map(|(key, value)| key.order(&key.value(room), value))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| room.sequence.cmp(&self.sequence))
            == Ordering::Greater
    }
}
