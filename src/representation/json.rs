//! JSON: a bare array, and one object a room (RFC 8259).

use std::io;

use serde::Serialize;
use utoipa::ToSchema;

use super::Format;
use crate::entities::Room;

/// `application/json`
pub struct Json;

/// A room, its keys in the order of the Python original.
#[derive(Serialize, ToSchema)]
#[schema(as = Room)]
pub struct RoomRecord {
    /// A UUID in lower case.
    #[schema(format = "uuid", example = "f853578c-fc0f-4e65-81b8-566c5dffa35a")]
    code: String,
    /// Square metres.
    #[schema(minimum = 1, example = 215)]
    size: i32,
    /// Euro a day.
    #[schema(minimum = 0, example = 39)]
    price: i32,
    /// Degrees north of the equator.
    #[schema(minimum = -90, maximum = 90, example = 51.75436293)]
    latitude: f64,
    /// Degrees east of Greenwich.
    #[schema(minimum = -180, maximum = 180, example = -0.09998975)]
    longitude: f64,
}

impl From<&Room> for RoomRecord {
    fn from(room: &Room) -> Self {
        Self {
            code: room.code.to_string(),
            size: room.size.get(),
            price: room.price.get(),
            latitude: room.latitude.get(),
            longitude: room.longitude.get(),
        }
    }
}

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn begin(&self, out: &mut Vec<u8>) -> io::Result<()> {
        out.push(b'[');
        Ok(())
    }

    fn room(
        &self,
        out: &mut Vec<u8>,
        room: &Room,
        _distance: Option<f64>,
        is_first: bool,
    ) -> io::Result<()> {
        if !is_first {
            out.push(b',');
        }
        self.one(out, room)
    }

    fn end(&self, out: &mut Vec<u8>) -> io::Result<()> {
        out.push(b']');
        Ok(())
    }

    fn one(&self, out: &mut Vec<u8>, room: &Room) -> io::Result<()> {
        Ok(serde_json::to_writer(out, &RoomRecord::from(room))?)
    }
}
