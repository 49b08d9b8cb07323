//! A room as a JSON object.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use serde_json::{Deserializer, Value};

use super::room::FieldValue;

/// Reads the members of an object, in their order, including repeated ones.
///
/// # Errors
///
/// The parser's own, with line and column, if it is not an object.
pub fn fields(json: &[u8]) -> serde_json::Result<Vec<(String, FieldValue)>> {
    let mut deserializer = Deserializer::from_slice(json);
    let fields = deserializer.deserialize_map(Object)?;
    deserializer.end()?;
    Ok(fields)
}

struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = Vec<(String, FieldValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the fields of a room")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some((name, value)) = map.next_entry()? {
            fields.push((name, field_value(value)));
        }
        Ok(fields)
    }
}

fn field_value(value: Value) -> FieldValue {
    match value {
        Value::Null => FieldValue::Null,
        Value::Number(number) => number.as_f64().map_or(FieldValue::Other, FieldValue::Number),
        Value::String(text) => FieldValue::String(text),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => FieldValue::Other,
    }
}
