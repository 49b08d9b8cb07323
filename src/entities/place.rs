//! A place on the Earth, and the distance between two.

use super::{Latitude, Longitude};

/// The Earth's mean radius in metres (Moritz, "Geodetic Reference System 1980", R1).
pub const EARTH_RADIUS: f64 = 6_371_008.771_4;

/// A point on the Earth (WGS 84).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Degrees north of the equator.
    pub latitude: Latitude,
    /// Degrees east of Greenwich.
    pub longitude: Longitude,
}

impl Place {
    /// The great-circle distance in metres, 0 to about 20 015 115; see [`great_circle_distance`].
    #[must_use]
    pub fn distance_to(self, other: Self) -> f64 {
        great_circle_distance(
            self.latitude.get(),
            self.longitude.get(),
            other.latitude.get(),
            other.longitude.get(),
        )
    }
}

/// The distance in metres between two points in degrees, along the surface of a sphere of
/// [`EARTH_RADIUS`] (the haversine formula; within 0.6 % of the distance on the ellipsoid).
///
/// Every storage computes it by the same operations in the same order, so that all storages agree on
/// the order of distances.
#[must_use]
pub fn great_circle_distance(
    from_latitude: f64,
    from_longitude: f64,
    to_latitude: f64,
    to_longitude: f64,
) -> f64 {
    let north = ((to_latitude - from_latitude).to_radians() / 2.0).sin();
    let east = ((to_longitude - from_longitude).to_radians() / 2.0).sin();
    let scale = from_latitude.to_radians().cos() * to_latitude.to_radians().cos();
    let haversine = north * north + scale * (east * east);
    2.0 * EARTH_RADIUS * haversine.sqrt().min(1.0).asin()
}
