//! Conditions on rooms.

use super::BoundingBox;
use crate::entities::{Field, Kind, Room, RoomCode, Value};

/// How a room's value is compared with the one in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Less than.
    Lt,
    /// Less than or equal.
    Lte,
    /// Greater than.
    Gt,
    /// Greater than or equal.
    Gte,
}

impl Comparison {
    const ALL: [Self; 6] = [Self::Eq, Self::Ne, Self::Lt, Self::Lte, Self::Gt, Self::Gte];

    /// The comparisons that fields of this kind have.
    #[must_use]
    pub fn of_kind(kind: &Kind) -> &'static [Self] {
        match kind {
            Kind::Code | Kind::Text { .. } => &[Self::Eq],
            Kind::Whole { .. } | Kind::Degrees { .. } => &Self::ALL,
        }
    }

    /// The name in a request.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Lt => "lt",
            Self::Lte => "lte",
            Self::Gt => "gt",
            Self::Gte => "gte",
        }
    }

    /// Whether `left` stands in this relation to `right`.
    pub fn holds<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Eq => left == right,
            Self::Ne => left != right,
            Self::Lt => left < right,
            Self::Lte => left <= right,
            Self::Gt => left > right,
            Self::Gte => left >= right,
        }
    }
}

/// One condition on a room.
///
/// A value may lie outside the range of its field: `price__gt=-1` holds for every room.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// A field's value, compared with a value of the same kind.
    Compared(&'static Field, Comparison, Value<'static>),
    /// The code is one of these.
    CodeIn(Vec<RoomCode>),
    /// The room is in this box.
    Within(BoundingBox),
}

impl Filter {
    /// Whether the room meets the condition.
    #[must_use]
    pub fn holds(&self, room: &Room) -> bool {
        match self {
            Self::Compared(field, comparison, value) => {
                comparison.holds(&field.sort_value(room), value)
            }
            Self::CodeIn(codes) => codes.contains(&room.code),
            Self::Within(bounds) => bounds.contains(room.place),
        }
    }
}
