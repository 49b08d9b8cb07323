//! NDJSON: one JSON object per line.

use std::io::{BufRead, BufReader, Read};

use serde_json::{Map, Value};

use super::object;
use super::rows::{RowFormat, Rows, row};
use crate::entities::FIELDS;
use crate::formats::schema;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// `application/x-ndjson`
pub struct NdjsonRows;

impl RowFormat for NdjsonRows {
    fn name(&self) -> &'static str {
        "ndjson"
    }

    fn media_type(&self) -> &'static str {
        "application/x-ndjson"
    }

    fn example(&self) -> String {
        let required = FIELDS.iter().filter(|field| field.is_required());
        let members: Map<String, Value> =
            required.map(|field| (field.name.to_owned(), schema::example(field))).collect();
        format!("{}\n", Value::from(members))
    }

    fn rows<'a>(&self, file: Box<dyn Read + 'a>) -> Rows<'a> {
        let lines = (1..).zip(BufReader::new(file).split(b'\n'));
        Box::new(lines.filter_map(|(line, read)| match read {
            Err(error) => Some(row(line, Err(error.to_string()))),
            Ok(bytes) => {
                let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes);
                if bytes.trim_ascii().is_empty() {
                    return None;
                }
                let fields = object::fields(bytes)
                    .map_err(|error| format!("write one JSON object per line: {error}"));
                Some(row(line, fields))
            }
        }))
    }
}
