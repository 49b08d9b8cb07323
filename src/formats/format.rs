//! What an output format is.

use std::io;

use serde_json::{Value, json};

use crate::entities::Room;
use crate::use_cases::ListedRoom;

/// Some rooms of a list.
#[derive(Clone, Copy)]
pub struct ListPart<'a> {
    /// The rooms, in their order.
    pub rooms: &'a [ListedRoom],
    /// Whether the list begins with them.
    pub is_first: bool,
    /// Whether the list ends with them.
    pub is_last: bool,
}

/// A format in which rooms are written, some at a time, so that a list need not be in memory.
///
/// The errors are those of the serializer; none is known to occur.
#[expect(clippy::missing_errors_doc, reason = "they are the same everywhere: see above")]
pub trait Format: Sync {
    /// Its short name, for example in `rooms.csv` or `--format csv`.
    fn name(&self) -> &'static str;

    /// Its media type, with parameters.
    fn media_type(&self) -> &'static str;

    /// The text of the link by which a page offers it; `None` if pages do not offer it.
    fn label(&self) -> Option<&'static str>;

    /// Writes some rooms of a list, with their distances if the format has a place for them.
    fn rooms(&self, out: &mut Vec<u8>, part: ListPart<'_>) -> io::Result<()>;

    /// Writes one room that is not part of a list.
    fn one(&self, out: &mut Vec<u8>, room: &Room) -> io::Result<()> {
        let listed = ListedRoom { room: room.clone(), sequence: 0, distance: None };
        self.rooms(out, ListPart { rooms: &[listed], is_first: true, is_last: true })
    }

    /// The schema of a list (OpenAPI 3.1).
    fn list_schema(&self) -> Value {
        json!({ "type": "string" })
    }

    /// The schema of one room.
    fn room_schema(&self) -> Value {
        json!({ "type": "string" })
    }

    /// The schemas that those two refer to, by name.
    fn named_schemas(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }
}
