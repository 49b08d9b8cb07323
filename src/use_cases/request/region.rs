//! Areas of the Earth.

use std::f64::consts::PI;

use crate::entities::{EARTH_RADIUS, Latitude, Longitude, Place};

/// Metres: more than half the circumference of the Earth, so more than any distance.
const LARGEST_RADIUS: f64 = 20_100_000.0;

/// Degrees, about a tenth of a millimetre: a place this close to an edge of a circle's box could be on
/// the wrong side because of rounding.
const MARGIN: f64 = 1e-9;

/// A box between two meridians and two parallels, edges included (RFC 7946, section 5).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundingBox {
    /// Degrees. If it is more than `east`, the box crosses the antimeridian.
    pub west: f64,
    /// Degrees, at most `north`.
    pub south: f64,
    /// Degrees.
    pub east: f64,
    /// Degrees.
    pub north: f64,
}

impl BoundingBox {
    /// Builds the box, unless a bound is no coordinate or `south` is more than `north`.
    #[must_use]
    pub fn new(west: f64, south: f64, east: f64, north: f64) -> Option<Self> {
        let is_box = Longitude::new(west).is_ok()
            && Longitude::new(east).is_ok()
            && Latitude::new(south).is_ok()
            && Latitude::new(north).is_ok()
            && south <= north;
        is_box.then_some(Self { west, south, east, north })
    }

    /// The same area as one box, or two, that do not cross the antimeridian.
    #[must_use]
    pub fn parts(self) -> (Self, Option<Self>) {
        if self.west <= self.east {
            (self, None)
        } else {
            (Self { east: 180.0, ..self }, Some(Self { west: -180.0, ..self }))
        }
    }

    /// Whether the place is in it.
    #[must_use]
    pub fn contains(self, place: Place) -> bool {
        let (latitude, longitude) = (place.latitude.get(), place.longitude.get());
        let is_between = if self.west <= self.east {
            (self.west..=self.east).contains(&longitude)
        } else {
            longitude >= self.west || longitude <= self.east
        };
        is_between && (self.south..=self.north).contains(&latitude)
    }
}

/// All places within a great-circle distance of a centre, edge included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Circle {
    /// The centre.
    pub centre: Place,
    /// Metres, finite, 0 or more.
    pub radius: f64,
}

impl Circle {
    /// Builds the circle, unless the radius is negative or not a number. A radius of more than half
    /// the Earth's circumference is cut to that.
    #[must_use]
    pub fn new(centre: Place, radius: f64) -> Option<Self> {
        (radius >= 0.0).then(|| Self { centre, radius: radius.min(LARGEST_RADIUS) })
    }

    /// Whether every place on the Earth is in it, so that it is no condition.
    #[must_use]
    pub fn is_whole_earth(self) -> bool {
        // No distance is longer than half the circumference. The metre is for rounding.
        self.radius > PI.mul_add(EARTH_RADIUS, 1.0)
    }

    /// The smallest box around the circle, with a margin for rounding. A storage finds its rooms by an
    /// index before it computes distances.
    #[must_use]
    pub fn bounding_box(self) -> BoundingBox {
        let angle = self.radius / EARTH_RADIUS;
        let (latitude, longitude) = (self.centre.latitude.get(), self.centre.longitude.get());
        let height = angle.to_degrees() + MARGIN;
        let (south, north) = (latitude - height, latitude + height);
        // On the meridian that touches the circle, sin(width) = sin(angle) / cos(latitude).
        let width = (angle.sin() / latitude.to_radians().cos()).asin().to_degrees() + MARGIN;
        let holds_a_pole = south <= -90.0 || north >= 90.0;
        let (west, east) = if holds_a_pole || !width.is_finite() || width >= 180.0 {
            (-180.0, 180.0)
        } else {
            (normalized(longitude - width), normalized(longitude + width))
        };
        BoundingBox { west, south: south.max(-90.0), east, north: north.min(90.0) }
    }
}

/// The same meridian as a longitude from -180 to 180.
fn normalized(longitude: f64) -> f64 {
    if longitude < -180.0 {
        longitude + 360.0
    } else if longitude > 180.0 {
        longitude - 360.0
    } else {
        longitude
    }
}
