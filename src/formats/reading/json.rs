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

const NOT_ONE_ROOM: &str = "more than one value: write a JSON array of rooms, or import the file as NDJSON \
                            (.ndjson, .jsonl)";

const IS_GEOJSON: &str = "this is GeoJSON: import it as a file whose name ends with .geojson, or as \
                          application/geo+json";

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

    /// The text of the only room, which is not in a list, and its line.
    fn only_room(&mut self) -> Result<(u64, Vec<u8>), String> {
        self.state = State::AfterRoom;
        let line = self.scanner.line;
        self.scanner.expect(b'{')?;
        let Some(name) = self.scanner.member(true)? else { return Ok((line, b"{}".to_vec())) };
        let value = self.scanner.value()?;
        if name == br#""type""# && value.starts_with(br#""Feature"#) {
            return Err(IS_GEOJSON.to_owned());
        }
        let begin = [&b"{"[..], &name, b":", &value].concat();
        Ok((line, self.scanner.rest_of(begin, 1)?))
    }

    /// The text of the next object, and its line.
    fn next_object(&mut self) -> Result<Option<(u64, Vec<u8>)>, String> {
        if let State::Start = self.state {
            self.state = match self.scanner.peek()? {
                Some(b'[') => State::InList { is_first: true },
                Some(b'{') => return self.only_room().map(Some),
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
                let end = self.scanner.expect_end();
                end.map(|()| None).map_err(|_| NOT_ONE_ROOM.to_owned())
            }
            State::Start | State::Over => Ok(None),
        }
    }
}
