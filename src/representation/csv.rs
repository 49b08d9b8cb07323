//! CSV with a header line (RFC 4180). No field of a room ever needs quotes.

use std::io::{self, Write};

use super::Format;
use crate::entities::Room;

/// `text/csv`
pub struct Csv;

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn media_type(&self) -> &'static str {
        "text/csv; charset=utf-8; header=present"
    }

    fn begin(&self, out: &mut Vec<u8>) -> io::Result<()> {
        out.write_all(b"code,size,price,latitude,longitude\r\n")
    }

    fn room(
        &self,
        out: &mut Vec<u8>,
        room: &Room,
        _distance: Option<f64>,
        _is_first: bool,
    ) -> io::Result<()> {
        let (latitude, longitude) = (room.latitude.get(), room.longitude.get());
        let (code, size, price) = (room.code, room.size.get(), room.price.get());
        write!(out, "{code},{size},{price},{latitude},{longitude}\r\n")
    }

    fn end(&self, _out: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }
}
