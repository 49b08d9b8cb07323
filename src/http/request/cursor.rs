//! The position where a list continues, as an opaque text.
//!
//! It holds what the next page needs: the values by which the list is sorted, the sequence number, and
//! the order that they belong to. A checksum detects truncated and modified cursors. A cursor is not a
//! secret and grants nothing: a client that invents one gets another page of the same public list.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::entities::{Kind, Value};
use crate::use_cases::{Position, RoomListRequest, SortBy, SortKey};

const CHECKSUM: usize = size_of::<u32>();

/// What a cursor holds.
#[derive(Serialize, Deserialize)]
struct Cursor {
    order: String,
    values: Vec<Json>,
    sequence: i128,
}

/// Writes a position in the requested list.
#[must_use]
pub fn write(request: &RoomListRequest, position: &Position) -> String {
    let values = position.values.iter().map(|value| match value {
        Value::Code(code) => Json::from(code.to_string()),
        Value::Whole(number) => Json::from(*number),
        Value::Decimal(number) => Json::from(*number),
        Value::Text(text) => Json::from(&**text),
    });
    let cursor =
        Cursor { order: order(request), values: values.collect(), sequence: position.sequence };
    // Serializing numbers and texts cannot fail.
    let json = serde_json::to_vec(&cursor).unwrap_or_default();
    let mut bytes = crc32fast::hash(&json).to_be_bytes().to_vec();
    bytes.extend(json);
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a position in the requested list.
///
/// # Errors
///
/// A sentence, if it is not a cursor, or one of a list in another order.
pub fn read(request: &RoomListRequest, cursor: &str) -> Result<Position, String> {
    let cursor = unpack(cursor).ok_or_else(|| {
        "this cursor cannot be used: copy it completely from the link to the next page, or leave it out \
         to start again at the first page"
            .to_owned()
    })?;
    let values = values(&cursor, request);
    values.map(|values| Position { values, sequence: cursor.sequence }).ok_or_else(|| {
        "this cursor belongs to a list in another order: use the same sort and near as before, or leave \
         it out to start again at the first page"
            .to_owned()
    })
}

/// The meaning of the values depends on the order, and on the centre of the distances.
fn order(request: &RoomListRequest) -> String {
    let sort: Vec<String> = request.sort.iter().map(ToString::to_string).collect();
    let near = request.near.map_or_else(String::new, |circle| {
        let place = circle.centre;
        format!("@{},{}", place.latitude.get(), place.longitude.get())
    });
    format!("{}{near}", sort.join(","))
}

fn unpack(cursor: &str) -> Option<Cursor> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (checksum, json) = bytes.split_at_checked(CHECKSUM)?;
    let is_intact = checksum == crc32fast::hash(json).to_be_bytes();
    is_intact.then(|| serde_json::from_slice(json).ok()).flatten()
}

/// One value per key of the request's order, each of the key's kind.
fn values(cursor: &Cursor, request: &RoomListRequest) -> Option<Vec<Value<'static>>> {
    if cursor.order != order(request) || cursor.values.len() != request.sort.len() {
        return None;
    }
    request.sort.iter().zip(&cursor.values).map(|(key, value)| typed(*key, value)).collect()
}

fn typed(key: SortKey, value: &Json) -> Option<Value<'static>> {
    let SortBy::Field(field) = key.by else { return value.as_f64().map(Value::Decimal) };
    match field.kind {
        Kind::Code => Some(Value::Code(value.as_str()?.parse().ok()?)),
        Kind::Whole { .. } => Some(Value::Whole(value.as_i64()?.try_into().ok()?)),
        Kind::Degrees { .. } => value.as_f64().map(Value::Decimal),
        Kind::Text { .. } => Some(Value::Text(value.as_str()?.to_owned().into())),
    }
}
