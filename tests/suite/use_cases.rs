//! Areas of the Earth, and the sample rooms.

use rentomatic::entities::{Latitude, Longitude, Place};
use rentomatic::use_cases::{BoundingBox, Circle, sample_rooms};

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

#[test]
fn the_sample_rooms_are_those_of_the_original() {
    let rooms: Vec<_> = sample_rooms()
        .into_iter()
        .map(|room| {
            let place = (room.place.longitude.get(), room.place.latitude.get());
            (room.code.to_string(), room.size.get(), room.price.get(), place)
        })
        .collect();
    let expected = [
        ("f853578c-fc0f-4e65-81b8-566c5dffa35a", 215, 39, (-0.09998975, 51.75436293)),
        ("fe2c3195-aeff-487a-a08f-e0bdc0ec6e9a", 405, 66, (0.18228006, 51.74640997)),
        ("913694c6-435a-4366-ba0d-da5334a611b2", 56, 60, (0.27891577, 51.45994069)),
        ("eed76e77-55c1-41ce-985d-ca49bf6c0585", 93, 48, (0.33894476, 51.39916678)),
    ]
    .map(|(code, size, price, place)| (code.to_owned(), size, price, place));
    assert_eq!(rooms, expected);
}
