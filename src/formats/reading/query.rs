//! The text form of a request for a list, for example `filter_price__lt=60&sort=price`.

use std::collections::HashSet;
use std::num::NonZeroUsize;

use crate::entities::{Field, InvalidRoomCode, Kind, Latitude, Longitude, Place, RoomCode, Value};
use crate::use_cases::{
    BoundingBox, Circle, Comparison, Failure, Filter, InvalidParameter, LARGEST_LIMIT,
    RoomListRequest, SortBy, SortKey,
};

/// The name of every filter begins with this.
pub const FILTER: &str = InvalidParameter::FILTER_PREFIX;

/// The other parameters.
const OTHERS: [&str; 5] = ["bbox", "near", "radius", "sort", "limit"];

const BOX: &str = "write MINLON,MINLAT,MAXLON,MAXLAT in degrees, with MINLAT <= MAXLAT, for example \
                   -0.2,51.3,0.4,51.8";
const CENTRE: &str = "write LAT,LON in degrees, for example 51.5,-0.12";
const RADIUS: &str = "write a number of metres, 0 or more, for example 2000";

/// Whether [`parse`] reads a parameter of this name.
#[must_use]
pub fn is_known(name: &str) -> bool {
    name.starts_with(FILTER) || OTHERS.contains(&name)
}

/// Reads a request from parameters, for example `("filter_price__lt", "60")`: filters, `bbox`, `near`
/// with `radius`, `sort` and `limit`. Other parameters are ignored.
///
/// # Errors
///
/// [`Failure::Parameters`] with every parameter that is unknown, repeated, empty or unreadable.
pub fn parse<'a>(
    parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<RoomListRequest, Failure> {
    let mut request = RoomListRequest::default();
    let mut errors = Vec::new();
    let mut report = |name: &str, message: String| {
        errors.push(InvalidParameter { name: name.to_owned(), message });
    };
    let mut seen = HashSet::new();
    let (mut centre, mut radius) = (None, None);
    for (name, value) in parameters.into_iter().filter(|(name, _)| is_known(name)) {
        let read = match name {
            _ if !seen.insert(name) => Err(given_again(name)),
            "bbox" => {
                bounding_box(name, value).map(|bounds| request.filters.push(Filter::Within(bounds)))
            }
            "near" => place(name, value).map(|place| centre = Some(place)),
            "radius" => metres(name, value).map(|metres| radius = Some(metres)),
            "sort" => sort_keys(name, value).map(|keys| request.sort = keys),
            "limit" => limit(name, value).map(|limit| request.limit = Some(limit)),
            name => filter(name.strip_prefix(FILTER).unwrap_or(name), value)
                .map(|filter| request.filters.push(filter)),
        };
        if let Err(message) = read {
            report(name, message);
        }
    }
    match (seen.contains("near"), seen.contains("radius")) {
        (true, false) => report("near", format!("near needs radius as well: {RADIUS}")),
        (false, true) => report("radius", format!("radius needs near as well: {CENTRE}")),
        (false, false) if request.is_by_distance() => {
            report("sort", "to sort by distance, add near and radius".to_owned());
        }
        _ => {}
    }
    if !errors.is_empty() {
        return Err(Failure::Parameters(errors));
    }
    request.near = centre.zip(radius).and_then(|(centre, radius)| Circle::new(centre, radius));
    if request.near.is_some() && request.sort.is_empty() {
        request.sort = vec![SortKey::NEAREST_FIRST];
    }
    Ok(request)
}

/// Says that a parameter is repeated.
#[must_use]
pub fn given_again(name: &str) -> String {
    match name.strip_prefix(FILTER) {
        Some(key) => format!("Key {key} is given more than once"),
        None => format!("{name} is given more than once"),
    }
}

