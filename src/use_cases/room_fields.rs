//! A room as somebody writes it: field by field, complete or not, right or wrong.

use std::fmt;

use super::InvalidParameter;
use crate::entities::{Latitude, Longitude, Price, Room, RoomCode, Size};

/// A field's value as it was written: in a form or a table all is text, in JSON it has a type.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldValue {
    /// Text that may stand for a value of any type.
    Text(String),
    /// A string that stands for itself.
    String(String),
    /// A number.
    Number(f64),
    /// Nothing.
    Null,
    /// Something that no field of a room can be, as a list or a truth value.
    Other,
}

/// As it was written.
impl fmt::Display for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::String(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
            Self::Null => f.write_str("null"),
            Self::Other => f.write_str("neither text nor number"),
        }
    }
}

/// Some of a room's fields, each of them right.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct RoomFields {
    /// The code.
    pub code: Option<RoomCode>,
    size: Option<Size>,
    price: Option<Price>,
    latitude: Option<Latitude>,
    longitude: Option<Longitude>,
}

impl RoomFields {
    /// The names of all fields.
    pub const NAMES: [&str; 5] = ["code", "size", "price", "latitude", "longitude"];

    /// Reads fields as somebody wrote them.
    ///
    /// # Errors
    ///
    /// Every field that is unknown, there twice, or not what a room can have.
    pub fn parse(
        written: impl IntoIterator<Item = (String, FieldValue)>,
    ) -> Result<Self, Vec<InvalidParameter>> {
        let (fields, _, errors) = Self::read(written);
        if errors.is_empty() { Ok(fields) } else { Err(errors) }
    }

    /// Reads a room as somebody wrote it. All fields must be there but the code, which is `code` if
    /// none is written.
    ///
    /// # Errors
    ///
    /// Every field that is unknown, there twice, not what a room can have, or missing.
    pub fn parse_room(
        written: impl IntoIterator<Item = (String, FieldValue)>,
        code: RoomCode,
    ) -> Result<Room, Vec<InvalidParameter>> {
        let (fields, seen, mut errors) = Self::read(written);
        if let (
            Self {
                size: Some(size),
                price: Some(price),
                latitude: Some(latitude),
                longitude: Some(longitude),
                ..
            },
            true,
        ) = (fields, errors.is_empty())
        {
            let code = fields.code.unwrap_or(code);
            return Ok(Room { code, size, price, longitude, latitude });
        }
        let is_missing =
            |name: &&str| *name != "code" && !seen.iter().any(|written| written == name);
        errors.extend(Self::NAMES.into_iter().filter(is_missing).map(lacking));
        Err(errors)
    }

    /// What can be read, the names that were written, and what is wrong.
    fn read(
        written: impl IntoIterator<Item = (String, FieldValue)>,
    ) -> (Self, Vec<String>, Vec<InvalidParameter>) {
        let mut fields = Self::default();
        let mut errors = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        for (name, value) in written {
            let read = if seen.contains(&name) {
                Err(format!("{name} is given more than once"))
            } else {
                fields.set(&name, &value)
            };
            if let Err(message) = read {
                errors.push(InvalidParameter { name: name.clone(), message });
            }
            seen.push(name);
        }
        (fields, seen, errors)
    }

    fn set(&mut self, name: &str, value: &FieldValue) -> Result<(), String> {
        match name {
            "code" => self.code = Some(code(value)?),
            "size" => self.size = Some(measure(whole(value)?, Size::new)?),
            "price" => self.price = Some(measure(whole(value)?, Price::new)?),
            "latitude" => self.latitude = Some(measure(decimal(value)?, Latitude::new)?),
            "longitude" => self.longitude = Some(measure(decimal(value)?, Longitude::new)?),
            _ => {
                return Err(format!("a room has no such field; it has {}", Self::NAMES.join(", ")));
            }
        }
        Ok(())
    }

