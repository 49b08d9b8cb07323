//! The body of a request that writes a room: one JSON object (RFC 8259).

use std::fmt;

use actix_web::HttpRequest;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::web::Payload;
use mime::Mime;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::problem::Problem;
use crate::use_cases::FieldValue;

/// The largest body, in bytes.
const LIMIT: usize = 1024 * 1024;

/// A room as it is.
pub const JSON: &str = "application/json";

/// What to change of a room (RFC 7396).
pub const MERGE_PATCH: &str = "application/merge-patch+json";

/// The members of an object, in their order, with those that are there twice.
struct Members(Vec<(String, FieldValue)>);

/// Reads the body, which must be of one of these media types.
pub async fn fields(
    request: &HttpRequest,
    payload: Payload,
    media_types: &[&str],
) -> Result<Vec<(String, FieldValue)>, Problem> {
    let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.and_then(|text| text.parse::<Mime>().ok());
    if !media_type.is_some_and(|mime| media_types.contains(&mime.essence_str())) {
        return Err(Problem::unsupported_media_type(media_types));
    }
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if length.and_then(|text| text.parse::<usize>().ok()).is_some_and(|length| length > LIMIT) {
        return Err(Problem::too_large(LIMIT));
    }
    let bytes = payload
        .to_bytes_limited(LIMIT)
        .await
        .map_err(|_| Problem::too_large(LIMIT))?
        .map_err(|error| Problem::bad_request(&format!("body: {error}")))?;
    let Members(members) = serde_json::from_slice(&bytes)
        .map_err(|error| Problem::bad_request(&format!("body: write one JSON object: {error}")))?;
    Ok(members)
}

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
