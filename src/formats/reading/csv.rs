//! CSV with a header line (RFC 4180), as spreadsheets write it: the columns in any order, separated by
//! commas, semicolons, tabs or vertical bars, the lines ended by CR LF, LF or CR.

use std::io::{self, BufRead, Cursor, Read};
use std::iter;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::columns::Columns;
use super::excerpt::excerpt;
use super::limits::{MAX_COLUMNS, MAX_ROW, too_long, too_many_names};
use super::room::FieldValue;
use super::rows::{RowFormat, Rows, row};
use super::text::{NOT_UTF8, text};
use crate::entities::{FIELDS, Field};
use crate::formats::csv::unguarded;
use crate::use_cases::ImportRow;

/// The separators between columns, the usual one last.
const SEPARATORS: [u8; 4] = [b'|', b'\t', b';', b','];

/// Other names of columns.
const ALIASES: [(&str, &str); 4] =
    [("lat", "latitude"), ("lng", "longitude"), ("lon", "longitude"), ("long", "longitude")];

/// `text/csv`
pub struct CsvRows;

impl RowFormat for CsvRows {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn media_types(&self) -> &'static [&'static str] {
        &["text/csv", "text/tab-separated-values"]
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["csv", "tsv", "txt"]
    }

    fn example(&self) -> String {
        let line = |of: fn(&Field) -> &str| {
            FIELDS.iter().filter(|field| field.is_required()).map(of).collect::<Vec<_>>().join(",")
        };
        format!("{}\n{}\n", line(|field| field.name), line(|field| field.example))
    }

    fn rows<'a>(&self, file: Box<dyn Read + 'a>, columns: &'a Columns) -> Rows<'a> {
        match text(file).and_then(|file| Table::new(file, columns)) {
            Ok(table) => Box::new(table),
            Err(message) => Box::new(iter::once(row(1, Err(message)))),
        }
    }
}

const UNCLOSED: &str = "a quotation mark is opened here and never closed: is the file complete?";

fn header_instruction() -> String {
    format!("write a header of {}, in any order, separated by commas", Field::names())
}

/// What a column is.
enum Column {
    Field(&'static Field),
    Ignored,
    /// Without a name, as spreadsheets leave it at the end. It must be empty.
    Nameless,
}

/// A file that is being read.
struct Table<'a> {
    file: Box<dyn BufRead + 'a>,
    parser: Reader,
    /// The line that is read next, from 1.
    line: u64,
    /// The last byte that was read.
    last: u8,
    /// Whether the decimal separator may be a comma.
    has_comma: bool,
    columns: &'a Columns,
    header: Option<Vec<Column>>,
    /// The values of a record without anything between them, and where each ends.
    values: Vec<u8>,
    ends: Vec<usize>,
    /// Whether nothing more can be read.
    is_over: bool,
}

impl Iterator for Table<'_> {
    type Item = ImportRow;

    fn next(&mut self) -> Option<ImportRow> {
        while !self.is_over {
            let (line, read) = self.read();
            let fields = match read {
                Ok(Some(columns)) => self.fields(columns),
                Ok(None) => {
                    self.is_over = true;
                    let is_empty = self.header.is_none();
                    is_empty.then(|| Err(format!("the file is empty: {}", header_instruction())))
                }
                Err(message) => {
                    self.is_over = true;
                    Some(Err(message))
                }
            };
            if let Some(fields) = fields {
                return Some(row(line, fields));
            }
        }
        None
    }
}

impl<'a> Table<'a> {
    fn new(mut file: Box<dyn BufRead + 'a>, columns: &'a Columns) -> Result<Self, String> {
        let mut first = first_line(&mut file)?;
        let mut line = 1;
        // The first line may be one that tells Excel the separator.
        let named = named_separator(&first);
        if named.is_some() {
            line += line_ends(0, &first);
            first = first_line(&mut file)?;
        }
        let separator = named.unwrap_or_else(|| separator_of(&first));
        Ok(Self {
            file: Box::new(Cursor::new(first).chain(file)),
            parser: ReaderBuilder::new().delimiter(separator).build(),
            line,
            last: 0,
            has_comma: separator != b',',
            columns,
            header: None,
            values: Vec::new(),
            ends: vec![0; MAX_COLUMNS + 1],
            is_over: false,
        })
    }