    /// The same room with these fields changed; its code never changes.
    #[must_use]
    pub fn apply_to(self, room: &Room) -> Room {
        Room {
            code: room.code,
            size: self.size.unwrap_or(room.size),
            price: self.price.unwrap_or(room.price),
            longitude: self.longitude.unwrap_or(room.longitude),
            latitude: self.latitude.unwrap_or(room.latitude),
        }
    }
}

fn lacking(name: &str) -> InvalidParameter {
    InvalidParameter { name: name.to_owned(), message: format!("{name} is missing") }
}

fn code(value: &FieldValue) -> Result<RoomCode, String> {
    match value {
        FieldValue::Text(text) | FieldValue::String(text) => {
            text.parse().map_err(|error: crate::entities::InvalidRoomCode| error.to_string())
        }
        _ => Err("write a UUID as a string".to_owned()),
    }
}

fn whole(value: &FieldValue) -> Result<i32, String> {
    let number = match value {
        FieldValue::Text(text) => text.trim().parse().ok(),
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and within the range")]
        FieldValue::Number(number) => {
            let fits = (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(number);
            (fits && number.fract() == 0.0).then_some(*number as i32)
        }
        FieldValue::Null => return Err("a room cannot be without it".to_owned()),
        FieldValue::String(_) | FieldValue::Other => None,
    };
    number.ok_or_else(|| "write a whole number of at most 2147483647".to_owned())
}

fn decimal(value: &FieldValue) -> Result<f64, String> {
    let number = match value {
        FieldValue::Text(text) => text.trim().parse().ok(),
        FieldValue::Number(number) => Some(*number),
        FieldValue::Null => return Err("a room cannot be without it".to_owned()),
        FieldValue::String(_) | FieldValue::Other => None,
    };
    number
        .filter(|number: &f64| number.is_finite())
        .ok_or_else(|| "write a decimal number of degrees, as -0.0999".to_owned())
}

fn measure<N, T>(
    number: N,
    new: impl FnOnce(N) -> Result<T, crate::entities::InvalidMeasure>,
) -> Result<T, String> {
    new(number).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(fields: &[(&str, &str)]) -> Vec<(String, FieldValue)> {
        let field = |(name, value): &(&str, &str)| {
            ((*name).to_owned(), FieldValue::Text((*value).to_owned()))
        };
        fields.iter().map(field).collect()
    }

    fn names(errors: Vec<InvalidParameter>) -> Vec<String> {
        errors.into_iter().map(|error| error.name).collect()
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let fields = text(&[
            ("code", "x"),
            ("size", "0"),
            ("price", "6.5"),
            ("latitude", "91"),
            ("longitude", "NaN"),
            ("colour", "red"),
            ("size", "5"),
        ]);
        let errors = RoomFields::parse(fields).unwrap_err();
        assert_eq!(
            names(errors),
            ["code", "size", "price", "latitude", "longitude", "colour", "size"]
        );
    }

    #[test]
    fn every_missing_field_is_named_at_once_beside_those_that_are_wrong() {
        let code = RoomCode::from_u128(1);
        let errors = RoomFields::parse_room(text(&[("price", "5")]), code).unwrap_err();
        assert_eq!(names(errors), ["size", "latitude", "longitude"]);
        let fields = text(&[("price", "dear"), ("latitude", "5"), ("colour", "red")]);
        let errors = RoomFields::parse_room(fields, code).unwrap_err();
        assert_eq!(names(errors), ["price", "colour", "size", "longitude"]);
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_point_in_json() {
        let fields = |value| vec![("price".to_owned(), value)];
        assert!(RoomFields::parse(fields(FieldValue::Number(39.0))).is_ok());
        for value in [
            FieldValue::Number(39.5),
            FieldValue::Number(-1.0),
            FieldValue::Number(2_147_483_648.0),
            FieldValue::String("39".to_owned()),
            FieldValue::Null,
            FieldValue::Other,
        ] {
            assert!(RoomFields::parse(fields(value.clone())).is_err(), "{value:?}");
        }
    }
}
