//! A room as a JSON object.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::room::FieldValue;

/// Reads the members of an object, in their order, including repeated ones.
///
/// # Errors
///
/// The parser's own, with line and column, if it is not an object.
pub fn fields(json: &[u8]) -> serde_json::Result<Vec<(String, FieldValue)>> {
    serde_json::from_slice(json).map(|Members(members)| members)
}

struct Members(Vec<(String, FieldValue)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with the fields of a room")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry()? {
                    members.push((name, field_value(value)));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
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
