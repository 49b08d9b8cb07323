//! The text form of a request for a list, for example `filter_price__lt=60&sort=price`.

use std::collections::HashSet;
use std::num::NonZeroUsize;

use super::excerpt::excerpt;
use super::room::{parse_code, parse_decimal, parse_whole};
use crate::entities::{Field, Folded, Kind, Latitude, Longitude, Place, RoomCode, Value};
use crate::use_cases::{
    BoundingBox, Circle, Comparison, Failure, Filter, InvalidParameter, LARGEST_LIMIT,
    RoomListRequest, SortBy, SortKey, TextComparison,
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
        errors.push(InvalidParameter { name: excerpt(name), message });
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
        Some(key) => format!("Key {} is given more than once", excerpt(key)),
        None => format!("{} is given more than once", excerpt(name)),
    }
}

/// Reads `key`, for example `price__lt`, and `value`, for example `60`.
fn filter(key: &str, value: &str) -> Result<Filter, String> {
    let unknown = || format!("Key {} cannot be used", excerpt(key));
    let (name, operator) = key.split_once("__").ok_or_else(unknown)?;
    let field = Field::named(name).ok_or_else(unknown)?;
    match (&field.kind, operator) {
        (Kind::Code, "in") => {
            let codes: Result<_, _> = value.split(',').map(|text| code(key, value, text)).collect();
            Ok(Filter::CodeIn(codes?))
        }
        (Kind::Code, "eq") => Ok(Filter::CodeIn(vec![code(key, value, value)?])),
        (kind @ Kind::Text { longest, is_multiline, .. }, _) => {
            let mut known = TextComparison::of_kind(kind).iter();
            let comparison = known.find(|known| known.name() == operator).ok_or_else(unknown)?;
            let is_line = |c: char| !c.is_control() || *is_multiline && matches!(c, '\n' | '\r');
            let most = longest_wanted(*longest);
            if !(1..=most).contains(&value.chars().count()) || !value.chars().all(is_line) {
                let instruction = format!(
                    "write 1 to {most} characters, without control characters, for example {}",
                    field.example
                );
                return Err(unusable(key, value, &instruction));
            }
            Ok(Filter::Text(field, *comparison, Folded::new(value)))
        }
        (kind, _) => {
            let mut known = Comparison::of_kind(kind).iter();
            let comparison = known.find(|known| known.name() == operator).ok_or_else(unknown)?;
            let value = comparable(kind, value).map_err(|instruction| {
                let example = field.example;
                unusable(key, value, &format!("{instruction}, for example {example}"))
            })?;
            Ok(Filter::Compared(field, *comparison, value))
        }
    }
}

/// The most characters of a text to find, in a field with texts of up to `longest`. The work of a database is
/// proportional to the product of the two, and MongoDB's patterns have a largest size.
#[must_use]
pub fn longest_wanted(longest: usize) -> usize {
    longest.min(120)
}

/// A value that a field of this kind can be compared with, or what to write. It may lie outside the
/// field's own range.
fn comparable(kind: &Kind, value: &str) -> Result<Value<'static>, String> {
    match kind {
        Kind::Code => parse_code(value).map(Value::Code).map_err(|_| "write a UUID".to_owned()),
        Kind::Whole { .. } => parse_whole(value)
            .map(Value::Whole)
            .ok_or_else(|| format!("write a whole number from {} to {}", i32::MIN, i32::MAX)),
        Kind::Degrees { .. } => parse_decimal(value)
            .map(Value::Decimal)
            .ok_or_else(|| "write a finite decimal number".to_owned()),
        Kind::Text { .. } => Ok(Value::Text(value.to_owned().into())),
    }
}

/// One of the codes in `value`.
fn code(key: &str, value: &str, code: &str) -> Result<RoomCode, String> {
    parse_code(code).map_err(|error| unusable(key, value, &error.to_string()))
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
    for text in value.split(',').map(str::trim) {
        let descending = text.starts_with('-');
        let field = text.strip_prefix('-').unwrap_or(text);
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
    let limit: Option<NonZeroUsize> = value.trim().parse().ok();
    limit.filter(|limit| limit.get() <= LARGEST_LIMIT).ok_or_else(|| {
        let instruction = format!(
            "write a whole number from 1 to {LARGEST_LIMIT}, or leave it out for all rooms"
        );
        unusable(name, value, &instruction)
    })
}

/// Says that a value cannot be used, and what to write instead.
#[must_use]
pub fn unusable(key: &str, value: &str, instruction: &str) -> String {
    let (key, value) = (excerpt(key), quoted(value));
    format!("Value {value} of {key} cannot be used: {instruction}")
}

/// The start of a value in quotation marks, with control characters escaped.
fn quoted(value: &str) -> String {
    const SHOWN: usize = 60;
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{:?}…", &value[..end]),
        None => format!("{value:?}"),
    }
}

/// Exactly `N` finite numbers, separated by commas.
fn decimals<const N: usize>(value: &str) -> Option<[f64; N]> {
    value.split(',').map(parse_decimal).collect::<Option<Vec<_>>>()?.try_into().ok()
}
