//! GeoJSON: a feature collection of points, or one feature (RFC 7946). The place of a room is its point, and
//! its other fields are properties.

use std::fmt;
use std::io::{BufRead, Read};
use std::iter;

use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, json};

use super::columns::{Columns, UnknownColumns};
use super::excerpt::excerpt;
use super::limits::{MAX_COLUMNS, MAX_NAMES};
use super::object::{Members, object};
use super::room::{FieldValue, parse_code};
use super::rows::{RowFormat, Rows, row};
use super::scanner::Scanner;
use super::text::text;
use crate::entities::{FIELDS, Field, Kind, Latitude, Longitude, RoomCode};
use crate::formats::geojson::DISTANCE;
use crate::formats::schema;
use crate::use_cases::ImportRow;

/// `application/geo+json`
pub struct GeoJsonRows;

const INSTRUCTION: &str = "write a GeoJSON feature collection of points";

impl RowFormat for GeoJsonRows {
    fn name(&self) -> &'static str {
        "geojson"
    }

    fn media_types(&self) -> &'static [&'static str] {
        &["application/geo+json", "application/vnd.geo+json"]
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["geojson"]
    }

    fn example(&self) -> String {
        let example = |name| Field::named(name).map(schema::example);
        let properties = FIELDS.iter().filter(|field| field.is_required() && !is_place(field));
        let properties: Map<_, _> =
            properties.map(|field| (field.name.to_owned(), schema::example(field))).collect();
        let point = json!({
            "type": "Point", "coordinates": [example(Longitude::FIELD), example(Latitude::FIELD)],
        });
        let feature = json!({ "type": "Feature", "geometry": point, "properties": properties });
        format!("{}\n", json!({ "type": "FeatureCollection", "features": [feature] }))
    }

    fn rows<'a>(&self, file: Box<dyn Read + 'a>, columns: &'a Columns) -> Rows<'a> {
        match text(file) {
            Ok(file) => Box::new(Collection::new(file, columns)),
            Err(message) => Box::new(iter::once(row(1, Err(message)))),
        }
    }
}

/// Whether the field is in the geometry.
fn is_place(field: &Field) -> bool {
    matches!(field.kind, Kind::Degrees { .. })
}

/// How far a file has been read.
#[derive(Clone, Copy)]
enum State {
    Start,
    /// In the list, before a feature; the first has no comma before it.
    InList {
        is_first: bool,
    },
    /// After the list, or after the only feature.
    AfterFeatures {
        is_closed: bool,
    },
    Over,
}

struct Collection<'a> {
    scanner: Scanner<'a>,
    columns: &'a Columns,
    state: State,
}

impl Iterator for Collection<'_> {
    type Item = ImportRow;

    fn next(&mut self) -> Option<ImportRow> {
        match self.next_feature() {
            Ok(found) => found.map(|(line, feature)| {
                let fields = match self.columns.unknown() {
                    UnknownColumns::Refuse => fields::<MAX_NAMES>(&feature, self.columns),
                    UnknownColumns::Ignore => fields::<MAX_COLUMNS>(&feature, self.columns),
                };
                row(line, fields)
            }),
            Err(message) => {
                self.state = State::Over;
                Some(row(self.scanner.line, Err(message)))
            }
        }
    }
}

impl<'a> Collection<'a> {
    fn new(file: Box<dyn BufRead + 'a>, columns: &'a Columns) -> Self {
        Self { scanner: Scanner::new(file), columns, state: State::Start }
    }

    /// The text of the next feature and the line where it begins; `None` at the end.
    fn next_feature(&mut self) -> Result<Option<(u64, Vec<u8>)>, String> {
        loop {
            match self.state {
                State::Start => {
                    if let Some(feature) = self.start()? {
                        return Ok(Some(feature));
                    }
                }
                State::InList { is_first } => {
                    self.state = State::InList { is_first: false };
                    match self.scanner.element(is_first)? {
                        Some(feature) => return Ok(Some(feature)),
                        None => self.state = State::AfterFeatures { is_closed: false },
                    }
                }
                State::AfterFeatures { is_closed } => {
                    self.state = State::Over;
                    if !is_closed {
                        self.skip_members()?;
                    }
                    self.scanner.expect_end()?;
                }
                State::Over => return Ok(None),
            }
        }
    }

