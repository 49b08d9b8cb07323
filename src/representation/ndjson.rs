//! Newline-delimited JSON: one object a line.

use std::io;

use super::Format;
use super::json::RoomRecord;
use crate::entities::Room;

/// `application/x-ndjson`
pub struct Ndjson;

impl Format for Ndjson {
    fn name(&self) -> &'static str {
        "ndjson"
    }

    fn media_type(&self) -> &'static str {
        "application/x-ndjson"
    }

    fn begin(&self, _out: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }

    fn room(
        &self,
        out: &mut Vec<u8>,
        room: &Room,
        _distance: Option<f64>,
        _is_first: bool,
    ) -> io::Result<()> {
        serde_json::to_writer(&mut *out, &RoomRecord::from(room))?;
        out.push(b'\n');
        Ok(())
    }

    fn end(&self, _out: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }
}
