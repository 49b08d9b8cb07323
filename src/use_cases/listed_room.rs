//! A room in a list.

use crate::entities::Room;

/// A room and its place in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedRoom {
    /// The room.
    pub room: Room,
    /// Its place in the order of insertion, larger for later rooms. Wide enough for the numbers of
    /// every storage.
    pub sequence: i128,
    /// Metres from the centre of the requested circle, if there is one.
    pub distance: Option<f64>,
}
