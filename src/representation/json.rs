//! JSON: a bare array, and one object a room (RFC 8259).

use serde::Serialize;

use crate::entities::Room;

/// A room, its keys in the order of the Python original.
#[derive(Serialize)]
struct RoomJson {
    code: String,
    size: i32,
    price: i32,
    latitude: f64,
    longitude: f64,
}

impl From<&Room> for RoomJson {
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

/// Writes a list of rooms.
///
/// # Errors
///
/// The serialiser's own.
pub fn list(rooms: &[Room]) -> serde_json::Result<String> {
    serde_json::to_string(&rooms.iter().map(RoomJson::from).collect::<Vec<_>>())
}

/// Writes one room.
///
/// # Errors
///
/// The serialiser's own.
pub fn one(room: &Room) -> serde_json::Result<String> {
    serde_json::to_string(&RoomJson::from(room))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entities::{Latitude, Longitude, Price, RoomCode, Size};

    #[test]
    fn a_room_has_the_originals_keys_in_their_order() {
        let room = Room {
            code: RoomCode::from_u128(0xf853_578c_fc0f_4e65_81b8_566c_5dff_a35a),
            size: Size::new(215).unwrap(),
            price: Price::new(39).unwrap(),
            longitude: Longitude::new(-0.09998975).unwrap(),
            latitude: Latitude::new(51.75436293).unwrap(),
        };
        assert_eq!(
            one(&room).unwrap(),
            r#"{"code":"f853578c-fc0f-4e65-81b8-566c5dffa35a","size":215,"price":39,"latitude":51.75436293,"longitude":-0.09998975}"#
        );
    }
}
