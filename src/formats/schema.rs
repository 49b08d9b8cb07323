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
        Kind::Text { longest, .. } => {
            json!({ "type": "string", "minLength": 1, "maxLength": longest })
        }
    };
    schema["description"] = field.description.into();
    schema["examples"] = json!([example(field)]);
    schema
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

/// A room that a client sends: no other properties are allowed.
#[must_use]
pub fn room_to_write(description: &str, is_required: impl Fn(&Field) -> bool) -> Value {
    let mut schema = object(description, FIELDS.iter(), is_required);
    schema["additionalProperties"] = false.into();
    schema
}

/// A schema that is defined elsewhere in the document.
#[must_use]
pub fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}
