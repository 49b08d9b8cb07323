//! How rooms are written for programs, and read from what programs and people write, for the web and
//! the terminal alike.
//!
//! A further output format is one file with a [`Format`], and one more line in [`FORMATS`]. What is read
//! is in [`reading`]. This ring knows the use cases and the entities, but neither the web nor the
//! terminal.

mod csv;
mod format;
mod geojson;
mod json;
mod ndjson;
pub mod reading;
pub mod schema;

pub use format::{Format, ListPart};

/// All output formats, the default first.
pub const FORMATS: [&dyn Format; 4] = [&json::Json, &ndjson::Ndjson, &csv::Csv, &geojson::GeoJson];
