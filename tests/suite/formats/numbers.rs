//! The same number gives the same room, however it arrives.

use proptest::prelude::*;
use proptest::test_runner::Config;
use rentomatic::entities::Value;
use rentomatic::formats::reading::room::{FieldValue, parse_room};
use rentomatic::formats::reading::{Columns, ROW_FORMATS, object, query};
use rentomatic::http::cursor;
use rentomatic::use_cases::{Filter, Position, sample_rooms};

/// A number from -90 to 90 as people and programs write it: short, with 17 digits, with many more, and with
/// an exponent.
fn literal() -> impl Strategy<Value = String> {
    let digits = "[0-9]{1,60}";
    prop_oneof![
        (-90.0..90.0_f64).prop_map(|number| number.to_string()),
        (-90.0..90.0_f64).prop_map(|number| format!("{number:.17}")),
        (-90.0..90.0_f64).prop_map(|number| format!("{number:e}")),
        (-90.0..90.0_f64).prop_map(|number| format!("{number:.40E}")),
        (0..90_u8, digits).prop_map(|(whole, digits)| format!("{whole}.{digits}")),
        (0..90_u8, digits).prop_map(|(whole, digits)| format!("-{whole}.{digits}e0")),
        (digits, 1..400_u16).prop_map(|(digits, zeros)| format!("0.{digits}E-{zeros}")),
        any::<f64>()
            .prop_filter("in the range", |number| number.abs() <= 90.0)
            .prop_map(|number| format!("{number:?}")),
        // Half way between two neighbours, and just beside it.
        (-90.0..90.0_f64, "[0-9]{0,3}").prop_map(|(number, more)| {
            let number = number.abs();
            let next = f64::from_bits(number.to_bits() + 1);
            format!("{}{more}", exactly_between(number, next))
        }),
    ]
}

/// The decimal number half way between two neighbouring numbers, with all its digits.
fn exactly_between(low: f64, high: f64) -> String {
    // Twice as large, the sum is exact in one more bit: write both with all their digits and average them.
    let digits = |number: f64| format!("{number:.1074}");
    let (low, high) = (digits(low), digits(high));
    let mut carry = 0;
    let mut half = String::new();
    let sum: Vec<u8> = low
        .bytes()
        .rev()
        .zip(high.bytes().rev().chain(std::iter::repeat(b'0')))
        .map(|(one, other)| {
            if one == b'.' {
                return b'.';
            }
            let sum = one - b'0' + other - b'0' + carry;
            carry = sum / 10;
            sum % 10
        })
        .collect();
    let mut rest = carry;
    for digit in sum.into_iter().rev() {
        if digit == b'.' {
            half.push('.');
            continue;
        }
        let value = rest * 10 + digit;
        half.push(char::from(b'0' + value / 2));
        rest = value % 2;
    }
    half.push(if rest == 1 { '5' } else { '0' });
    half
}

/// The bits of the latitude of the only row of a file.
fn from_file(format: &str, file: &str) -> u64 {
    let format = ROW_FORMATS.into_iter().find(|known| known.name() == format).unwrap();
    let columns = Columns::default();
    let rows: Vec<_> = format.rows(Box::new(file.as_bytes()), &columns).collect();
    let room = rows[0].room.as_ref().unwrap_or_else(|errors| panic!("{file}: {errors:?}"));
    room.place.latitude.get().to_bits()
}

fn latitude(fields: Vec<(String, FieldValue)>) -> u64 {
    parse_room(fields, sample_rooms()[0].code).unwrap().place.latitude.get().to_bits()
}

#[test]
fn the_same_number_gives_the_same_room_however_it_arrives() {
    let config = Config { cases: 2_000, failure_persistence: None, ..Config::default() };
    let property = |number: String| {
        let expected: f64 = number.parse().unwrap();
        // A room has no -0.0.
        let expected = (expected + 0.0).to_bits();
        let object = format!(r#"{{"size":1,"price":2,"longitude":3,"latitude":{number}}}"#);
        prop_assert_eq!(
            latitude(object::fields(object.as_bytes(), &Columns::default()).unwrap()),
            expected
        );
        prop_assert_eq!(from_file("ndjson", &format!("{object}\n")), expected);
        prop_assert_eq!(from_file("json", &format!("[{object}]")), expected);
        let feature = format!(
            r#"{{"type":"Feature","geometry":{{"type":"Point","coordinates":[3,{number}]}},"properties":{{"size":1,"price":2}}}}"#
        );
        let collection = format!(r#"{{"type":"FeatureCollection","features":[{feature}]}}"#);
        prop_assert_eq!(from_file("geojson", &collection), expected);
        let csv = |number: &str| format!("size;price;longitude;latitude\n1;2;3;{number}\n");
        prop_assert_eq!(from_file("csv", &csv(&number)), expected);
        prop_assert_eq!(from_file("csv", &csv(&number.replace('.', ","))), expected);
        prop_assert_eq!(from_file("csv", &csv(&number).replace(';', ",")), expected);
        // A form and the terminal.
        let text = [("size", "1"), ("price", "2"), ("longitude", "3"), ("latitude", &*number)];
        let text = text.map(|(name, value)| (name.to_owned(), FieldValue::Text(value.to_owned())));
        prop_assert_eq!(latitude(text.into()), expected);
        // A query, and a cursor.
        let request = query::parse([("filter_latitude__eq", &*number)]).unwrap();
        let Filter::Compared(_, _, Value::Decimal(found)) = request.filters[0] else {
            panic!("{request:?}")
        };
        prop_assert_eq!((found + 0.0).to_bits(), expected);
        let near = format!("{number}, 3");
        let request =
            query::parse([("near", &*near), ("radius", "1"), ("sort", "latitude")]).unwrap();
        prop_assert_eq!(request.near.unwrap().centre.latitude.get().to_bits(), expected);
        let position =
            Position { values: vec![Value::Decimal(f64::from_bits(expected))], sequence: 7 };
        let again = cursor::read(&request, &cursor::write(&request, &position)).unwrap();
        let Value::Decimal(again) = again.values[0] else { panic!("{again:?}") };
        prop_assert_eq!(again.to_bits(), expected);
        Ok(())
    };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    runner.run(&literal(), property).unwrap();
}
