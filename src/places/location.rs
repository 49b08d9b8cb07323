//! Coordinates and distances as people write them, and links to a map.

use crate::entities::{Latitude, Longitude, Place};

/// What stands before the coordinates in a link to Google Maps or OpenStreetMap, the most exact first: a pin,
/// what was searched for, and the middle of the map. OpenStreetMap writes the zoom before the middle.
const IN_LINKS: [(&str, &str); 8] = [
    ("!3d", "!4d"),
    ("mlat=", "mlon="),
    ("query=", ","),
    ("?q=", ","),
    ("&q=", ","),
    ("ll=", ","),
    ("#map=", "/"),
    ("/@", ","),
];

/// Metres, if a distance has no unit: it is in kilometres.
const KILOMETRE: f64 = 1_000.0;

/// Reads coordinates, for example `52.52, 13.40` or `geo:52.52,13.40`, or those in a link to OpenStreetMap or
/// Google Maps.
#[must_use]
pub fn parse_location(text: &str) -> Option<Place> {
    let text = text.trim();
    if is_link(text) {
        return in_link(text);
    }
    // A geo URI may have parameters (RFC 5870).
    let text = match text.strip_prefix("geo:") {
        Some(uri) => uri.split(['?', ';']).next().unwrap_or_default(),
        None => text,
    };
    let numbers = text.split(|c: char| c == ',' || c == ';' || c.is_whitespace());
    let numbers: Vec<&str> = numbers.filter(|number| !number.is_empty()).take(3).collect();
    let [latitude, longitude] = numbers.as_slice() else { return None };
    point(latitude, longitude)
}

/// Whether a text is a link rather than the name of a place.
#[must_use]
pub fn is_link(text: &str) -> bool {
    text.trim_start().starts_with("https://") || text.trim_start().starts_with("http://")
}

fn in_link(link: &str) -> Option<Place> {
    let link = link.replace("%2C", ",").replace("%2c", ",").replace('+', "");
    IN_LINKS.iter().find_map(|(before, between)| {
        let (_, mut rest) = link.split_once(before)?;
        if *before == "#map=" {
            (_, rest) = rest.split_once('/')?;
        }
        let (latitude, longitude) = rest.split_once(between)?;
        point(latitude.split('&').next()?, leading_number(longitude))
    })
}

/// The number at the start of a text that continues.
fn leading_number(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'));
    &text[..end.unwrap_or(text.len())]
}

fn point(latitude: &str, longitude: &str) -> Option<Place> {
    let degrees = |text: &str| text.trim_end_matches('°').parse::<f64>().ok();
    let latitude = Latitude::new(degrees(latitude)?).ok()?;
    let longitude = Longitude::new(degrees(longitude)?).ok()?;
    Some(Place { latitude, longitude })
}

/// The distance from a place, in metres, unless another is chosen.
pub const DEFAULT_RADIUS: f64 = 5_000.0;

/// Reads a distance, for example `3`, `3 km`, `3,5` or `500 m`, and returns metres, finite and 0 or more.
#[must_use]
pub fn parse_distance(text: &str) -> Option<f64> {
    let text = text.trim().to_ascii_lowercase();
    let (number, unit) = if let Some(number) = text.strip_suffix("km") {
        (number, KILOMETRE)
    } else if let Some(number) = text.strip_suffix('m') {
        (number, 1.0)
    } else {
        (text.as_str(), KILOMETRE)
    };
    let number: f64 = number.trim().replacen(',', ".", 1).parse().ok()?;
    // Rounding to a tenth of a millimetre removes what the multiplication adds.
    let metres = (number * unit * 1e4).round() / 1e4;
    (metres.is_finite() && metres >= 0.0).then_some(metres)
}
