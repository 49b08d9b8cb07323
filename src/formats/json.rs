//! JSON: a bare array, or one object for one room (RFC 8259).

use std::io;

use serde::Serialize;
use serde_json::{Value, json};

use super::{Format, ListPart, schema};
use crate::entities::{Description, FIELDS, Field, Name, Room};
use crate::use_cases::ListedRoom;

/// `application/json`
pub struct Json;

/// A room, its keys in the order of the Python original. Typed by hand, because writing through the
/// table of fields takes a quarter longer.
#[derive(Serialize)]
struct RoomRecord<'a> {
    code: String,
    size: i32,
    price: i32,
    latitude: f64,
    longitude: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
}

/// Writes one room as an object.
pub fn write_room(out: &mut Vec<u8>, room: &Room) -> io::Result<()> {
    let Room { code, size, price, place, name, description } = room;
    let record = RoomRecord {
        code: code.to_string(),
        size: size.get(),
        price: price.get(),
        latitude: place.latitude.get(),
        longitude: place.longitude.get(),
        name: name.as_ref().map(Name::get),
        description: description.as_ref().map(Description::get),
    };
    Ok(serde_json::to_writer(out, &record)?)
}

/// Writes some elements of an array.
pub fn write_array(
    out: &mut Vec<u8>,
    part: ListPart<'_>,
    write: impl Fn(&mut Vec<u8>, &ListedRoom) -> io::Result<()>,
) -> io::Result<()> {
    let mut separator: &[u8] = if part.is_first { b"[" } else { b"," };
    for listed in part.rooms {
        out.extend(separator);
        write(out, listed)?;
        separator = b",";
    }
    if part.is_first && part.rooms.is_empty() {
        out.push(b'[');
    }
    if part.is_last {
        out.push(b']');
    }
    Ok(())
}

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn label(&self) -> Option<&'static str> {
        Some("JSON")
    }

    fn rooms(&self, out: &mut Vec<u8>, part: ListPart<'_>) -> io::Result<()> {
        write_array(out, part, |out, listed| write_room(out, &listed.room))
    }

    fn one(&self, out: &mut Vec<u8>, room: &Room) -> io::Result<()> {
        write_room(out, room)
    }

    fn list_schema(&self) -> Value {
        json!({ "type": "array", "items": schema::reference("Room") })
    }

    fn room_schema(&self) -> Value {
        schema::reference("Room")
    }

    fn named_schemas(&self) -> Vec<(&'static str, Value)> {
        let is_required = |field: &Field| !field.is_optional;
        vec![("Room", schema::object("A room for rent", FIELDS.iter(), is_required))]
    }
}
