//! The values of a room: their ranges, their text form, and distances.

use rentomatic::entities::{
    EARTH_RADIUS, FIELDS, InvalidRoomCode, InvalidValue, Kind, Latitude, Longitude, Price,
    RoomCode, RoomDraft, Size, great_circle_distance,
};

#[test]
fn only_the_hyphenated_notation_is_a_code() {
    for text in [
        "",
        "nonsense",
        "f853578cfc0f4e6581b8566c5dffa35a",
        "{f853578c-fc0f-4e65-81b8-566c5dffa35a}",
        "urn:uuid:f853578c-fc0f-4e65-81b8-566c5dffa35a",
        "f853578c-fc0f-4e65-81b8-566c5dffa35g",
        "f853578c-fc0f-4e65-81b8-566c5dffa35\0",
    ] {
        assert_eq!(text.parse::<RoomCode>(), Err(InvalidRoomCode), "{text}");
    }
}

#[test]
fn each_measure_accepts_both_ends_of_its_range() {
    for size in [1, i32::MAX] {
        assert_eq!(Size::new(size).map(Size::get), Ok(size));
    }
    for price in [0, i32::MAX] {
        assert_eq!(Price::new(price).map(Price::get), Ok(price));
    }
    for degrees in [-180.0, 180.0] {
        assert_eq!(Longitude::new(degrees).map(Longitude::get), Ok(degrees));
    }
    for degrees in [-90.0, 90.0] {
        assert_eq!(Latitude::new(degrees).map(Latitude::get), Ok(degrees));
    }
}

#[test]
fn a_number_just_outside_is_refused_with_its_field_and_range() {
    let message = |error: InvalidValue| error.to_string();
    assert_eq!(
        Size::new(0).map_err(message),
        Err("size is 0: it must be from 1 to 2147483647 square metres".to_owned())
    );
    assert_eq!(
        Price::new(-1).map_err(message),
        Err("price is -1: it must be from 0 to 2147483647 euros per day".to_owned())
    );
    assert!(Longitude::new(180.000_001).is_err());
    assert!(Latitude::new(-90.000_001).is_err());
}

#[test]
fn a_coordinate_is_finite_and_has_no_negative_zero() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(Longitude::new(value).is_err());
        assert!(Latitude::new(value).is_err());
    }
    assert_eq!(Longitude::new(-0.0).unwrap().get().to_bits(), 0.0_f64.to_bits());
    assert_eq!(Latitude::new(-0.0).unwrap().get().to_bits(), 0.0_f64.to_bits());
}

fn kilometres(from: (f64, f64), to: (f64, f64)) -> f64 {
    great_circle_distance(from.0, from.1, to.0, to.1) / 1000.0
}

#[test]
fn distances_are_those_of_the_sphere() {
    let quarter = EARTH_RADIUS * std::f64::consts::FRAC_PI_2 / 1000.0;
    let london = (51.5074, -0.1278);
    for (from, to, expected) in [
        (london, (48.8566, 2.3522), 343.6),
        (london, (-33.8688, 151.2093), 16_993.9),
        ((0.0, 0.0), (0.0, 90.0), quarter),
        ((90.0, 0.0), (0.0, 123.0), quarter),
        ((90.0, 0.0), (90.0, 77.0), 0.0),
        ((0.0, 0.0), (0.0, 180.0), 2.0 * quarter),
        ((0.0, 179.5), (0.0, -179.5), quarter / 90.0),
        ((0.0, -180.0), (0.0, 180.0), 0.0),
        (london, london, 0.0),
    ] {
        let distance = kilometres(from, to);
        assert!((distance - expected).abs() < 0.1, "{from:?} {to:?}: {distance}");
        assert!((kilometres(to, from) - distance).abs() < 1e-9);
    }
}

#[test]
fn each_field_writes_what_it_reads() {
    let mut draft = RoomDraft::default();
    for field in &FIELDS {
        match field.kind {
            Kind::Code => draft.code = field.example.parse().ok(),
            Kind::Whole { set, .. } => set(&mut draft, field.example.parse().unwrap()).unwrap(),
            Kind::Degrees { set, .. } => {
                set(&mut draft, field.example.parse().unwrap()).unwrap();
            }
            Kind::Text { set, .. } => set(&mut draft, Some(field.example.to_owned())).unwrap(),
        }
    }
    let room = draft.complete(RoomCode::from_u128(0)).unwrap();
    for field in &FIELDS {
        assert_eq!(field.value(&room).unwrap().to_string(), field.example);
    }
}
