//! The order of a list.

use std::cmp::Ordering;
use std::fmt;

use crate::entities::{FIELDS, Field, Kind, Value};
use crate::use_cases::ListedRoom;

/// What a list can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// The values of a field.
    Field(&'static Field),
    /// The distance from the centre of the requested circle.
    Distance,
}

impl SortBy {
    /// The name of [`SortBy::Distance`] in a request.
    pub const DISTANCE: &str = "distance";

    /// Everything that a list can be sorted by. Nobody looks for a room by how its description begins.
    pub fn all() -> impl Iterator<Item = Self> {
        let is_key = |field: &&Field| !matches!(field.kind, Kind::Text { is_multiline: true, .. });
        FIELDS.iter().filter(is_key).map(Self::Field).chain([Self::Distance])
    }

    /// The name in a request.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Field(field) => field.name,
            Self::Distance => Self::DISTANCE,
        }
    }
}

/// One key of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortKey {
    /// What is compared.
    pub by: SortBy,
    /// Whether the largest comes first.
    pub descending: bool,
}

impl SortKey {
    /// From the nearest to the farthest.
    pub const NEAREST_FIRST: Self = Self { by: SortBy::Distance, descending: false };

    /// The room's value for this key.
    #[must_use]
    pub fn value(self, room: &ListedRoom) -> Value<'_> {
        match self.by {
            SortBy::Field(field) => field.sort_value(&room.room),
            SortBy::Distance => Value::Decimal(room.distance.unwrap_or_default()),
        }
    }

    /// The order of two values of this key.
    pub(super) fn order(self, left: &Value, right: &Value) -> Ordering {
        let order = left.partial_cmp(right).unwrap_or(Ordering::Equal);
        if self.descending { order.reverse() } else { order }
    }
}

/// As it is written in a request.
impl fmt::Display for SortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.descending { "-" } else { "" }, self.by.name())
    }
}

/// The order of two rooms in a list; ties are in the order of insertion.
pub(super) fn compare(sort: &[SortKey], left: &ListedRoom, right: &ListedRoom) -> Ordering {
    sort.iter()
        .map(|key| key.order(&key.value(left), &key.value(right)))
        .find(|order| order.is_ne())
        .unwrap_or_else(|| left.sequence.cmp(&right.sequence))
}