/// Reads `key`, for example `price__lt`, and `value`, for example `60`.
fn filter(key: &str, value: &str) -> Result<Filter, String> {
    let unknown = || format!("Key {key} cannot be used");
    let (name, operator) = key.split_once("__").ok_or_else(unknown)?;
    let field = Field::named(name).ok_or_else(unknown)?;
    let comparison =
        || Comparison::of_kind(&field.kind).iter().find(|known| known.name() == operator);
    match (&field.kind, operator) {
        (Kind::Code, "in") => {
            let codes: Result<_, _> = value.split(',').map(|text| code(key, value, text)).collect();
            codes.map(Filter::CodeIn)
        }
        (Kind::Code, "eq") => Ok(Filter::CodeIn(vec![code(key, value, value)?])),
        (kind, _) => {
            let comparison = comparison().ok_or_else(unknown)?;
            let value = comparable(kind, value).map_err(|instruction| {
                let example = field.example;
                unusable(key, value, &format!("{instruction}, for example {example}"))
            })?;
            Ok(Filter::Compared(field, *comparison, value))
        }
    }
}

/// A value that a field of this kind can be compared with, or what to write. It may lie outside the
/// field's own range.
fn comparable(kind: &Kind, value: &str) -> Result<Value<'static>, String> {
    match kind {
        Kind::Code => value.parse().map(Value::Code).map_err(|_| "write a UUID".to_owned()),
        Kind::Whole { .. } => value
            .parse()
            .map(Value::Whole)
            .map_err(|_| format!("write a whole number from {} to {}", i32::MIN, i32::MAX)),
        Kind::Degrees { .. } => match decimals(value) {
            Some([number]) => Ok(Value::Decimal(number)),
            None => Err("write a finite decimal number".to_owned()),
        },
        Kind::Text { .. } if value.is_empty() => Err("write a text".to_owned()),
        Kind::Text { .. } => Ok(Value::Text(value.to_owned().into())),
    }
}

/// One of the codes in `value`.
fn code(key: &str, value: &str, code: &str) -> Result<RoomCode, String> {
    code.parse().map_err(|error: InvalidRoomCode| unusable(key, value, &error.to_string()))
}

fn bounding_box(name: &str, value: &str) -> Result<BoundingBox, String> {
    decimals(value)
        .and_then(|[west, south, east, north]| BoundingBox::new(west, south, east, north))
        .ok_or_else(|| unusable(name, value, BOX))
}

fn place(name: &str, value: &str) -> Result<Place, String> {
    let place = decimals(value).and_then(|[latitude, longitude]| {
        let (latitude, longitude) = (Latitude::new(latitude), Longitude::new(longitude));
        Some(Place { latitude: latitude.ok()?, longitude: longitude.ok()? })
    });
    place.ok_or_else(|| unusable(name, value, CENTRE))
}

fn metres(name: &str, value: &str) -> Result<f64, String> {
    match decimals(value) {
        Some([radius]) if radius >= 0.0 => Ok(radius),
        _ => Err(unusable(name, value, RADIUS)),
    }
}

/// Reads `price,-size`.
fn sort_keys(name: &str, value: &str) -> Result<Vec<SortKey>, String> {
    let mut keys: Vec<SortKey> = Vec::new();
    for text in value.split(',') {
        let (descending, field) = match text.strip_prefix('-') {
            Some(field) => (true, field),
            None => (false, text),
        };
        let Some(by) = SortBy::all().find(|known| known.name() == field) else {
            let names = SortBy::all().map(SortBy::name).collect::<Vec<_>>().join(", ");
            let instruction =
                format!("write one or more of {names}, with a - before each that descends");
            return Err(unusable(name, value, &instruction));
        };
        if keys.iter().any(|key| key.by == by) {
            return Err(unusable(name, value, "each field can be used once"));
        }
        keys.push(SortKey { by, descending });
    }
    Ok(keys)
}

fn limit(name: &str, value: &str) -> Result<NonZeroUsize, String> {
    let limit: Option<NonZeroUsize> = value.parse().ok();
    limit.filter(|limit| limit.get() <= LARGEST_LIMIT).ok_or_else(|| {
        let instruction = format!(
            "write a whole number from 1 to {LARGEST_LIMIT}, or leave it out for all rooms"
        );
        unusable(name, value, &instruction)
    })
}

/// Says that a value cannot be used, and what to write instead. A long value is cut, and control
/// characters are escaped.
fn unusable(key: &str, value: &str, instruction: &str) -> String {
    const SHOWN: usize = 60;
    let start: String = value.chars().take(SHOWN).collect();
    let rest = if start.len() < value.len() { "…" } else { "" };
    format!("Value {start:?}{rest} of {key} cannot be used: {instruction}")
}

