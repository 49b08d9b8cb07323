//! CSV with a header line (RFC 4180): the columns in any order, UTF-8 with or without a byte order mark.

use std::io::Read;

use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};

use super::room::FieldValue;
use super::rows::{RowFormat, Rows, row};
use crate::entities::{FIELDS, Field};
use crate::formats::csv::unguarded;
use crate::use_cases::ImportRow;

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// `text/csv`
pub struct CsvRows;

impl RowFormat for CsvRows {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn media_type(&self) -> &'static str {
        "text/csv"
    }

    fn example(&self) -> String {
        let line = |of: fn(&Field) -> &str| {
            FIELDS.iter().filter(|field| field.is_required()).map(of).collect::<Vec<_>>().join(",")
        };
        format!("{}\n{}\n", line(|field| field.name), line(|field| field.example))
    }

    fn rows<'a>(&self, file: Box<dyn Read + 'a>) -> Rows<'a> {
        // The crate counts lines by their terminator, so the last record needs one as well.
        let file: Box<dyn Read + 'a> = Box::new(file.chain(&b"\n"[..]));
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::Any(b'\n'))
            .from_reader(file);
        Box::new(Table { reader, header: None, is_over: false })
    }
}

fn header_instruction() -> String {
    format!("write a header of {}, in any order, separated by commas", Field::names())
}

/// A file that is being read.
struct Table<'a> {
    reader: Reader<Box<dyn Read + 'a>>,
    header: Option<Vec<String>>,
    /// Whether nothing more can be read.
    is_over: bool,
}

impl Iterator for Table<'_> {
    type Item = ImportRow;

    fn next(&mut self) -> Option<ImportRow> {
        while !self.is_over {
            let mut record = ByteRecord::new();
            let read = self.reader.read_byte_record(&mut record);
            let line = self.line(&record);
            let fields = match read {
                Ok(true) => self.fields(&record),
                Ok(false) => {
                    self.is_over = true;
                    let is_empty = self.header.is_none();
                    is_empty.then(|| Err(format!("the file is empty: {}", header_instruction())))
                }
                Err(error) => {
                    self.is_over = true;
                    Some(Err(error.to_string()))
                }
            };
            if let Some(fields) = fields {
                return Some(row(line, fields));
            }
        }
        None
    }
}

impl Table<'_> {
    /// The line where the record begins. The reader stands behind the record, whose quoted fields may
    /// have several lines.
    fn line(&self, record: &ByteRecord) -> u64 {
        let line_ends = |field: &[u8]| field.split(|byte| *byte == b'\n').count() - 1;
        let within: usize = record.iter().map(line_ends).sum();
        self.reader.position().line().saturating_sub(1 + within as u64).max(1)
    }

    /// The fields of a record, or the reason why they cannot be read; `None` for the header and for an
    /// empty line.
    fn fields(&mut self, record: &ByteRecord) -> Option<Result<Vec<(String, FieldValue)>, String>> {
        let Some(texts) = texts(record) else {
            self.is_over = self.header.is_none();
            return Some(Err("this is not UTF-8".to_owned()));
        };
        // An empty line that ends with CR LF.
        if texts.len() == 1 && texts[0].is_empty() {
            return None;
        }
        let Some(names) = &self.header else {
            let names: Vec<_> = texts.iter().map(|name| name.trim().to_lowercase()).collect();
            if let Some(name) = names.iter().find(|name| Field::named(name).is_none()) {
                self.is_over = true;
                return Some(Err(format!("there is no column {name}: {}", header_instruction())));
            }
            self.header = Some(names);
            return None;
        };
        if names.len() != texts.len() {
            let (found, expected) = (texts.len(), names.len());
            return Some(Err(format!("{found} values, but the header has {expected} columns")));
        }
        let values = texts.iter().map(|text| FieldValue::Text(unguarded(text).to_owned()));
        Some(Ok(names.iter().cloned().zip(values).collect()))
    }
}

/// The texts of a record, without a CR before the line's end and a byte order mark at the file's start.
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
