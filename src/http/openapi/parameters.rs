//! The parameters, each with an example that is valid as it is.

use serde_json::{Value, json};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
use utoipa::openapi::{Object, RefOr, Required, Schema};

use crate::entities::{FIELDS, Kind, Latitude, Longitude};
use crate::formats::reading::query::FILTER;
use crate::formats::schema;
use crate::http::request::Representation;
use crate::http::request::query::ON_CONFLICT;
use crate::use_cases::{Comparison, LARGEST_LIMIT, OnConflict, SortBy};

/// The parameters of a list.
pub fn of_list() -> Vec<Parameter> {
    let mut parameters = filters();
    parameters.extend([
        several(
            "bbox",
            "Only rooms in this box, edges included: MINLON,MINLAT,MAXLON,MAXLAT (RFC 7946). If MINLON \
             > MAXLON, it crosses the antimeridian",
            angles(&[Longitude::MOST, Latitude::MOST, Longitude::MOST, Latitude::MOST]),
            json!([-0.2, 51.3, 0.4, 51.8]),
        ),
        several(
            "near",
            "Only rooms around this place, LAT,LON, the nearest first; needs `radius`",
            angles(&[Latitude::MOST, Longitude::MOST]),
            json!([51.5, -0.12]),
        ),
        query(
            "radius",
            "Only rooms within this great-circle distance from `near`, in metres",
            ObjectBuilder::new().schema_type(Type::Number).minimum(Some(0.0)).build(),
            json!(30_000),
        ),
        several(
            "sort",
            "The order: the first field decides first; a - in front means descending. Ties are in the \
             order of insertion; `distance` needs `near`",
            ArrayBuilder::new()
                .items(words(orders()))
                .min_items(Some(1))
                .max_items(Some(SortBy::all().count())),
            json!(["price", "-size"]),
        ),
        query(
            "limit",
            "The most rooms on one page; the next page is in the response's `Link`",
            ObjectBuilder::new()
                .schema_type(Type::Integer)
                .minimum(Some(1))
                .maximum(Some(LARGEST_LIMIT))
                .build(),
            json!(20),
        ),
        query(
            "cursor",
            "Where the page begins: take it from the `Link` to the next page, with the same `sort` and \
             `near`",
            schema::text(),
            Value::Null,
        ),
        query(
            "count",
            "Also count the rooms on all pages, in `X-Total-Count`",
            words(["exact".to_owned()]),
            json!("exact"),
        ),
        if_none_match(),
    ]);
    parameters
}

/// One parameter per field and comparison.
fn filters() -> Vec<Parameter> {
    let mut filters = Vec::new();
    for field in &FIELDS {
        let (name, example) = (field.name, schema::example(field));
        let unit = if field.unit.is_empty() { "" } else { &format!(", in {}", field.unit) };
        for comparison in Comparison::of_kind(&field.kind) {
            let words = match comparison {
                Comparison::Eq => "is",
                Comparison::Ne => "is not",
                Comparison::Lt => "is less than",
                Comparison::Lte => "is at most",
                Comparison::Gt => "is more than",
                Comparison::Gte => "is at least",
            };
            filters.push(query(
                &format!("{FILTER}{name}__{}", comparison.name()),
                &format!("Only rooms whose {name} {words} this{unit}"),
                comparable(&field.kind),
                example.clone(),
            ));
        }
        if let Kind::Code = field.kind {
            filters.push(several(
                &format!("{FILTER}{name}__in"),
                "Only the rooms with these codes",
                ArrayBuilder::new().items(schema::uuid().build()).min_items(Some(1)),
                json!([example]),
            ));
        }
    }
    filters
}

/// A value that fields of this kind can be compared with; it may lie outside their range.
fn comparable(kind: &Kind) -> Object {
    match kind {
        Kind::Code => schema::uuid().build(),
        Kind::Whole { .. } => schema::int32(i32::MIN, i32::MAX).build(),
        Kind::Degrees { .. } => Object::with_type(Type::Number),
        Kind::Text { .. } => {
            ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).build()
        }
    }
}

/// The code in a room's path.
pub fn code() -> Parameter {
    path("code", "The room's code, in any case", schema::uuid().build(), FIELDS[0].example)
}

