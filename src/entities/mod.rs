//! What a room is. Values here cannot be wrong once built, so no other ring checks them again.
//!
//! This ring knows nothing but `std` and `uuid`: no storage, no web, no terminal, no settings.

mod measures;
mod place;
mod room;
mod room_code;

pub use measures::{InvalidMeasure, Latitude, Longitude, Price, Size};
pub use place::{EARTH_RADIUS, Place, great_circle_distance};
pub use room::Room;
pub use room_code::{InvalidRoomCode, RoomCode};
