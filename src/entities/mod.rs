//! What a room is. Values here cannot be wrong once built, so no other ring checks them again.
//!
//! This ring knows nothing but `std` and `uuid`: no storage, no web, no terminal, no settings.

mod measures;
mod room;
mod room_code;

pub use measures::{InvalidMeasure, Latitude, Longitude, Price, Size};
pub use room::Room;
pub use room_code::{InvalidRoomCode, RoomCode};
