//! How rooms are printed.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use comfy_table::{CellAlignment, LineStyle, Table, presets};

use crate::cli::output::{CliError, print, say};
use crate::entities::{FIELDS, Field, Kind, Room, Value};
use crate::formats::{FORMATS, Format};

#[derive(Clone, Copy)]
pub enum OutputFormat {
    Table,
    Data(&'static dyn Format),
}

impl OutputFormat {
    pub const TABLE: &str = "table";

    pub fn parser() -> impl TypedValueParser<Value = Self> {
        let names = [Self::TABLE].into_iter().chain(FORMATS.map(Format::name));
        PossibleValuesParser::new(names).map(|name| {
            let format = FORMATS.into_iter().find(|format| format.name() == name);
            format.map_or(Self::Table, Self::Data)
        })
    }

    pub fn print_one(self, room: &Room) -> Result<(), CliError> {
        match self {
            Self::Table => say(&table(&[room], FIELDS.iter()))?,
            Self::Data(format) => {
                let mut bytes = Vec::new();
                format.one(&mut bytes, room)?;
                end_line(&mut bytes);
                print(&bytes)?;
            }
        }
        Ok(())
    }
}

/// Ends the last line, so that the shell's prompt starts on a new one.
pub fn end_line(bytes: &mut Vec<u8>) {
    if matches!(bytes.last(), Some(last) if *last != b'\n') {
        bytes.push(b'\n');
    }
}

/// A table of rooms, one line each: without the texts of several lines.
pub fn table_of_lines(rooms: &[&Room]) -> String {
    let is_line = |field: &&Field| !matches!(field.kind, Kind::Text { is_multiline: true, .. });
    table(rooms, FIELDS.iter().filter(is_line))
}

/// A table of these fields, except those that no room has.
fn table(rooms: &[&Room], fields: impl Iterator<Item = &'static Field>) -> String {
    let is_there =
        |field: &&Field| !field.is_optional || rooms.iter().any(|room| field.value(room).is_some());
    let fields: Vec<&Field> = fields.filter(is_there).collect();
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()))
        .set_header(fields.iter().map(|field| heading(field)));
    for (column, field) in table.column_iter_mut().zip(&fields) {
        column.set_cell_alignment(match field.kind {
            Kind::Code | Kind::Text { .. } => CellAlignment::Left,
            Kind::Whole { .. } | Kind::Degrees { .. } => CellAlignment::Right,
        });
    }
    for room in rooms {
        // A CR alone would overwrite its line.
        let text = |value: Value| value.to_string().replace("\r\n", "\n").replace('\r', "\n");
        table.add_row(fields.iter().map(|field| field.value(room).map(text).unwrap_or_default()));
    }
    format!("{table}\n")
}

fn heading(field: &Field) -> String {
    match field.symbol {
        "" => field.name.to_owned(),
        symbol => format!("{} ({symbol})", field.name),
    }
}
