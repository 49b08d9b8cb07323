//! The order of a list.

use std::cmp::Ordering;
use std::fmt;

use super::ListedRoom;
use super::parameter::unusable;
use crate::entities::RoomCode;

/// What a list can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortField {
    /// The code, by its 128 bits.
    Code,
    /// The size.
    Size,
    /// The price.
    Price,
    /// The longitude, from west to east.
    Longitude,
    /// The latitude, from south to north.
    Latitude,
    /// The distance from the centre of the circle that was asked for.
    Distance,
}

impl SortField {
    /// All of them, by the name that each has in a request.
    pub const NAMES: [(&str, Self); 6] = [
        ("code", Self::Code),
        ("size", Self::Size),
        ("price", Self::Price),
        ("latitude", Self::Latitude),
        ("longitude", Self::Longitude),
        ("distance", Self::Distance),
    ];

    fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, field)| *field == self).map_or("", |(name, _)| name)
    }
}

/// A room's value of a [`SortField`].
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub enum SortValue {
    /// Of the code.
    Code(RoomCode),
    /// Of the size and the price.
    Whole(i32),
    /// Of the coordinates, in degrees, and of the distance, in metres.
    Decimal(f64),
}

/// One criterion of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortKey {
    /// What is compared.
    pub field: SortField,
    /// Whether the largest comes first.
    pub descending: bool,
}

impl SortKey {
    /// From the nearest to the farthest.
    pub const NEAREST_FIRST: Self = Self { field: SortField::Distance, descending: false };

    /// Reads `price,-size`.
    pub(super) fn parse_all(name: &str, value: &str) -> Result<Vec<Self>, String> {
        let mut keys: Vec<Self> = Vec::new();
        for text in value.split(',') {
            let (descending, field) = match text.strip_prefix('-') {
                Some(field) => (true, field),
                None => (false, text),
            };
            let field = SortField::NAMES.iter().find(|(known, _)| *known == field);
            let Some((_, field)) = field else {
                let names = SortField::NAMES.map(|(name, _)| name).join(", ");
                let right = format!("write some of {names}, a - before those that descend");
                return Err(unusable(name, value, &right));
            };
            if keys.iter().any(|key| key.field == *field) {
                return Err(unusable(name, value, "a field may be there once"));
            }
            keys.push(Self { field: *field, descending });
        }
        Ok(keys)
    }

    /// The room's value of this key's field.
    #[must_use]
    pub fn value(self, room: &ListedRoom) -> SortValue {
        match self.field {
            SortField::Code => SortValue::Code(room.room.code),
            SortField::Size => SortValue::Whole(room.room.size.get()),
            SortField::Price => SortValue::Whole(room.room.price.get()),
            SortField::Longitude => SortValue::Decimal(room.room.longitude.get()),
            SortField::Latitude => SortValue::Decimal(room.room.latitude.get()),
            SortField::Distance => SortValue::Decimal(room.distance.unwrap_or_default()),
        }
    }

    fn compare(self, left: &ListedRoom, right: &ListedRoom) -> Ordering {
        let order = self.value(left).partial_cmp(&self.value(right)).unwrap_or(Ordering::Equal);
        if self.descending { order.reverse() } else { order }
    }
}

/// As it is written in a request.
impl fmt::Display for SortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.descending { "-" } else { "" }, self.field.name())
    }
}

/// Which of two rooms comes first in a list in this order; ties go by the order of insertion.
#[must_use]
pub fn compare(sort: &[SortKey], left: &ListedRoom, right: &ListedRoom) -> Ordering {
    sort.iter()
        .map(|key| key.compare(left, right))
        .find(|order| order.is_ne())
        .unwrap_or_else(|| left.sequence.cmp(&right.sequence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_written_as_it_is_read() {
        for text in ["price", "-price,size", "-distance,code,-latitude,longitude"] {
            let keys = SortKey::parse_all("sort", text).unwrap();
            let written: Vec<_> = keys.iter().map(SortKey::to_string).collect();
            assert_eq!(written.join(","), text);
        }
    }

    #[test]
    fn what_is_no_order_is_refused_with_what_there_is() {
        for text in ["", "id", "price,", "--price", "Price", "price desc", " price"] {
            let error = SortKey::parse_all("sort", text).unwrap_err();
            assert!(error.contains("code, size, price, latitude, longitude, distance"), "{error}");
        }
        assert!(SortKey::parse_all("sort", "price,-price").unwrap_err().contains("once"));
    }
}
