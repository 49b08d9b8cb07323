//! The room itself, and a draft of one.

use super::{Latitude, Longitude, Place, Price, RoomCode, Size};

/// A room for rent.
#[derive(Debug, Clone, PartialEq)]
pub struct Room {
    /// Identifies the room.
    pub code: RoomCode,
    /// Floor area, in square metres.
    pub size: Size,
    /// Price, in euros per day.
    pub price: Price,
    /// Where it is.
    pub place: Place,
}

/// Some of a room's fields, each of them valid: a room that is not complete yet, or the changes to
/// one. [`FIELDS`](super::FIELDS) fills it in field by field.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RoomDraft {
    /// The code.
    pub code: Option<RoomCode>,
    /// Floor area, in square metres.
    pub size: Option<Size>,
    /// Price, in euros per day.
    pub price: Option<Price>,
    /// Degrees north of the equator.
    pub latitude: Option<Latitude>,
    /// Degrees east of Greenwich.
    pub longitude: Option<Longitude>,
}

impl RoomDraft {
    /// The room, unless a field that every room has is missing. A draft without a code gets this one.
    #[must_use]
    pub fn complete(self, default_code: RoomCode) -> Option<Room> {
        let Self { code, size, price, latitude, longitude } = self;
        Some(Room {
            code: code.unwrap_or(default_code),
            size: size?,
            price: price?,
            place: Place { latitude: latitude?, longitude: longitude? },
        })
    }

    /// The room with the draft's fields in place of its own. Its code never changes.
    #[must_use]
    pub fn apply_to(self, room: &Room) -> Room {
        let Self { code: _, size, price, latitude, longitude } = self;
        Room {
            code: room.code,
            size: size.unwrap_or(room.size),
            price: price.unwrap_or(room.price),
            place: Place {
                latitude: latitude.unwrap_or(room.place.latitude),
                longitude: longitude.unwrap_or(room.place.longitude),
            },
        }
    }
}
