//! The owner's own places, from the file in `places.file`.

use std::error::Error;
use std::fmt;
use std::fs::File;
use std::path::Path;

use csv::{ReaderBuilder, StringRecord, Trim};

use super::fold::{LONGEST_NAME, fold};
use super::named_place::NamedPlace;
use crate::entities::{Latitude, Longitude, Place};

const COLUMNS: [&str; 3] = ["name", "latitude", "longitude"];

/// The most places in the file: they are in memory, and each search looks at all of them.
const MOST: usize = 10_000;

/// A place of the owner's.
#[derive(Debug)]
pub struct OwnPlace {
    name: String,
    /// The folded name.
    pub key: String,
    location: Place,
}

impl OwnPlace {
    pub fn named_place(&self) -> NamedPlace<'_> {
        let (name, location) = (self.name.as_str(), self.location);
        NamedPlace { name, region: "", country: "", location, inhabitants: None }
    }
}

/// Why the places cannot be used: what is wrong, where, and what to do.
#[derive(Debug)]
pub struct PlacesError(pub(super) String);

impl fmt::Display for PlacesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for PlacesError {}

/// Reads the file: CSV with a header of name, latitude and longitude, in any order.
pub fn read(path: &Path) -> Result<Vec<OwnPlace>, PlacesError> {
    let failed = |what: String| PlacesError(format!("places.file: {}: {what}", path.display()));
    let file = File::open(path).map_err(|error| failed(error.to_string()))?;
    let mut reader = ReaderBuilder::new().trim(Trim::All).flexible(true).from_reader(file);
    let header = reader.headers().map_err(|error| failed(error.to_string()))?;
    let position = |name| header.iter().position(|column| is_column(column, name));
    let [Some(name), Some(latitude), Some(longitude)] = COLUMNS.map(position) else {
        let names = COLUMNS.join(",");
        let found = header.iter().take(COLUMNS.len()).collect::<Vec<_>>().join(",");
        return Err(failed(format!("the first line is {found:?}: it must be {names}")));
    };
    let mut places = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| failed(error.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let place = own_place(&record, [name, latitude, longitude]);
        places.push(place.map_err(|what| failed(format!("line {line}: {what}")))?);
        if places.len() > MOST {
            return Err(failed(format!("it has more than {MOST} places: leave some out")));
        }
    }
    Ok(places)
}

/// Whether this is the column's name; some programs write a byte order mark before the first one.
fn is_column(column: &str, name: &str) -> bool {
    column.trim_start_matches('\u{feff}').trim().eq_ignore_ascii_case(name)
}

fn own_place(record: &StringRecord, columns: [usize; 3]) -> Result<OwnPlace, String> {
    let [name, latitude, longitude] = columns.map(|column| record.get(column).unwrap_or_default());
    let key = fold(name);
    if key.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(format!("name is {name:?}: write a name of 1 to {LONGEST_NAME} characters"));
    }
    let degrees = |column: &str, text: &str| {
        text.parse::<f64>().map_err(|_| {
            format!("{column} is {text:?}: write a decimal number of degrees, for example 52.52")
        })
    };
    let latitude = Latitude::new(degrees("latitude", latitude)?).map_err(|e| e.to_string())?;
    let longitude = Longitude::new(degrees("longitude", longitude)?).map_err(|e| e.to_string())?;
    Ok(OwnPlace { name: name.to_owned(), key, location: Place { latitude, longitude } })
}