    /// Reads the next record: the line where it begins, or where it is wrong, and its number of values;
    /// `None` at the end.
    fn read(&mut self) -> (u64, Result<Option<usize>, String>) {
        if let Err(error) = self.skip_line_ends() {
            return (self.line, Err(error.to_string()));
        }
        let begin = self.line;
        let (mut length, mut columns) = (0, 0);
        loop {
            if length == self.values.len() {
                if length == MAX_ROW {
                    return (begin, Err(too_long()));
                }
                self.values.resize((2 * length).clamp(4 * 1024, MAX_ROW), 0);
            }
            let input = match self.file.fill_buf() {
                Ok(input) => input,
                Err(error) => return (self.line, Err(error.to_string())),
            };
            let is_end = input.is_empty();
            let (result, read, written, ended) = self.parser.read_record(
                if is_end { b"\n" } else { input },
                &mut self.values[length..],
                &mut self.ends[columns..],
            );
            if !is_end {
                self.line += line_ends(self.last, &input[..read]);
                self.last = input[..read].last().copied().unwrap_or(self.last);
                self.file.consume(read);
            }
            length += written;
            columns += ended;
            match result {
                ReadRecordResult::Record => return (begin, Ok(Some(columns))),
                ReadRecordResult::OutputEndsFull => {
                    return (begin, Err(too_many_names(MAX_COLUMNS)));
                }
                // A line end that is a part of a value, so the value has no end.
                _ if is_end && written > 0 => {
                    let complete = columns.checked_sub(1).map_or(0, |last| self.ends[last]);
                    let line = begin + line_ends(0, &self.values[..complete]);
                    return (line, Err(UNCLOSED.to_owned()));
                }
                _ if is_end => return (begin, Ok(None)),
                _ => {}
            }
        }
    }

    /// Skips empty lines, so that the line where a record begins is known.
    fn skip_line_ends(&mut self) -> io::Result<()> {
        loop {
            let input = self.file.fill_buf()?;
            let rest = input.iter().position(|byte| !matches!(byte, b'\r' | b'\n'));
            let skipped = &input[..rest.unwrap_or(input.len())];
            if skipped.is_empty() {
                return Ok(());
            }
            self.line += line_ends(self.last, skipped);
            self.last = skipped.last().copied().unwrap_or(self.last);
            let number = skipped.len();
            self.file.consume(number);
        }
    }

    /// The fields of the record, or the reason why they cannot be read; `None` for the header and for an
    /// empty row.
    fn fields(&mut self, columns: usize) -> Option<Result<Vec<(String, FieldValue)>, String>> {
        let Some(texts) = texts(&self.values, &self.ends[..columns]) else {
            self.is_over = self.header.is_none();
            return Some(Err(NOT_UTF8.to_owned()));
        };
        if texts.iter().all(|text| text.trim().is_empty()) {
            return None;
        }
        let Some(header) = &self.header else {
            match header(&texts, self.columns) {
                Ok(header) => self.header = Some(header),
                Err(message) => {
                    self.is_over = true;
                    return Some(Err(message));
                }
            }
            return None;
        };
        let value = if self.has_comma { FieldValue::TextWithComma } else { FieldValue::Text };
        Some(fields(header, self.columns, &texts, value))
    }
}

/// The fields in a row.
fn fields(
    header: &[Column],
    columns: &Columns,
    texts: &[&str],
    value: fn(String) -> FieldValue,
) -> Result<Vec<(String, FieldValue)>, String> {
    let needed = header.iter().rposition(|column| matches!(column, Column::Field(_)));
    if texts.len() <= needed.unwrap_or(0) {
        let (found, expected) = (texts.len(), header.len());
        return Err(format!("{found} values, but the header has {expected} columns"));
    }
    let mut fields = Vec::with_capacity(header.len().min(FIELDS.len()));
    for (at, text) in texts.iter().enumerate() {
        match header.get(at) {
            Some(Column::Field(field)) => {
                fields.push((field.name.to_owned(), value(unguarded(text).to_owned())));
            }
            Some(Column::Ignored) => {}
            Some(Column::Nameless) | None if text.trim().is_empty() => {}
            Some(Column::Nameless) => {
                let column = format!("column {}", at + 1);
                if !columns.ignores(&column) {
                    return Err(format!(
                        "{column} has a value but no name: name it, empty it, or ignore other columns \
                         (columns=ignore)"
                    ));
                }
            }
            None => {
                let (found, expected) = (texts.len(), header.len());
                return Err(format!("{found} values, but the header has {expected} columns"));
            }
        }
    }
    Ok(fields)
}