/// Exactly `N` finite numbers, separated by commas.
fn decimals<const N: usize>(value: &str) -> Option<[f64; N]> {
    let numbers: Option<Vec<f64>> = value
        .split(',')
        .map(|number| number.parse().ok().filter(|number: &f64| number.is_finite()))
        .collect();
    numbers?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_and_operator_of_the_contract_is_known() {
        let operators = ["eq", "ne", "lt", "lte", "gt", "gte"];
        for field in ["size", "price", "longitude", "latitude"] {
            for operator in operators {
                let key = format!("{field}__{operator}");
                assert!(filter(&key, "1").is_ok(), "{key}");
            }
        }
        let code = "f853578c-fc0f-4e65-81b8-566c5dffa35a";
        assert!(filter("code__eq", code).is_ok());
        for codes in [code.to_owned(), format!("{code},{}", code.to_uppercase())] {
            assert!(filter("code__in", &codes).is_ok());
        }
    }

    #[test]
    fn an_unknown_key_is_refused_in_the_words_of_the_original() {
        for key in [
            "",
            "foo",
            "price",
            "price__",
            "price__le",
            "__eq",
            "code__lt",
            "code__ne",
            "id__eq",
            "Price__eq",
            "price__eq__eq",
        ] {
            assert_eq!(filter(key, "1"), Err(format!("Key {key} cannot be used")));
        }
    }

    #[test]
    fn an_unreadable_value_is_named_with_its_key() {
        for value in ["cheap", "6.5", "1e2", " 60", "2147483648", "-2147483649", "6\0"] {
            let error = filter("price__lt", value).unwrap_err();
            assert!(error.starts_with(&format!("Value {value:?} of price__lt cannot be used: ")));
        }
        for value in ["NaN", "inf", "-infinity", "1e999", "east", "0,5"] {
            let error = filter("longitude__gt", value).unwrap_err();
            assert!(error.starts_with(&format!("Value {value:?} of longitude__gt cannot be used")));
        }
        let code = "f853578c-fc0f-4e65-81b8-566c5dffa35a";
        for value in ["f853578c", "", &format!("{code},"), &format!("{code} ,{code}")] {
            for key in ["code__eq", "code__in"] {
                assert!(filter(key, value).unwrap_err().contains("is a UUID"), "{value}");
            }
        }
        assert!(filter("code__eq", &format!("{code},{code}")).is_err());
    }

    #[test]
    fn a_long_value_is_cut_in_the_error() {
        let error = filter("price__lt", &"9".repeat(60_000)).unwrap_err();
        assert!(error.len() < 300, "{error}");
    }

    #[test]
    fn an_invalid_box_centre_or_radius_is_refused() {
        for value in ["", "1,2,3", "1,2,3,4,5", "1,2,3,x", "181,0,0,0", "0,3,1,2", "0,NaN,1,2"] {
            assert!(bounding_box("bbox", value).is_err(), "{value}");
        }
        for value in ["", "1", "91,0", "0,181", "1,2,3", "inf,0", "1;2"] {
            assert!(place("near", value).is_err(), "{value}");
        }
        for value in ["", "-1", "NaN", "inf", "1e999", "2km", "1,2"] {
            assert!(metres("radius", value).is_err(), "{value}");
        }
    }

    #[test]
    fn an_order_is_written_as_it_is_read() {
        for text in ["price", "-price,size", "-distance,code,-latitude,longitude"] {
            let keys = sort_keys("sort", text).unwrap();
            let written: Vec<_> = keys.iter().map(SortKey::to_string).collect();
            assert_eq!(written.join(","), text);
        }
    }

    #[test]
    fn an_unknown_order_is_refused_with_the_known_ones() {
        for text in ["", "id", "price,", "--price", "Price", "price desc", " price"] {
            let error = sort_keys("sort", text).unwrap_err();
            assert!(error.contains("code, size, price, latitude, longitude, distance"), "{error}");
        }
        assert!(sort_keys("sort", "price,-price").unwrap_err().contains("once"));
    }
}
