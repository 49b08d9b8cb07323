//! Which document is a room, and which number its place in the order of insertion has.

use std::fmt;

use mongodb::bson::oid::ObjectId;
use mongodb::bson::{Bson, Document, doc};
use uuid::Uuid;

use crate::entities::{Latitude, Longitude, Price, Room, Size};

/// The fields of a room, as the original wrote them.
pub fn fields(room: &Room) -> Document {
    doc! {
        "code": room.code.to_string(),
        "size": room.size.get(),
        "price": room.price.get(),
        "longitude": room.longitude.get(),
        "latitude": room.latitude.get(),
    }
}

/// A document that is no room, and why.
#[derive(Debug, Clone)]
pub struct NoRoom(String);

impl fmt::Display for NoRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl NoRoom {
    fn new(document: &Document, what: impl fmt::Display) -> Self {
        let id = document.get("_id").map_or_else(|| "none".to_owned(), ToString::to_string);
        Self(format!("_id {id}: {what}"))
    }
}

/// The room that a document is. Other programs write whole numbers as `long` or `double` too.
pub fn room(document: &Document) -> Result<Room, NoRoom> {
    let wrong = |error: &dyn fmt::Display| NoRoom::new(document, error);
    let code = document.get_str("code").map_err(|_| wrong(&"code is not a text"))?;
    Ok(Room {
        code: code.parse().map_err(|_| wrong(&format!("code {code:?} is not a UUID")))?,
        size: Size::new(whole(document, "size")?).map_err(|error| wrong(&error))?,
        price: Price::new(whole(document, "price")?).map_err(|error| wrong(&error))?,
        longitude: Longitude::new(number(document, "longitude")?).map_err(|error| wrong(&error))?,
        latitude: Latitude::new(number(document, "latitude")?).map_err(|error| wrong(&error))?,
    })
}

fn whole(document: &Document, field: &str) -> Result<i32, NoRoom> {
    let number = match document.get(field) {
        Some(Bson::Int32(number)) => Some(*number),
        Some(Bson::Int64(number)) => i32::try_from(*number).ok(),
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and within the range")]
        Some(Bson::Double(number)) => {
            let fits = (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(number);
            (fits && number.fract() == 0.0).then_some(*number as i32)
        }
        _ => None,
    };
    number.ok_or_else(|| no_number(document, field, "a whole number"))
}

/// A number with a fraction.
pub fn number(document: &Document, field: &str) -> Result<f64, NoRoom> {
    match document.get(field) {
        Some(Bson::Double(number)) => Ok(*number),
        Some(Bson::Int32(number)) => Ok(f64::from(*number)),
        #[expect(clippy::cast_precision_loss, reason = "one that large is no coordinate anyway")]
        Some(Bson::Int64(number)) => Ok(*number as f64),
        _ => Err(no_number(document, field, "a number")),
    }
}

fn no_number(document: &Document, field: &str, what: &str) -> NoRoom {
    match document.get(field) {
        Some(value) => NoRoom::new(document, format_args!("{field} {value} is not {what}")),
        None => NoRoom::new(document, format_args!("{field} is missing")),
    }
}

/// The document's place in the order of insertion.
pub fn sequence(document: &Document) -> Result<i128, NoRoom> {
    match document.get_object_id("_id") {
        Ok(id) => Ok(sequence_of(id)),
        Err(_) => Err(NoRoom::new(document, "that is not an ObjectId")),
    }
}

/// An id as a number: MongoDB orders both alike.
pub fn sequence_of(id: ObjectId) -> i128 {
    id.bytes().iter().fold(0, |number, byte| number << 8 | i128::from(*byte))
}

/// The id with this number; the nearest that there is, if there is none.
pub fn id_of(sequence: i128) -> ObjectId {
    let [_, _, _, _, bytes @ ..] = sequence.clamp(0, sequence_of(LAST)).to_be_bytes();
    ObjectId::from_bytes(bytes)
}

/// No id comes after this one.
pub const LAST: ObjectId = ObjectId::from_bytes([0xff; 12]);

/// The number of a room that is added after the one with the largest number. Ids begin with the second
/// in which they are made, and go on with what is random in each process; so within one second, those of
/// another process may be larger than a new one. Then it is one that is larger still, and that no other
/// process is likely to take too.
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
    fn a_document_that_others_wrote_is_the_same_room() {
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
        let place = room(&other).unwrap().place();
        assert!((place.longitude.get() - 1.0, place.latitude.get() + 2.0) == (0.0, 0.0));
    }

    #[test]
    fn what_is_no_room_is_told_with_its_id_and_field() {
        let id = ObjectId::from_bytes([1; 12]);
        for (field, value, reason) in [
            ("code", Bson::from("the attic"), "code \"the attic\" is not a UUID"),
            ("code", Bson::from(1), "code is not a text"),
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
