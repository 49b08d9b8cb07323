//! NDJSON: one JSON object per line.

use std::io::{BufRead, Read};
use std::iter;

use serde_json::{Map, Value};

use super::columns::Columns;
use super::limits::{MAX_ROW, too_long};
use super::object;
use super::rows::{RowFormat, Rows, row};
use super::text::text;
use crate::entities::FIELDS;
use crate::formats::schema;

/// `application/x-ndjson`
pub struct NdjsonRows;

impl RowFormat for NdjsonRows {
    fn name(&self) -> &'static str {
        "ndjson"
    }

    fn media_types(&self) -> &'static [&'static str] {
        &[
            "application/x-ndjson",
            "application/ndjson",
            "application/jsonl",
            "application/x-jsonlines",
        ]
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["ndjson", "jsonl"]
    }

    fn example(&self) -> String {
        format!("{}\n", example_object())
    }

    fn rows<'a>(&self, file: Box<dyn Read + 'a>, columns: &'a Columns) -> Rows<'a> {
        let mut file = match text(file) {
            Ok(file) => file,
            Err(message) => return Box::new(iter::once(row(1, Err(message)))),
        };
        let mut is_over = false;
        let lines = (1..).map_while(move |line| {
            let read = if is_over { None } else { next_line(&mut file).transpose() };
            is_over = matches!(read, Some(Err(_)));
            read.map(|read| (line, read))
        });
        Box::new(lines.filter_map(|(line, read)| {
            let fields = match read {
                Ok(bytes) if bytes.trim_ascii().is_empty() => return None,
                Ok(bytes) => object::fields(&bytes, columns)
                    .map_err(|error| format!("write one JSON object per line: {error}")),
                Err(message) => Err(message),
            };
            Some(row(line, fields))
        }))
    }
}

/// A room without a code, as an object.
pub(super) fn example_object() -> Value {
    let required = FIELDS.iter().filter(|field| field.is_required());
    let members = required.map(|field| (field.name.to_owned(), schema::example(field)));
    Value::from(members.collect::<Map<_, _>>())
}

/// The next line, or the reason why no more can be read; `None` at the end.
fn next_line(file: &mut dyn BufRead) -> Result<Option<Vec<u8>>, String> {
    let mut line = Vec::new();
    let most = MAX_ROW as u64 + 1;
    let read = file.take(most).read_until(b'\n', &mut line);
    match read.map_err(|error| error.to_string())? {
        0 => Ok(None),
        _ if line.len() > MAX_ROW && line.last() != Some(&b'\n') => Err(too_long()),
        _ => Ok(Some(line)),
    }
}
