//! What programs and people write, turned into requests and rooms: query parameters, JSON objects, and
//! rows of files. Everything that is wrong is reported at once, each error with its value and what to
//! write instead.
//!
//! A further input format is one file with a [`RowFormat`], and one more line in [`ROW_FORMATS`].

mod csv;
mod ndjson;
pub mod object;
pub mod query;
pub mod room;
mod rows;
mod temporary;

pub use rows::{RowFormat, Rows, import_file};
pub use temporary::{in_temporary_folder, temporary_file};

/// All input formats.
pub const ROW_FORMATS: [&dyn RowFormat; 2] = [&csv::CsvRows, &ndjson::NdjsonRows];