/// The precondition of a write: the room is in a known state.
pub fn if_match() -> Parameter {
    let text = "The `ETag` of the room to change, or * for any room; otherwise 412";
    header("If-Match", text, "*")
}

/// The precondition of a write: the room is not in a known state, or does not exist.
pub fn if_none_match_of_write() -> Parameter {
    let text = "* to create a room only if it does not exist; otherwise 412";
    header("If-None-Match", text, "\"0123456789abcdef-json\"")
}

/// The parameters of a write of one room.
pub fn of_write() -> [Parameter; 3] {
    [code(), if_match(), if_none_match_of_write()]
}

/// What to do with rooms whose code is taken.
pub fn on_conflict() -> Parameter {
    let names = OnConflict::NAMES.map(|(name, _)| name);
    query(
        ON_CONFLICT,
        "What to do with a room whose code is taken, in the catalogue or earlier in the file: refuse the \
         whole file, skip the room, or replace the other room",
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(names))
            .default(Some(json!("refuse")))
            .build(),
        json!("skip"),
    )
}

/// The suffix in a path.
pub fn suffix() -> Parameter {
    let names = Representation::all().map(|representation| representation.name().to_owned());
    path("suffix", "The format", words(names), "csv")
}

/// The header of a conditional request.
pub fn if_none_match() -> Parameter {
    let text = "The `ETag` of the client's copy: 304 if it is current";
    header("If-None-Match", text, "W/\"d4013912615ea725-json\"")
}

fn orders() -> impl Iterator<Item = String> {
    SortBy::all().flat_map(|by| [by.name().to_owned(), format!("-{}", by.name())])
}

fn words(words: impl IntoIterator<Item = String>) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).build()
}

/// As many angles, each within its range.
fn angles(most: &[f64]) -> ArrayBuilder {
    ArrayBuilder::new()
        .prefix_items(most.iter().map(|most| Schema::from(schema::degrees(*most).build())))
        .min_items(Some(most.len()))
        .max_items(Some(most.len()))
}

fn header(name: &str, description: &str, example: &str) -> Parameter {
    parameter(name, ParameterIn::Header, description, schema::text(), json!(example)).build()
}

fn path(name: &str, description: &str, schema: Object, example: &str) -> Parameter {
    parameter(name, ParameterIn::Path, description, schema, json!(example))
        .required(Required::True)
        .build()
}

fn query(
    name: &str,
    description: &str,
    schema: impl Into<RefOr<Schema>>,
    example: Value,
) -> Parameter {
    parameter(name, ParameterIn::Query, description, schema, example).build()
}

/// Values separated by commas.
fn several(name: &str, description: &str, values: ArrayBuilder, example: Value) -> Parameter {
    parameter(name, ParameterIn::Query, description, values.build(), example)
        .style(Some(ParameterStyle::Form))
        .explode(Some(false))
        .build()
}

fn parameter(
    name: &str,
    place: ParameterIn,
    description: &str,
    schema: impl Into<RefOr<Schema>>,
    example: Value,
) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .example(Some(example).filter(|example| !example.is_null()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::request::query::ListQuery;

    /// The example as it is written in a query.
    fn written(example: &Value) -> String {
        match example {
            Value::Array(items) => items.iter().map(written).collect::<Vec<_>>().join(","),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }

    #[test]
    fn every_example_is_valid() {
        let document = serde_json::to_value(of_list()).unwrap();
        let pairs: Vec<String> = document
            .as_array()
            .unwrap()
            .iter()
            .filter(|parameter| parameter["in"] == "query" && parameter["name"] != "cursor")
            .map(|parameter| {
                let name = parameter["name"].as_str().unwrap();
                format!("{name}={}", written(&parameter["example"]))
            })
            .collect();
        assert_eq!(pairs.len(), 32);
        let query =
            ListQuery::parse(&pairs.join("&")).unwrap_or_else(|failure| panic!("{failure}"));
        assert_eq!(query.request.filters.len(), 27);
        assert!(query.is_counted && query.request.near.is_some() && query.request.limit.is_some());
    }
}
