//! JSON: a list of rooms, or one room.

use std::io::{BufRead, Read};
use std::iter;

use super::columns::Columns;
use super::ndjson::example_object;
use super::object;
use super::room::FieldValue;
use super::rows::{RowFormat, Rows, row};
use super::scanner::Scanner;
use super::text::text;
use crate::use_cases::ImportRow;

/// `application/json`
pub struct JsonRows;

impl RowFormat for JsonRows {
    fn name(&self) -> &'static str {
        "json"
    }

    fn media_types(&self) -> &'static [&'static str] {
        &["application/json"]
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["json"]
    }

    fn example(&self) -> String {
        format!("[{}]\n", example_object())
    }

    fn rows<'a>(&self, file: Box<dyn Read + 'a>, columns: &'a Columns) -> Rows<'a> {
        match text(file) {
            Ok(file) => Box::new(List::new(file, columns)),
            Err(message) => Box::new(iter::once(row(1, Err(message)))),
        }
    }
}

/// How far a file has been read.
enum State {
    Start,
    /// In the list, before an element; the first has no comma before it.
    InList {
        is_first: bool,
    },
    /// After the only room.
    AfterRoom,
    Over,
}

struct List<'a> {
    scanner: Scanner<'a>,
    columns: &'a Columns,
    state: State,
}

impl Iterator for List<'_> {
    type Item = ImportRow;

    fn next(&mut self) -> Option<ImportRow> {
        let read = self.next_object();
        let line = self.scanner.line;
        match read {
            Ok(Some((line, object))) => Some(row(line, self.fields(&object))),
            Ok(None) => None,
            Err(message) => {
                self.state = State::Over;
                Some(row(line, Err(message)))
            }
        }
    }
}

impl<'a> List<'a> {
    fn new(file: Box<dyn BufRead + 'a>, columns: &'a Columns) -> Self {
        Self { scanner: Scanner::new(file), columns, state: State::Start }
    }

    fn fields(&self, object: &[u8]) -> Result<Vec<(String, FieldValue)>, String> {
        object::fields(object, self.columns)
            .map_err(|error| format!("write one JSON object per room: {error}"))
    }

    /// The text of the next object, and its line.
    fn next_object(&mut self) -> Result<Option<(u64, Vec<u8>)>, String> {
        if let State::Start = self.state {
            self.state = match self.scanner.peek()? {
                Some(b'[') => State::InList { is_first: true },
                Some(b'{') => {
                    self.state = State::AfterRoom;
                    return Ok(Some((self.scanner.line, self.scanner.value()?)));
                }
                Some(_) => return Err("write a JSON array of rooms".to_owned()),
                None => return Err("the file is empty: write a JSON array of rooms".to_owned()),
            };
            self.scanner.expect(b'[')?;
        }
        match self.state {
            State::InList { is_first } => {
                let element = self.scanner.element(is_first)?;
                self.state = State::InList { is_first: false };
                if element.is_none() {
                    self.state = State::Over;
                    self.scanner.expect_end()?;
                }
                Ok(element)
            }
            State::AfterRoom => {
                self.state = State::Over;
                self.scanner.expect_end()?;
                Ok(None)
            }
            State::Start | State::Over => Ok(None),
        }
    }
}
