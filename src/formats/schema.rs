//! Schemas of rooms and of their fields (OpenAPI 3.1), made from the table of fields.

use serde_json::{Map, Value, json};

use crate::entities::{FIELDS, Field, Kind};

/// The schema of a field's values, with its bounds and an example.
#[must_use]
pub fn value(field: &Field) -> Value {
    let mut schema = match field.kind {
        Kind::Code => json!({ "type": "string", "format": "uuid" }),
        Kind::Whole { least, most, .. } => {
            json!({ "type": "integer", "format": "int32", "minimum": least, "maximum": most })
        }
        Kind::Degrees { most, .. } => {
            json!({ "type": "number", "minimum": -most, "maximum": most })
        }
        Kind::Text { longest, is_multiline, .. } => json!({
            "type": "string", "minLength": 1, "maxLength": longest, "pattern": pattern(is_multiline),
        }),
    };
    schema["description"] = field.description.into();
    schema["examples"] = json!([example(field)]);
    schema
}

/// The texts that a field can have: without control characters other than line breaks, or in one line without blanks
/// at its ends.
fn pattern(is_multiline: bool) -> &'static str {
    if is_multiline {
        r"^[^\x00-\x09\x0B\x0C\x0E-\x1F\x7F-\x9F]*$"
    } else {
        concat!(
            r"^(?![ \u00A0\u1680\u2000-\u200A\u202F\u205F\u3000])",
            r"[^\x00-\x1F\x7F-\x9F\u2028\u2029]*",
            r"(?<![ \u00A0\u1680\u2000-\u200A\u202F\u205F\u3000])$",
        )
    }
}

/// The field's example as a JSON value.
#[must_use]
pub fn example(field: &Field) -> Value {
    match field.kind {
        Kind::Code | Kind::Text { .. } => field.example.into(),
        Kind::Whole { .. } | Kind::Degrees { .. } => {
            serde_json::from_str(field.example).unwrap_or_default()
        }
    }
}

/// An object with these fields.
#[must_use]
pub fn object<'a>(
    description: &str,
    fields: impl Iterator<Item = &'a Field> + Clone,
    is_required: impl Fn(&Field) -> bool,
) -> Value {
    let required = fields.clone().filter(|field| is_required(field)).map(|field| field.name);
    let required: Vec<_> = required.collect();
    let properties: Map<_, _> = fields.map(|field| (field.name.to_owned(), value(field))).collect();
    json!({
        "type": "object", "description": description, "required": required,
        "properties": properties,
    })
}

/// A room that a client sends: no other properties are allowed. For one that need not be there, null means that it is
/// not.
#[must_use]
pub fn room_to_write(description: &str, is_required: impl Fn(&Field) -> bool) -> Value {
    let mut schema = object(description, FIELDS.iter(), is_required);
    schema["additionalProperties"] = false.into();
    for field in FIELDS.iter().filter(|field| field.is_optional) {
        let kind = &mut schema["properties"][field.name]["type"];
        *kind = json!([kind.take(), "null"]);
    }
    schema
}

/// A schema that is defined elsewhere in the document.
#[must_use]
pub fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}
