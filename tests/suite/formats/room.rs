//! Rooms as programs and people write them.

use rentomatic::entities::RoomCode;
use rentomatic::formats::reading::room::{FieldValue, parse_draft, parse_room};
use rentomatic::use_cases::InvalidParameter;

fn text(fields: &[(&str, &str)]) -> Vec<(String, FieldValue)> {
    let field =
        |(name, value): &(&str, &str)| ((*name).to_owned(), FieldValue::Text((*value).to_owned()));
    fields.iter().map(field).collect()
}

fn names(errors: Vec<InvalidParameter>) -> Vec<String> {
    errors.into_iter().map(|error| error.name).collect()
}

#[test]
fn every_invalid_field_is_named_at_once() {
    let fields = text(&[
        ("code", "x"),
        ("size", "0"),
        ("price", "6.5"),
        ("latitude", "91"),
        ("longitude", "NaN"),
        ("colour", "red"),
        ("size", "5"),
    ]);
    let errors = parse_draft(fields).unwrap_err();
    assert_eq!(names(errors), ["code", "size", "price", "latitude", "longitude", "colour", "size"]);
}

#[test]
fn every_missing_field_is_named_together_with_the_invalid_ones() {
    let code = RoomCode::from_u128(1);
    let errors = parse_room(text(&[("price", "5")]), code).unwrap_err();
    assert_eq!(names(errors), ["size", "latitude", "longitude"]);
    let fields = text(&[("price", "dear"), ("latitude", "5"), ("colour", "red")]);
    let errors = parse_room(fields, code).unwrap_err();
    assert_eq!(names(errors), ["price", "colour", "size", "longitude"]);
}

#[test]
fn a_whole_number_may_be_written_with_a_decimal_point_in_json() {
    let fields = |value| vec![("price".to_owned(), value)];
    assert!(parse_draft(fields(FieldValue::Number(39.0))).is_ok());
    for value in [
        FieldValue::Number(39.5),
        FieldValue::Number(-1.0),
        FieldValue::Number(2_147_483_648.0),
        FieldValue::String("39".to_owned()),
        FieldValue::Null,
        FieldValue::Other,
    ] {
        assert!(parse_draft(fields(value.clone())).is_err(), "{value:?}");
    }
}
