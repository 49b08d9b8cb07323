//! Rooms as documents, and sequence numbers as ids.

use std::fmt;

use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Bson, Document, doc};
use uuid::Uuid;

use super::error::MongoError;
use crate::entities::{FIELDS, Field, InvalidValue, Kind, Room, RoomCode, RoomDraft, Value};

/// The document of a new room.
pub fn new(room: &Room, sequence: i128) -> Document {
    let mut document = doc! { "_id": id_of(sequence) };
    document.extend(fields(room));
    document
}

/// The fields that a room has.
fn fields(room: &Room) -> Document {
    let member = |field: &Field| Some((field.name.to_owned(), bson(field.value(room)?)));
    FIELDS.iter().filter_map(member).collect()
}

/// The update that gives a document the values of a room. Keys that are not fields stay.
pub fn update(room: &Room) -> Document {
    let absent = FIELDS.iter().filter(|field| field.value(room).is_none());
    let absent: Document = absent.map(|field| (field.name.to_owned(), Bson::Null)).collect();
    let mut update = doc! { "$set": fields(room) };
    if !absent.is_empty() {
        update.insert("$unset", absent);
    }
    update
}

/// Matches a document while its fields are as they were when it was read (compare-and-set). A field that
/// was absent is compared with null, which matches an absent key.
pub fn unchanged(found: &Document) -> Document {
    let mut condition = doc! { "_id": found.get("_id") };
    condition.extend(FIELDS.iter().map(|field| {
        (field.name.to_owned(), found.get(field.name).cloned().unwrap_or(Bson::Null))
    }));
    condition
}

/// A field's value in a document.
pub fn bson(value: Value) -> Bson {
    match value {
        Value::Code(code) => code.to_string().into(),
        Value::Whole(number) => number.into(),
        Value::Decimal(number) => number.into(),
        Value::Text(text) => text.into_owned().into(),
    }
}

/// Says why a document is not a room.
pub fn invalid(document: &Document, reason: impl fmt::Display) -> MongoError {
    let id = document.get("_id").map_or_else(|| "none".to_owned(), ToString::to_string);
    MongoError::InvalidDocument(format!("_id {id}: {reason}"))
}

/// The room in a document. Other programs also write whole numbers as `long` or `double`.
pub fn room(document: &Document) -> Result<Room, MongoError> {
    let mut draft = RoomDraft::default();
    for field in &FIELDS {
        read(&mut draft, field, document.get(field.name))
            .map_err(|reason| invalid(document, reason))?;
    }
    // The code is never absent, since it is not optional.
    let room = draft.complete(RoomCode::from_u128(0));
    room.ok_or_else(|| invalid(document, "a field is missing"))
}

fn read(draft: &mut RoomDraft, field: &Field, value: Option<&Bson>) -> Result<(), String> {
    let name = field.name;
    let value = match value {
        None | Some(Bson::Null) if field.is_optional => return Ok(()),
        None => return Err(format!("{name} is missing")),
        Some(value) => value,
    };
    let not = |kind: &str| format!("{name} {value} is not {kind}");
    let refused = |error: InvalidValue| error.to_string();
    match field.kind {
        Kind::Code => {
            let code = value.as_str().ok_or_else(|| not("a text"))?;
            draft.code = Some(code.parse().map_err(|_| not("a UUID"))?);
            Ok(())
        }
        Kind::Whole { set, .. } => {
            set(draft, whole(value).ok_or_else(|| not("a whole number"))?).map_err(refused)
        }
        Kind::Degrees { set, .. } => {
            set(draft, decimal(value).ok_or_else(|| not("a number"))?).map_err(refused)
        }
        Kind::Text { set, .. } => {
            let text = value.as_str().ok_or_else(|| not("a text"))?;
            set(draft, Some(text.to_owned())).map_err(refused)
        }
    }
}

