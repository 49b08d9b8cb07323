//! Schemas of rooms and of their fields (OpenAPI 3.1), made from the table of fields.

use serde_json::{Value, json};
use utoipa::openapi::schema::{
    AdditionalProperties, KnownFormat, ObjectBuilder, SchemaFormat, Type,
};
use utoipa::openapi::{Object, Ref};

use crate::entities::{FIELDS, Field, Kind};

/// The schema of a field's values, with its bounds and an example.
#[must_use]
pub fn value(field: &Field) -> Object {
    let object = match field.kind {
        Kind::Code => uuid(),
        Kind::Whole { least, most, .. } => int32(least, most),
        Kind::Degrees { most, .. } => degrees(most),
        Kind::Text { longest, .. } => ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(longest)),
    };
    object.description(Some(field.description)).examples([example(field)]).build()
}

/// The field's example as a JSON value.
#[must_use]
pub fn example(field: &Field) -> Value {
    match field.kind {
        Kind::Code | Kind::Text { .. } => json!(field.example),
        Kind::Whole { .. } | Kind::Degrees { .. } => {
            serde_json::from_str(field.example).unwrap_or_default()
        }
    }
}

/// An object with all fields of a room.
#[must_use]
pub fn room(description: &str, is_required: impl Fn(&Field) -> bool) -> ObjectBuilder {
    FIELDS.iter().fold(ObjectBuilder::new().description(Some(description)), |object, field| {
        let object = object.property(field.name, value(field));
        if is_required(field) { object.required(field.name) } else { object }
    })
}

/// The same, without any other property.
#[must_use]
pub fn room_to_write(description: &str, is_required: impl Fn(&Field) -> bool) -> Object {
    room(description, is_required)
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
        .build()
}

/// A UUID.
#[must_use]
pub fn uuid() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::Custom("uuid".to_owned())))
}

/// A whole number with bounds.
#[must_use]
pub fn int32(least: i32, most: i32) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
        .minimum(Some(least))
        .maximum(Some(most))
}

/// An angle from `-most` to `most`.
#[must_use]
pub fn degrees(most: f64) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Number).minimum(Some(-most)).maximum(Some(most))
}

/// Any text.
#[must_use]
pub fn text() -> Object {
    Object::with_type(Type::String)
}

/// A schema that is defined elsewhere in the document.
#[must_use]
pub fn reference(name: &str) -> Ref {
    Ref::from_schema_name(name)
}
