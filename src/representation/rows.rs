//! Rooms in a file that somebody wrote: CSV with a header (RFC 4180), or an object a line (NDJSON).

use std::io::{BufRead, BufReader, Read};

use csv::{ByteRecord, ReaderBuilder, Terminator};

use super::object;
use crate::use_cases::{FieldValue, ImportRow, RoomFields};

/// A format in which rooms can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFormat {
    /// `text/csv`: the columns in any order, UTF-8 with or without a byte-order mark.
    Csv,
    /// `application/x-ndjson`
    Ndjson,
}

impl RowFormat {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Csv, Self::Ndjson];

    /// Its short name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
        }
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Ndjson => "application/x-ndjson",
        }
    }

    /// The rows of a file, read as they are asked for. A row that cannot be read says why, and so
    /// does a file that cannot be read on.
    pub fn rows<'a>(self, file: impl Read + 'a) -> Box<dyn Iterator<Item = ImportRow> + 'a> {
        match self {
            Self::Csv => csv_rows(file),
            Self::Ndjson => Box::new(ndjson_rows(file)),
        }
    }
}

/// What a CSV file must begin with.
const HEADER: &str = "write a header of code, size, price, latitude, longitude, in any order, with \
                      commas between";

const BYTE_ORDER_MARK: &str = "\u{feff}";

fn csv_rows<'a>(file: impl Read + 'a) -> Box<dyn Iterator<Item = ImportRow> + 'a> {
    // The crate counts lines by this one character; so every record ends with it, also the last.
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .terminator(Terminator::Any(b'\n'))
        .from_reader(file.chain(&b"\n"[..]));
    let mut record = ByteRecord::new();
    let mut header: Option<Vec<String>> = None;
    let mut is_broken = false;
    Box::new(std::iter::from_fn(move || {
        while !is_broken {
            let read = reader.read_byte_record(&mut record);
            let ends = |field: &[u8]| field.split(|byte| *byte == b'\n').count() - 1;
            let within: usize = record.iter().map(ends).sum();
            let line = reader.position().line().saturating_sub(1 + within as u64).max(1);
            let row = |fields| Some(ImportRow { line, fields });
            match read {
                Ok(true) => {}
                Ok(false) if header.is_some() => return None,
                Ok(false) => {
                    is_broken = true;
                    return row(Err(format!("the file is empty: {HEADER}")));
                }
                Err(error) => {
                    is_broken = true;
                    return row(Err(error.to_string()));
                }
            }
            let Some(texts) = texts(&record) else {
                is_broken = header.is_none();
                return row(Err("this is not UTF-8".to_owned()));
            };
            // A line with nothing but its end in the way of Windows.
            if texts.len() == 1 && texts[0].is_empty() {
                continue;
            }
            let Some(names) = &header else {
                let names: Vec<_> = texts.iter().map(|name| name.trim().to_lowercase()).collect();
                if let Some(name) = names.iter().find(|name| !is_column(name)) {
                    is_broken = true;
                    return row(Err(format!("a room has no such column as {name}: {HEADER}")));
                }
                header = Some(names);
                continue;
            };
            if names.len() != texts.len() {
                let (there, expected) = (texts.len(), names.len());
                let message = format!("{there} values, but the header has {expected} columns");
                return row(Err(message));
            }
            let values = texts.into_iter().map(FieldValue::Text);
            return row(Ok(names.iter().cloned().zip(values).collect()));
        }
        None
    }))
}

fn is_column(name: &str) -> bool {
    RoomFields::NAMES.contains(&name)
}

/// The fields of a record, without what Windows puts before a line's end and a file's begin.
fn texts(record: &ByteRecord) -> Option<Vec<String>> {
    let last = record.len().saturating_sub(1);
    record
        .iter()
        .enumerate()
        .map(|(at, field)| {
            let field = if at == last { field.strip_suffix(b"\r").unwrap_or(field) } else { field };
            let text = std::str::from_utf8(field).ok()?;
            Some(text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text).to_owned())
        })
        .collect()
}

fn ndjson_rows(file: impl Read) -> impl Iterator<Item = ImportRow> {
    (1..).zip(BufReader::new(file).split(b'\n')).filter_map(|(line, read)| {
        let row = |fields| Some(ImportRow { line, fields });
        match read {
            Err(error) => row(Err(error.to_string())),
            Ok(bytes) => {
                let bytes = bytes.strip_prefix(BYTE_ORDER_MARK.as_bytes()).unwrap_or(&bytes);
                if bytes.trim_ascii().is_empty() {
                    return None;
                }
                row(object::fields(bytes)
                    .map_err(|error| format!("write one JSON object a line: {error}")))
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: RowFormat, file: &str) -> Vec<(u64, Result<usize, String>)> {
        format
            .rows(file.as_bytes())
            .map(|row| (row.line, row.fields.map(|fields| fields.len())))
            .collect()
    }

    #[test]
    fn a_row_knows_its_line() {
        let csv = "\u{feff}size,PRICE\r\n1,2\n\r\n\"3\",\"4\n\"\n5,6";
        assert_eq!(read(RowFormat::Csv, csv), [(2, Ok(2)), (4, Ok(2)), (6, Ok(2))]);
        let first = RowFormat::Csv.rows(csv.as_bytes()).next().unwrap();
        assert_eq!(
            first.fields.unwrap(),
            [("size", "1"), ("price", "2")]
                .map(|(name, value)| (name.to_owned(), FieldValue::Text(value.to_owned())))
        );
        let ndjson = "\u{feff}{\"size\":1}\n\n  \n{}\r\n";
        assert_eq!(read(RowFormat::Ndjson, ndjson), [(1, Ok(1)), (4, Ok(0))]);
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let rows = read(RowFormat::Csv, "size,price\n1\n1,2,3\n1,2\n");
        assert_eq!(rows[0], (2, Err("1 values, but the header has 2 columns".to_owned())));
        assert_eq!(rows[1].0, 3);
        assert_eq!(rows[2], (4, Ok(2)));
        let rows = read(RowFormat::Ndjson, "{\"size\":1}\n[1]\n{\n");
        assert!(rows[1].1.is_err() && rows[2].1.is_err());
        assert_eq!((rows[1].0, rows[2].0), (2, 3));
    }
}
