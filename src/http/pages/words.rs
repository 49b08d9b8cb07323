//! Numbers and links as people read them.

use crate::entities::{FIELDS, Field, Kind, Place, Room};
use crate::places::Places;

/// A number with separators, for example `1,234`.
pub fn grouped(number: u64) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", grouped(number / 1_000), number % 1_000),
    }
}

/// A number of things, for example `1 room` or `1,234 rooms`.
pub fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

pub fn distance(metres: f64) -> String {
    let is_short = metres < 1_000.0;
    if is_short { format!("{metres:.0} m") } else { format!("{:.1} km", metres / 1_000.0) }
}

/// The radius of a circle as people choose it, for example `3 km`, `2.5 km` or `500 m`.
pub fn radius(metres: f64) -> String {
    if metres < 1_000.0 { format!("{metres} m") } else { format!("{} km", metres / 1_000.0) }
}

/// What a room is called: its name or, for example, `15 m² room in Zehlendorf, Berlin`.
pub fn room_title(room: &Room, places: &Places) -> String {
    if let Some(name) = &room.name {
        return name.get().to_owned();
    }
    let size = room.size.get();
    match places.nearest(room.place) {
        Some(place) => format!("{size} m² room in {}", place.label()),
        None => format!("{size} m² room"),
    }
}

/// Where a room is, with all decimals, for example `51.75436293°, -0.09998975°`.
pub fn location(room: &Room) -> String {
    let is_coordinate = |field: &&Field| matches!(field.kind, Kind::Degrees { .. });
    let coordinates = FIELDS.iter().filter(is_coordinate).map(|field| field.text(room));
    coordinates.collect::<Vec<_>>().join(", ")
}

/// A place, to about a metre.
pub fn coordinates(place: &Place) -> String {
    // Rounding can make a negative zero.
    let rounded = |degrees: f64| (degrees * 1e5).round() / 1e5 + 0.0;
    let latitude = rounded(place.latitude.get());
    let longitude = rounded(place.longitude.get());
    format!("{latitude:.5}°, {longitude:.5}°")
}

pub fn open_street_map(place: &Place) -> String {
    let Place { latitude, longitude } = *place;
    let (latitude, longitude) = (latitude.get(), longitude.get());
    format!(
        "https://www.openstreetmap.org/?mlat={latitude:.7}&mlon={longitude:.7}\
         #map=16/{latitude:.7}/{longitude:.7}"
    )
}
