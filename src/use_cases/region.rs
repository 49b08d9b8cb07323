//! Parts of the Earth in which rooms are looked for.

use super::parameter::{decimals, unusable};
use crate::entities::{EARTH_RADIUS, Latitude, Longitude, Place, Room};

/// What a bounding box must look like.
const BOX: &str = "write MINLON,MINLAT,MAXLON,MAXLAT in degrees, with MINLAT <= MAXLAT, \
                   as -0.2,51.3,0.4,51.8";

/// What a centre must look like.
const CENTRE: &str = "write LAT,LON in degrees, as 51.5,-0.12";

/// What a radius must look like.
const RADIUS: &str = "write a number of metres, 0 or more, as 2000";

/// Metres: more than half the circumference of the Earth, which no two places are apart.
const LARGEST_RADIUS: f64 = 20_100_000.0;

/// A room's distance from an edge of a circle's box, in degrees, within which rounding could put
/// it on the wrong side; about a tenth of a millimetre.
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
    pub(super) fn parse(name: &str, value: &str) -> Result<Self, String> {
        let wrong = || unusable(name, value, BOX);
        let [west, south, east, north] = decimals(value).ok_or_else(wrong)?;
        let is_box = Longitude::new(west).is_ok()
            && Longitude::new(east).is_ok()
            && Latitude::new(south).is_ok()
            && Latitude::new(north).is_ok()
            && south <= north;
        if is_box { Ok(Self { west, south, east, north }) } else { Err(wrong()) }
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

    /// Whether the room is in it.
    #[must_use]
    pub fn contains(self, room: &Room) -> bool {
        let (longitude, latitude) = (room.longitude.get(), room.latitude.get());
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
    pub(super) fn parse_centre(name: &str, value: &str) -> Result<Place, String> {
        let wrong = || unusable(name, value, CENTRE);
        let [latitude, longitude] = decimals(value).ok_or_else(wrong)?;
        match (Latitude::new(latitude), Longitude::new(longitude)) {
            (Ok(latitude), Ok(longitude)) => Ok(Place { latitude, longitude }),
            _ => Err(wrong()),
        }
    }

    pub(super) fn parse_radius(name: &str, value: &str) -> Result<f64, String> {
        match decimals(value) {
            Some([radius]) if radius >= 0.0 => Ok(radius.min(LARGEST_RADIUS)),
            _ => Err(unusable(name, value, RADIUS)),
        }
    }

    /// The smallest box that holds the circle, and a margin for rounding: what a storage can find
    /// by an index before it computes distances.
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
            (around(longitude - width), around(longitude + width))
        };
        BoundingBox { west, south: south.max(-90.0), east, north: north.min(90.0) }
    }
}

/// The same meridian between -180 and 180.
fn around(longitude: f64) -> f64 {
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
    use crate::use_cases::sample_rooms;

    fn room_at(latitude: f64, longitude: f64) -> Room {
        Room {
            latitude: Latitude::new(latitude).unwrap(),
            longitude: Longitude::new(longitude).unwrap(),
            ..sample_rooms()[0].clone()
        }
    }

    #[test]
    fn a_box_has_its_edges_and_may_cross_the_antimeridian() {
        let fiji = BoundingBox::parse("bbox", "177,-20,-178,-16").unwrap();
        for (longitude, inside) in
            [(177.0, true), (180.0, true), (-180.0, true), (-178.0, true), (0.0, false)]
        {
            assert_eq!(fiji.contains(&room_at(-18.0, longitude)), inside, "{longitude}");
        }
        let point = BoundingBox::parse("bbox", "1,2,1,2").unwrap();
        assert!(point.contains(&room_at(2.0, 1.0)));
        assert!(!point.contains(&room_at(2.0, 1.000_001)));
    }

    #[test]
    fn what_is_no_box_no_centre_and_no_radius_is_refused() {
        for value in ["", "1,2,3", "1,2,3,4,5", "1,2,3,x", "181,0,0,0", "0,3,1,2", "0,NaN,1,2"] {
            assert!(BoundingBox::parse("bbox", value).is_err(), "{value}");
        }
        for value in ["", "1", "91,0", "0,181", "1,2,3", "inf,0", "1;2"] {
            assert!(Circle::parse_centre("near", value).is_err(), "{value}");
        }
        for value in ["", "-1", "NaN", "inf", "1e999", "2km", "1,2"] {
            assert!(Circle::parse_radius("radius", value).is_err(), "{value}");
        }
    }

    #[test]
    fn a_circles_box_holds_all_of_the_circle() {
        for latitude in [-90.0, -89.9, -60.0, 0.0, 51.5, 89.999, 90.0] {
            for longitude in [-180.0, -179.9, 0.0, 13.4, 180.0] {
                for radius in [0.0, 10.0, 25_000.0, 4_000_000.0, 10_007_000.0, 30_000_000.0] {
                    let centre = room_at(latitude, longitude).place();
                    let circle = Circle { centre, radius };
                    let bounds = circle.bounding_box();
                    for step in 0..=72 {
                        for other in -18..=18 {
                            let room = room_at(
                                f64::from(other) * 5.0,
                                (f64::from(step) * 5.0 - 180.0).clamp(-180.0, 180.0),
                            );
                            let inside = centre.distance_to(room.place()) <= radius;
                            assert!(!inside || bounds.contains(&room), "{circle:?} {room:?}");
                        }
                    }
                }
            }
        }
    }
}
