//! Newline-delimited JSON: one object per line.

use std::io;

use super::json::write_room;
use super::{Format, ListPart};

/// `application/x-ndjson`
pub struct Ndjson;

impl Format for Ndjson {
    fn name(&self) -> &'static str {
        "ndjson"
    }

    fn media_type(&self) -> &'static str {
        "application/x-ndjson"
    }

    fn label(&self) -> Option<&'static str> {
        None
    }

    fn rooms(&self, out: &mut Vec<u8>, part: ListPart<'_>) -> io::Result<()> {
        for listed in part.rooms {
            write_room(out, &listed.room)?;
            out.push(b'\n');
        }
        Ok(())
    }
}
