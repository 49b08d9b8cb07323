//! What programs and people write, turned into requests and rooms: query parameters, JSON objects, and
//! rows of files. Everything that is wrong is reported at once, each error with its value and what to
//! write instead.
//!
//! A further input format is one file with a [`RowFormat`], and one more line in [`ROW_FORMATS`].

mod columns;
mod csv;
mod excerpt;
mod geojson;
mod json;
pub mod limits;
mod ndjson;
pub mod object;
pub mod query;
pub mod room;
mod rows;
mod scanner;
mod temporary;
mod text;

pub use columns::{Columns, UnknownColumns};
pub use excerpt::excerpt;
pub use rows::{FileReport, ImportChoices, RowFormat, Rows, import_file};
pub use temporary::{in_temporary_folder, temporary_file};

/// All input formats. Each format that is written can be read.
pub const ROW_FORMATS: [&dyn RowFormat; 4] =
    [&csv::CsvRows, &ndjson::NdjsonRows, &json::JsonRows, &geojson::GeoJsonRows];

/// The format of a file, by the end of its name, in any case.
#[must_use]
pub fn format_of_name(name: &str) -> Option<&'static dyn RowFormat> {
    let (_, extension) = name.rsplit_once('.')?;
    let is_one = |known: &&str| known.eq_ignore_ascii_case(extension);
    ROW_FORMATS.into_iter().find(|format| format.extensions().iter().any(is_one))
}