/// The columns of the header.
fn header(names: &[&str], columns: &Columns) -> Result<Vec<Column>, String> {
    let is_named = |name: &&&str| !name.trim().is_empty();
    if names.iter().filter(is_named).count() > columns.most() {
        return Err(format!("{}: {}", too_many_names(columns.most()), header_instruction()));
    }
    let mut header = Vec::with_capacity(names.len());
    let mut seen = Vec::new();
    let mut unknown = Vec::new();
    for name in names {
        header.push(match field(name) {
            Some(field) if seen.contains(&field) => {
                return Err(format!("the column {} is given more than once", field.name));
            }
            Some(field) => {
                seen.push(field);
                Column::Field(field)
            }
            None if name.trim().is_empty() => Column::Nameless,
            None if columns.ignores(name.trim()) => Column::Ignored,
            None => {
                unknown.push(format!("no column {}", excerpt(name.trim())));
                Column::Ignored
            }
        });
    }
    let instruction = header_instruction();
    if unknown.is_empty() {
        let is_table = !seen.is_empty();
        return is_table
            .then_some(header)
            .ok_or_else(|| format!("no column is a field: {instruction}"));
    }
    Err(format!(
        "there is {}: {instruction}, or ignore other columns (columns=ignore)",
        unknown.join(", ")
    ))
}

/// The field that a column has.
fn field(name: &str) -> Option<&'static Field> {
    let name = name.trim().to_lowercase();
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
    Field::named(alias.map_or(&name, |(_, name)| name))
}

/// The values of a record, if they are UTF-8.
fn texts<'a>(values: &'a [u8], ends: &[usize]) -> Option<Vec<&'a str>> {
    let begins = iter::once(0).chain(ends.iter().copied());
    begins.zip(ends).map(|(begin, end)| str::from_utf8(values.get(begin..*end)?).ok()).collect()
}

/// The first line that is not empty, with the empty ones before it.
fn first_line(file: &mut dyn BufRead) -> Result<Vec<u8>, String> {
    let mut line: Vec<u8> = Vec::new();
    let mut is_empty = true;
    loop {
        let next = file.fill_buf().map_err(|error| error.to_string())?.first().copied();
        let Some(next) = next else { return Ok(line) };
        // An LF after a CR belongs to the same line end.
        let is_over = match line.last() {
            Some(b'\n') => true,
            Some(b'\r') => next != b'\n',
            _ => false,
        };
        if is_over && !is_empty {
            return Ok(line);
        }
        if line.len() == MAX_ROW {
            return Err(too_long());
        }
        is_empty = is_empty && matches!(next, b'\r' | b'\n');
        line.push(next);
        file.consume(1);
    }
}

/// The separator that a line like `sep=;` names.
fn named_separator(line: &[u8]) -> Option<u8> {
    let text = str::from_utf8(line).ok()?.trim_matches(['\r', '\n', '"']);
    let (name, separator) = text.split_at_checked("sep=".len())?;
    let is_name = name.eq_ignore_ascii_case("sep=");
    SEPARATORS.into_iter().find(|known| is_name && separator.as_bytes() == [*known])
}

/// The separator with which most names in the header are those of fields.
fn separator_of(header: &[u8]) -> u8 {
    let header = String::from_utf8_lossy(header);
    let names = |separator: &u8| {
        let names = header.split(char::from(*separator));
        let names = names.take(MAX_COLUMNS).map(|name| name.trim().trim_matches('"'));
        names.filter(|name| field(name).is_some()).count()
    };
    SEPARATORS.into_iter().max_by_key(names).unwrap_or(b',')
}

/// The number of lines that end in these bytes, after a byte of the same line. CR LF ends one.
fn line_ends(mut before: u8, bytes: &[u8]) -> u64 {
    let mut number = 0;
    for byte in bytes {
        number += u64::from(*byte == b'\r' || *byte == b'\n' && before != b'\r');
        before = *byte;
    }
    number
}
