//! The position where a list continues, as an opaque text.
//!
//! It holds what the next page needs: the values by which the list is sorted, the sequence number, and
//! the order that they belong to. A checksum detects truncated and modified cursors. A cursor is not a
//! secret and grants nothing: a client that invents one gets another page of the same public list.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::entities::{Kind, Value};
use crate::use_cases::{Position, RoomListRequest, SortBy, SortKey};

const CHECKSUM: usize = size_of::<u32>();

/// What a cursor holds.
#[derive(Serialize, Deserialize)]
struct Cursor {
    order: String,
    values: Vec<CursorValue>,
    sequence: i128,
}

/// A value by which a list is sorted.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum CursorValue {
    Whole(i32),
    Decimal(f64),
    Text(String),
}

/// Writes a position in the requested list.
#[must_use]
pub fn write(request: &RoomListRequest, position: &Position) -> String {
    let values = position.values.iter().map(|value| match value {
        Value::Code(code) => CursorValue::Text(code.to_string()),
        Value::Whole(number) => CursorValue::Whole(*number),
        Value::Decimal(number) => CursorValue::Decimal(*number),
        Value::Text(text) => CursorValue::Text(text.to_string()),
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

fn typed(key: SortKey, value: &CursorValue) -> Option<Value<'static>> {
    let decimal = || match value {
        CursorValue::Whole(number) => Some(Value::Decimal((*number).into())),
        CursorValue::Decimal(number) => Some(Value::Decimal(*number)),
        CursorValue::Text(_) => None,
    };
    match key.by {
        SortBy::Distance => decimal(),
        SortBy::Field(field) => match (&field.kind, value) {
            (Kind::Code, CursorValue::Text(code)) => Some(Value::Code(code.parse().ok()?)),
            (Kind::Whole { .. }, CursorValue::Whole(number)) => Some(Value::Whole(*number)),
            (Kind::Degrees { .. }, _) => decimal(),
            (Kind::Text { .. }, CursorValue::Text(text)) => Some(Value::Text(text.clone().into())),
            (Kind::Code | Kind::Whole { .. } | Kind::Text { .. }, _) => None,
        },
    }
}
