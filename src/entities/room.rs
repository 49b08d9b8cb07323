//! The room itself.

use super::{Latitude, Longitude, Place, Price, RoomCode, Size};

/// A room for rent.
#[derive(Debug, Clone, PartialEq)]
pub struct Room {
    /// What tells this room from every other.
    pub code: RoomCode,
    /// Floor area, in square metres.
    pub size: Size,
    /// Price, in euro a day.
    pub price: Price,
    /// Degrees east of Greenwich.
    pub longitude: Longitude,
    /// Degrees north of the equator.
    pub latitude: Latitude,
}

impl Room {
    /// Where it is.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { latitude: self.latitude, longitude: self.longitude }
    }
}
