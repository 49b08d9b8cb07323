//! Areas of the Earth.

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

#[cfg(test)]
mod tests {
    use super::*;

    fn place(latitude: f64, longitude: f64) -> Place {
        Place {
            latitude: Latitude::new(latitude).unwrap(),
            longitude: Longitude::new(longitude).unwrap(),
        }
    }

    #[test]
    fn a_box_includes_its_edges_and_may_cross_the_antimeridian() {
        let fiji = BoundingBox::new(177.0, -20.0, -178.0, -16.0).unwrap();
        for (longitude, inside) in
            [(177.0, true), (180.0, true), (-180.0, true), (-178.0, true), (0.0, false)]
        {
            assert_eq!(fiji.contains(place(-18.0, longitude)), inside, "{longitude}");
        }
        let point = BoundingBox::new(1.0, 2.0, 1.0, 2.0).unwrap();
        assert!(point.contains(place(2.0, 1.0)));
        assert!(!point.contains(place(2.0, 1.000_001)));
    }

    #[test]
    fn a_circles_box_holds_the_whole_circle() {
        for latitude in [-90.0, -89.9, -60.0, 0.0, 51.5, 89.999, 90.0] {
            for longitude in [-180.0, -179.9, 0.0, 13.4, 180.0] {
                for radius in [0.0, 10.0, 25_000.0, 4_000_000.0, 10_007_000.0, 30_000_000.0] {
                    let centre = place(latitude, longitude);
                    let circle = Circle { centre, radius };
                    let bounds = circle.bounding_box();
                    for step in 0..=72 {
                        for other in -18..=18 {
                            let place = place(
                                f64::from(other) * 5.0,
                                (f64::from(step) * 5.0 - 180.0).clamp(-180.0, 180.0),
                            );
                            let inside = centre.distance_to(place) <= radius;
                            assert!(!inside || bounds.contains(place), "{circle:?} {place:?}");
                        }
                    }
                }
            }
        }
    }
}
