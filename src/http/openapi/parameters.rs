//! The parameters, each with an example that is valid as it is.

use serde_json::{Value, json};

use crate::entities::{FIELDS, Field, Kind};
use crate::formats::reading::UnknownColumns;
use crate::formats::reading::query::{FILTER, longest_wanted};
use crate::formats::schema;
use crate::http::limits::MAX_PLACES;
use crate::http::request::{COLUMNS, ON_CONFLICT, Representation};
use crate::places::LONGEST_NAME;
use crate::use_cases::{Comparison, LARGEST_LIMIT, OnConflict, SortBy, TextComparison};

pub fn of_list() -> Vec<Value> {
    let degrees = |most: f64| json!({ "type": "number", "minimum": -most, "maximum": most });
    let orders = SortBy::all().flat_map(|by| [by.name().to_owned(), format!("-{}", by.name())]);
    let mut parameters: Vec<Value> = FIELDS.iter().flat_map(filters).collect();
    parameters.extend([
        query(
            "bbox",
            "Only rooms in this box, edges included: MINLON,MINLAT,MAXLON,MAXLAT (RFC 7946). If MINLON \
             > MAXLON, it crosses the antimeridian",
            &json!({
                "type": "array", "minItems": 4, "maxItems": 4,
                "prefixItems": [degrees(180.0), degrees(90.0), degrees(180.0), degrees(90.0)],
            }),
            json!([-0.2, 51.3, 0.4, 51.8]),
        ),
        query(
            "near",
            "Only rooms around this place, LAT,LON, the nearest first; needs `radius`",
            &json!({
                "type": "array", "minItems": 2, "maxItems": 2,
                "prefixItems": [degrees(90.0), degrees(180.0)],
            }),
            json!([51.5, -0.12]),
        ),
        query(
            "radius",
            "Only rooms within this great-circle distance from `near`, in metres",
            &json!({ "type": "number", "minimum": 0 }),
            json!(30_000),
        ),
        query(
            "sort",
            "The order: the first field decides first; a - in front means descending. Ties are in the \
             order of insertion; `distance` needs `near`",
            &json!({
                "type": "array", "minItems": 1, "maxItems": SortBy::all().count(),
                "items": { "type": "string", "enum": orders.collect::<Vec<_>>() },
            }),
            json!(["price", "-size"]),
        ),
        query(
            "limit",
            "The most rooms on one page; the next page is in the response's `Link`",
            &json!({ "type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT }),
            json!(20),
        ),
        query(
            "cursor",
            "Where the page begins: take it from the `Link` to the next page, with the same `sort` and \
             `near`",
            &json!({ "type": "string" }),
            Value::Null,
        ),
        query(
            "count",
            "Also count the rooms on all pages, in `X-Total-Count`",
            &json!({ "type": "string", "enum": ["exact"] }),
            json!("exact"),
        ),
        query(
            "place",
            "The name of the place at `near`, for the heading of the page",
            &json!({ "type": "string", "minLength": 1, "maxLength": LONGEST_NAME }),
            json!("Kreuzberg"),
        ),
        if_none_match(),
    ]);
    parameters
}

/// The filters of a field: one per comparison.
fn filters(field: &Field) -> Vec<Value> {
    let example = schema::example(field);
    // A value may lie outside the field's range.
    let schema = match field.kind {
        Kind::Code => json!({ "type": "string", "format": "uuid" }),
        Kind::Whole { .. } => {
            json!({ "type": "integer", "format": "int32", "minimum": i32::MIN, "maximum": i32::MAX })
        }
        Kind::Degrees { .. } => json!({ "type": "number" }),
        Kind::Text { longest, .. } => {
            json!({ "type": "string", "minLength": 1, "maxLength": longest_wanted(longest) })
        }
    };
    let unit = if field.unit.is_empty() { "" } else { &format!(", in {}", field.unit) };
    let compared = |comparison: &Comparison| {
        let words = match comparison {
            Comparison::Eq => "is",
            Comparison::Ne => "is not",
            Comparison::Lt => "is less than",
            Comparison::Lte => "is at most",
            Comparison::Gt => "is more than",
            Comparison::Gte => "is at least",
        };
        let name = format!("{FILTER}{}__{}", field.name, comparison.name());
        let description = format!("Only rooms whose {} {words} this{unit}", field.name);
        query(&name, &description, &schema, example.clone())
    };
    let mut filters: Vec<_> = Comparison::of_kind(&field.kind).iter().map(compared).collect();
    filters.extend(TextComparison::of_kind(&field.kind).iter().map(|comparison| {
        let words = match comparison {
            TextComparison::Eq => "is",
            TextComparison::Contains => "contains",
        };
        let name = format!("{FILTER}{}__{}", field.name, comparison.name());
        let description =
            format!("Only rooms whose {} {words} this text; case does not matter", field.name);
        query(&name, &description, &schema, example.clone())
    }));
    if let Kind::Code = field.kind {
        let codes = json!({ "type": "array", "minItems": 1, "items": schema });
        let name = format!("{FILTER}{}__in", field.name);
        filters.push(query(&name, "Only the rooms with these codes", &codes, json!([example])));
    }
    filters
}

pub fn of_places() -> [Value; 3] {
    let mut text = query(
        "q",
        "The start of a place's name, or all of it",
        &json!({ "type": "string", "minLength": 1, "maxLength": LONGEST_NAME }),
        json!("Frankf"),
    );
    text["required"] = true.into();
    [
        text,
        query(
            "limit",
            "The most places",
            &json!({ "type": "integer", "minimum": 1, "maximum": MAX_PLACES, "default": 10 }),
            json!(10),
        ),
        if_none_match(),
    ]
}

pub fn code() -> Value {
    let schema = json!({ "type": "string", "format": "uuid" });
    parameter("path", "code", "The room's code, in any case", &schema, json!(FIELDS[0].example))
}

/// The parameters of a write of one room.
pub fn of_write() -> [Value; 3] {
    [
        code(),
        header(
            "If-Match",
            "The `ETag` of the room to change, or * for any room; otherwise 412",
            "*",
        ),
        header(
            "If-None-Match",
            "* to create a room only if it does not exist; otherwise 412",
            "\"0123456789abcdef-json\"",
        ),
    ]
}

pub fn on_conflict() -> Value {
    let names = OnConflict::NAMES.map(|(name, _)| name);
    query(
        ON_CONFLICT,
        "What to do with a room whose code is taken, in the catalogue or earlier in the file: refuse the \
         whole file, skip the room, or replace the other room",
        &json!({ "type": "string", "enum": names, "default": "refuse" }),
        json!("skip"),
    )
}

pub fn columns() -> Value {
    let names = UnknownColumns::NAMES.map(|(name, _)| name);
    query(
        COLUMNS,
        "What to do with columns that are not fields of a room: refuse the whole file, or ignore and report \
         them",
        &json!({ "type": "string", "enum": names, "default": "refuse" }),
        json!("ignore"),
    )
}

pub fn suffix() -> Value {
    let names: Vec<_> = Representation::all().map(Representation::name).collect();
    let schema = json!({ "type": "string", "enum": names });
    parameter("path", "suffix", "The format", &schema, json!("csv"))
}

pub fn if_none_match() -> Value {
    let text = "The `ETag` of the client's copy: 304 if it is current";
    header("If-None-Match", text, "W/\"d4013912615ea725-json\"")
}

fn header(name: &str, description: &str, example: &str) -> Value {
    parameter("header", name, description, &json!({ "type": "string" }), json!(example))
}

fn query(name: &str, description: &str, schema: &Value, example: Value) -> Value {
    parameter("query", name, description, schema, example)
}

fn parameter(place: &str, name: &str, description: &str, schema: &Value, example: Value) -> Value {
    let mut parameter = json!({
        "name": name, "in": place, "required": place == "path", "description": description,
        "schema": schema,
    });
    if !example.is_null() {
        parameter["example"] = example;
    }
    if schema["type"] == "array" {
        // Values separated by commas.
        parameter["style"] = "form".into();
        parameter["explode"] = false.into();
    }
    parameter
}
