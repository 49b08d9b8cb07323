//! Conditions on rooms.

use super::BoundingBox;
use crate::entities::{Field, Folded, Kind, Room, RoomCode, Value};

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
            Kind::Code => &[Self::Eq],
            Kind::Text { .. } => &[],
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

/// How a room's text is compared with the one in a request. Case makes no difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextComparison {
    /// Equal.
    Eq,
    /// Contains it.
    Contains,
}

impl TextComparison {
    /// The comparisons that fields of this kind have.
    #[must_use]
    pub fn of_kind(kind: &Kind) -> &'static [Self] {
        match kind {
            Kind::Text { is_multiline: false, .. } => &[Self::Eq, Self::Contains],
            Kind::Text { is_multiline: true, .. } => &[Self::Contains],
            Kind::Code | Kind::Whole { .. } | Kind::Degrees { .. } => &[],
        }
    }

    /// The name in a request.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Contains => "contains",
        }
    }

    /// Whether a room's text stands in this relation to `wanted`.
    #[must_use]
    pub fn holds(self, text: &str, wanted: &Folded) -> bool {
        let text = Folded::new(text);
        match self {
            Self::Eq => text == *wanted,
            Self::Contains => text.get().contains(wanted.get()),
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
    /// A field's text, compared with another; a room without the text does not meet it.
    Text(&'static Field, TextComparison, Folded),
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
            Self::Text(field, comparison, wanted) => match field.value(room) {
                Some(Value::Text(text)) => comparison.holds(&text, wanted),
                _ => false,
            },
            Self::CodeIn(codes) => codes.contains(&room.code),
            Self::Within(bounds) => bounds.contains(room.place),
        }
    }
}
