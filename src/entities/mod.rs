//! What a room is. A value here is valid once it is built, so no other ring checks it again.
//!
//! This ring knows nothing but `std` and `uuid`: no storage, no web, no terminal, no settings.

mod code;
mod folded;
mod measures;
mod place;
mod room;
mod text;
mod value;

pub use code::{CodeStart, InvalidRoomCode, RoomCode};
pub use folded::{Folded, folded};
pub use measures::{InvalidValue, Latitude, Longitude, Price, Size};
pub use place::{EARTH_RADIUS, Place, great_circle_distance};
pub use room::{FIELDS, Field, Kind, Room, RoomDraft};
pub use text::{Description, Name};
pub use value::Value;
