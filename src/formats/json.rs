//! JSON: a bare array, or one object for one room (RFC 8259).

use std::io;

use serde::Serialize;
use utoipa::openapi::schema::ArrayBuilder;
use utoipa::openapi::{RefOr, Schema};

use super::{Format, schema};
use crate::entities::Room;
use crate::use_cases::ListedRoom;

/// `application/json`
pub struct Json;

/// A room, its keys in the order of the Python original. Typed by hand, because writing through the
/// table of fields takes a quarter longer.
#[derive(Serialize)]
struct RoomRecord {
    code: String,
    size: i32,
    price: i32,
    latitude: f64,
    longitude: f64,
}

/// Writes one room as an object.
pub fn write_room(out: &mut Vec<u8>, room: &Room) -> io::Result<()> {
    let Room { code, size, price, place } = room;
    let record = RoomRecord {
        code: code.to_string(),
        size: size.get(),
        price: price.get(),
        latitude: place.latitude.get(),
        longitude: place.longitude.get(),
    };
    Ok(serde_json::to_writer(out, &record)?)
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

    fn begin(&self, out: &mut Vec<u8>) -> io::Result<()> {
        out.push(b'[');
        Ok(())
    }

    fn rooms(&self, out: &mut Vec<u8>, rooms: &[ListedRoom], is_first: bool) -> io::Result<()> {
        for (index, listed) in rooms.iter().enumerate() {
            if index > 0 || !is_first {
                out.push(b',');
            }
            write_room(out, &listed.room)?;
        }
        Ok(())
    }

    fn end(&self, out: &mut Vec<u8>) -> io::Result<()> {
        out.push(b']');
        Ok(())
    }

    fn one(&self, out: &mut Vec<u8>, room: &Room) -> io::Result<()> {
        write_room(out, room)
    }

    fn list_schema(&self) -> RefOr<Schema> {
        ArrayBuilder::new().items(schema::reference("Room")).build().into()
    }

    fn room_schema(&self) -> RefOr<Schema> {
        schema::reference("Room").into()
    }

    fn named_schemas(&self) -> Vec<(&'static str, Schema)> {
        vec![("Room", schema::room("A room for rent", |field| !field.is_optional).build().into())]
    }
}