    /// Reads up to the list. A file that is one feature is returned.
    fn start(&mut self) -> Result<Option<(u64, Vec<u8>)>, String> {
        if self.scanner.peek()?.is_none() {
            return Err(format!("the file is empty: {INSTRUCTION}"));
        }
        let line = self.scanner.line;
        if !self.scanner.take(b'{')? {
            return Err(INSTRUCTION.to_owned());
        }
        let mut is_first = true;
        while let Some(name) = self.scanner.member(is_first)? {
            if name == b"\"features\"" {
                self.scanner.expect(b'[')?;
                self.state = State::InList { is_first: true };
                return Ok(None);
            }
            let value = self.scanner.value()?;
            match (&name[..], &value[..]) {
                (br#""type""#, br#""FeatureCollection""#) => {}
                (br#""type""#, br#""Feature""#) if is_first => {
                    self.state = State::AfterFeatures { is_closed: true };
                    let begin = br#"{"type":"Feature""#.to_vec();
                    return Ok(Some((line, self.scanner.rest_of(begin, 1)?)));
                }
                (br#""type""#, other) => {
                    let other = excerpt(&String::from_utf8_lossy(other));
                    return Err(format!("{INSTRUCTION}: this is of the type {other}"));
                }
                _ => {}
            }
            is_first = false;
        }
        Err(format!("{INSTRUCTION}: this has no features"))
    }

    /// Skips the members after the list.
    fn skip_members(&mut self) -> Result<(), String> {
        while let Some(name) = self.scanner.member(false)? {
            if name == b"\"features\"" {
                return Err("features is given more than once".to_owned());
            }
            self.scanner.value()?;
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Feature<const MOST: usize> {
    r#type: Option<FieldValue>,
    id: Option<FieldValue>,
    geometry: Option<Geometry>,
    properties: Option<Members<MOST>>,
}

#[derive(Deserialize)]
struct Geometry {
    r#type: Option<FieldValue>,
    coordinates: Option<Coordinates>,
}

/// The fields of the room that a feature stands for.
fn fields<const MOST: usize>(
    feature: &[u8],
    columns: &Columns,
) -> Result<Vec<(String, FieldValue)>, String> {
    let feature = object::<Feature<MOST>>(feature)
        .map_err(|error| format!("write one GeoJSON feature per room: {error}"))?;
    require_type("a room", "Feature", feature.r#type.as_ref())?;
    let mut fields = place(feature.geometry, columns)?;
    let members = feature.properties.map(|Members(members)| members);
    for (name, value) in members.unwrap_or_default() {
        let is_usable = Field::named(&name).is_some_and(|field| !is_place(field));
        // The distance is what this program adds if a list has a centre.
        if name != DISTANCE && (is_usable || !columns.ignores(&name)) {
            fields.push((name, value));
        }
    }
    // Other programs number the features, so an id need not be a code.
    if !fields.iter().any(|(name, _)| name == RoomCode::FIELD)
        && let Some(FieldValue::String(id)) = feature.id
        && parse_code(&id).is_ok()
    {
        fields.push((RoomCode::FIELD.to_owned(), FieldValue::String(id)));
    }
    Ok(fields)
}

/// The longitude and the latitude.
fn place(
    geometry: Option<Geometry>,
    columns: &Columns,
) -> Result<Vec<(String, FieldValue)>, String> {
    let geometry = geometry.ok_or("the geometry is missing: write a point")?;
    require_type("the geometry", "Point", geometry.r#type.as_ref())?;
    let instruction = "coordinates: write the longitude, then the latitude";
    let Coordinates { first, number } = geometry.coordinates.ok_or(instruction)?;
    if number == 3 && !columns.ignores("altitude") {
        return Err(format!("{instruction}, or ignore the altitude (columns=ignore)"));
    }
    let (2 | 3, Ok([longitude, latitude])) = (number, <[_; 2]>::try_from(first)) else {
        return Err(instruction.to_owned());
    };
    Ok(vec![(Latitude::FIELD.to_owned(), latitude), (Longitude::FIELD.to_owned(), longitude)])
}

fn require_type(what: &str, wanted: &str, found: Option<&FieldValue>) -> Result<(), String> {
    match found {
        Some(FieldValue::String(text)) if text == wanted => Ok(()),
        found => {
            let found =
                found.map_or_else(|| "none".to_owned(), |value| excerpt(&value.to_string()));
            Err(format!("{what} must be of the type {wanted}, not {found}"))
        }
    }
}

/// The first two coordinates, and how many there are.
struct Coordinates {
    first: Vec<FieldValue>,
    number: usize,
}

impl<'de> Deserialize<'de> for Coordinates {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;

        impl<'de> Visitor<'de> for List {
            type Value = Coordinates;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("coordinates")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Coordinates, A::Error> {
                let mut first = Vec::with_capacity(2);
                while first.len() < 2
                    && let Some(coordinate) = list.next_element()?
                {
                    first.push(coordinate);
                }
                let mut number = first.len();
                while list.next_element::<IgnoredAny>()?.is_some() {
                    number += 1;
                }
                Ok(Coordinates { first, number })
            }
        }

        deserializer.deserialize_seq(List)
    }
}
