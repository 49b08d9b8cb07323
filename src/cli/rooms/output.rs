//! How rooms are printed.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use comfy_table::{CellAlignment, LineStyle, Table, presets};

use crate::cli::output::{CliError, print, say};
use crate::entities::{FIELDS, Field, Kind, Room};
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
            Self::Table => say(&table([room]))?,
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

pub fn table<'a>(rooms: impl IntoIterator<Item = &'a Room>) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()))
        .set_header(FIELDS.iter().map(heading));
    for (column, field) in table.column_iter_mut().zip(&FIELDS) {
        column.set_cell_alignment(match field.kind {
            Kind::Code | Kind::Text { .. } => CellAlignment::Left,
            Kind::Whole { .. } | Kind::Degrees { .. } => CellAlignment::Right,
        });
    }
    for room in rooms {
        let cell = |field: &Field| field.value(room).map(|value| value.to_string());
        table.add_row(FIELDS.iter().map(|field| cell(field).unwrap_or_default()));
    }
    format!("{table}\n")
}

fn heading(field: &Field) -> String {
    match field.symbol {
        "" => field.name.to_owned(),
        symbol => format!("{} ({symbol})", field.name),
    }
}
