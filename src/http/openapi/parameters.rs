//! The parameters, each with an example that can be used as it is.

use serde_json::{Value, json};
use utoipa::Number;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{Object, RefOr, Required, Schema};

use crate::http::import::ON_CONFLICT;
use crate::http::representation::Representation;
use crate::use_cases::{Comparison, FILTER, LARGEST_LIMIT, OnConflict, SortField};

/// Of the first sample room.
const CODE: &str = "f853578c-fc0f-4e65-81b8-566c5dffa35a";

/// The parameters of a list.
pub fn of_list() -> Vec<Parameter> {
    let mut parameters = filters();
    parameters.extend([
        several(
            "bbox",
            "Only rooms in this box, edges included: MINLON,MINLAT,MAXLON,MAXLAT (RFC 7946). If \
             MINLON > MAXLON, it crosses the antimeridian",
            ArrayBuilder::new()
                .prefix_items([180.0, 90.0, 180.0, 90.0].map(|most| Schema::from(degrees(most))))
                .min_items(Some(4))
                .max_items(Some(4)),
            json!([-0.2, 51.3, 0.4, 51.8]),
        ),
        several(
            "near",
            "Only rooms around this place, LAT,LON, the nearest first; needs `radius`",
            ArrayBuilder::new()
                .prefix_items([90.0, 180.0].map(|most| Schema::from(degrees(most))))
                .min_items(Some(2))
                .max_items(Some(2)),
            json!([51.5, -0.12]),
        ),
        query(
            "radius",
            "Only rooms at most so many metres from `near`, along a great circle",
            ObjectBuilder::new().schema_type(Type::Number).minimum(Some(0.0)).build(),
            json!(30_000),
        ),
        several(
            "sort",
            "The order, the first field decides; a - before those that descend. Ties go by the \
             order of insertion; `distance` needs `near`",
            ArrayBuilder::new()
                .items(
                    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(orders())).build(),
                )
                .min_items(Some(1))
                .max_items(Some(SortField::NAMES.len())),
            json!(["price", "-size"]),
        ),
        query(
            "limit",
            "The most rooms on one page; the next page is in the answer's `Link`",
            whole(1_usize, LARGEST_LIMIT),
            json!(20),
        ),
        query(
            "cursor",
            "Where the list goes on: take it from the `Link` to the next page, with the same `sort` \
             and `near`",
            Object::with_type(Type::String),
            Value::Null,
        ),
        query(
            "count",
            "Also say how many rooms there are on all pages, in `X-Total-Count`",
            ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["exact"])).build(),
            json!("exact"),
        ),
        if_none_match(),
    ]);
    parameters
}

fn filters() -> Vec<Parameter> {
    let numbers = [
        ("size", "square metres", whole(i32::MIN, i32::MAX), json!(50)),
        ("price", "euro a day", whole(i32::MIN, i32::MAX), json!(60)),
        ("latitude", "degrees", Object::with_type(Type::Number), json!(51.5)),
        ("longitude", "degrees", Object::with_type(Type::Number), json!(0.1)),
    ];
    let mut filters = vec![
        query(&format!("{FILTER}code__eq"), "The room with this code", uuid(), json!(CODE)),
        several(
            &format!("{FILTER}code__in"),
            "The rooms with these codes",
            ArrayBuilder::new().items(uuid()).min_items(Some(1)),
            json!([CODE]),
        ),
    ];
    for (field, unit, schema, example) in numbers {
        for (operator, comparison) in Comparison::NAMES {
            let words = match comparison {
                Comparison::Eq => "is",
                Comparison::Ne => "is not",
                Comparison::Lt => "is less than",
                Comparison::Lte => "is at most",
                Comparison::Gt => "is more than",
                Comparison::Gte => "is at least",
            };
            let name = format!("{FILTER}{field}__{operator}");
            let description = format!("Only rooms whose {field} {words} this, in {unit}");
            filters.push(query(&name, &description, schema.clone(), example.clone()));
        }
    }
    filters
}

/// The code in a room's path.
pub fn code() -> Parameter {
    path("code", "The room's code, in any case", uuid(), CODE)
}

/// The header of a write that demands a state.
pub fn if_match() -> Parameter {
    let what = "The strong `ETag` of the room that is to be changed, or * for any: else a 412";
    header("If-Match", what, "*")
}

/// The header of a write that demands that a state, or any room, is not there.
pub fn if_none_match_to_write() -> Parameter {
    let what = "* to make a room only if there is none: else a 412";
    header("If-None-Match", what, "\"0123456789abcdef-json\"")
}

/// What becomes of rooms whose code is taken.
pub fn on_conflict() -> Parameter {
    let names = OnConflict::NAMES.map(|(name, _)| name);
    query(
        ON_CONFLICT,
        "What becomes of a room whose code is taken, in the catalogue or earlier in the file: refuse \
         the whole file, skip the room, or let it replace the other",
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(names))
            .default(Some(json!("refuse")))
            .build(),
        json!("skip"),
    )
}

/// The suffix in a list's path.
pub fn suffix() -> Parameter {
    let names = Representation::all().map(Representation::name);
    let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).build();
    path("suffix", "The format", schema, "csv")
}

/// The header of a conditional request.
pub fn if_none_match() -> Parameter {
    let what = "The `ETag` of the answer that the client has: if it is current, a 304";
    header("If-None-Match", what, "W/\"d4013912615ea725-json\"")
}

fn header(name: &str, description: &str, example: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .description(Some(description))
        .schema(Some(Object::with_type(Type::String)))
        .example(Some(json!(example)))
        .build()
}

fn orders() -> Vec<String> {
    SortField::NAMES.iter().flat_map(|(name, _)| [(*name).to_owned(), format!("-{name}")]).collect()
}

fn uuid() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::Custom("uuid".to_owned())))
        .build()
}

fn whole(least: impl Into<Number>, most: impl Into<Number>) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
        .minimum(Some(least))
        .maximum(Some(most))
        .build()
}

fn degrees(most: f64) -> Object {
    ObjectBuilder::new().schema_type(Type::Number).minimum(Some(-most)).maximum(Some(most)).build()
}

fn path(name: &str, description: &str, schema: Object, example: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(description))
        .schema(Some(schema))
        .example(Some(json!(example)))
        .build()
}

fn query(
    name: &str,
    description: &str,
    schema: impl Into<RefOr<Schema>>,
    example: Value,
) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .example(Some(example).filter(|example| !example.is_null()))
        .build()
}

/// Values with commas between them.
fn several(name: &str, description: &str, values: ArrayBuilder, example: Value) -> Parameter {
    ParameterBuilder::from(query(name, description, values.build(), example))
        .style(Some(ParameterStyle::Form))
        .explode(Some(false))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::query::ListQuery;

    /// The example as it stands in a query.
    fn written(example: &Value) -> String {
        match example {
            Value::Array(items) => items.iter().map(written).collect::<Vec<_>>().join(","),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }

    #[test]
    fn every_example_of_the_document_can_be_used() {
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