fn whole(value: &Bson) -> Option<i32> {
    match value {
        Bson::Int32(number) => Some(*number),
        Bson::Int64(number) => i32::try_from(*number).ok(),
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and within the range")]
        Bson::Double(number) => {
            let fits = (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(number);
            (fits && number.fract() == 0.0).then_some(*number as i32)
        }
        _ => None,
    }
}

/// A number with a fraction.
pub fn decimal(value: &Bson) -> Option<f64> {
    match value {
        Bson::Double(number) => Some(*number),
        Bson::Int32(number) => Some(f64::from(*number)),
        #[expect(clippy::cast_precision_loss, reason = "so large a number is not a coordinate")]
        Bson::Int64(number) => Some(*number as f64),
        _ => None,
    }
}

/// The document's place in the order of insertion.
pub fn sequence(document: &Document) -> Result<i128, MongoError> {
    match document.get_object_id("_id") {
        Ok(id) => Ok(sequence_of(id)),
        Err(_) => Err(invalid(document, "that is not an ObjectId")),
    }
}

/// An id as a number, in the same order as MongoDB sorts ids.
pub fn sequence_of(id: ObjectId) -> i128 {
    id.bytes().iter().fold(0, |number, byte| number << 8 | i128::from(*byte))
}

/// The id with this number, or the nearest one.
pub fn id_of(sequence: i128) -> ObjectId {
    let [_, _, _, _, bytes @ ..] = sequence.clamp(0, sequence_of(LAST)).to_be_bytes();
    ObjectId::from_bytes(bytes)
}

/// The largest id.
pub const LAST: ObjectId = ObjectId::from_bytes([0xff; 12]);

/// The sequence number of a room that is added after the one with the largest number. An id begins with
/// the second of its creation, followed by a random part per process, so an id that another process
/// created in the same second may be larger than a new one. In that case the number is a larger one, which
/// no other process is likely to choose as well.
pub fn next_sequence(largest: Option<i128>) -> i128 {
    let new = sequence_of(ObjectId::new());
    let [.., a, b, c, d] = Uuid::new_v4().into_bytes();
    let distance = i128::from(u32::from_be_bytes([a, b, c, d]));
    largest.map_or(new, |largest| new.max(largest + 1 + distance))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::use_cases::sample_rooms;

    #[test]
    fn a_document_that_another_program_wrote_is_the_same_room() {
        let expected = &sample_rooms()[0];
        let written = fields(expected);
        assert_eq!(room(&written).unwrap(), *expected);
        let mut other = written;
        other.insert("code", expected.code.to_string().to_uppercase());
        other.insert("size", 215_i64);
        other.insert("price", 39.0);
        other.insert("colour", "red");
        assert_eq!(room(&other).unwrap(), *expected);
        other.insert("longitude", 1);
        other.insert("latitude", -2_i64);
        let place = room(&other).unwrap().place;
        assert!((place.longitude.get() - 1.0, place.latitude.get() + 2.0) == (0.0, 0.0));
    }

    #[test]
    fn an_invalid_document_is_reported_with_its_id_and_field() {
        let id = ObjectId::from_bytes([1; 12]);
        for (field, value, reason) in [
            ("code", Bson::from("the attic"), "code \"the attic\" is not a UUID"),
            ("code", Bson::from(1), "code 1 is not a text"),
            ("size", Bson::from(0), "size is 0: it must be from 1"),
            ("price", Bson::from("60"), "price \"60\" is not a whole number"),
            ("price", Bson::from(1.5), "price 1.5 is not a whole number"),
            ("price", Bson::from(f64::NAN), "is not a whole number"),
            ("price", Bson::from(1_i64 << 40), "is not a whole number"),
            ("latitude", Bson::from(f64::NAN), "latitude is NaN"),
            ("longitude", Bson::Null, "longitude null is not a number"),
        ] {
            let mut document = fields(&sample_rooms()[0]);
            document.insert("_id", id);
            document.insert(field, value);
            let said = room(&document).unwrap_err().to_string();
            assert!(said.contains(reason) && said.contains(&id.to_hex()), "{said}");
        }
    }

    #[test]
    fn ids_and_numbers_have_the_same_order() {
        for bytes in [[0; 12], [0xff; 12], [7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]] {
            let id = ObjectId::from_bytes(bytes);
            assert_eq!(id_of(sequence_of(id)), id);
        }
        assert!(sequence_of(ObjectId::from_bytes([0; 12])) < sequence_of(ObjectId::new()));
        assert_eq!((id_of(-1), id_of(i128::MAX)), (ObjectId::from_bytes([0; 12]), LAST));
    }

    #[test]
    fn a_new_number_is_larger_than_all_before() {
        let mut largest = next_sequence(None);
        for _ in 0..100 {
            let next = next_sequence(Some(largest));
            assert!(next > largest);
            largest = next;
        }
        let later = largest + (1 << 80);
        assert!(next_sequence(Some(later)) > later);
    }
}
