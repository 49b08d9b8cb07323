//! A room as a program or a person writes it: field by field, complete or not, valid or not.

use std::fmt;

use crate::entities::{FIELDS, Field, InvalidRoomCode, Kind, Room, RoomCode, RoomDraft};
use crate::use_cases::InvalidParameter;

/// A field's value as it is written. In a form or a table everything is text; in JSON a value has a
/// type.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldValue {
    /// Text that may stand for a value of any type.
    Text(String),
    /// A string that stands for itself.
    String(String),
    /// A number.
    Number(f64),
    /// `null`.
    Null,
    /// Something that no field can be, for example a list or a boolean.
    Other,
}

/// As it is written.
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

/// Reads some fields of a room.
///
/// # Errors
///
/// Every field that is unknown, repeated or invalid.
pub fn parse_draft(
    written: impl IntoIterator<Item = (String, FieldValue)>,
) -> Result<RoomDraft, Vec<InvalidParameter>> {
    let (draft, _, errors) = read(written);
    if errors.is_empty() { Ok(draft) } else { Err(errors) }
}

/// Reads a room. All required fields must be there; a room without a code gets `default_code`.
///
/// # Errors
///
/// Every field that is unknown, repeated, invalid or missing.
pub fn parse_room(
    written: impl IntoIterator<Item = (String, FieldValue)>,
    default_code: RoomCode,
) -> Result<Room, Vec<InvalidParameter>> {
    let (draft, seen, mut errors) = read(written);
    let is_missing = |field: &&Field| field.is_required() && !seen.contains(&field.name.to_owned());
    let missing = FIELDS.iter().filter(is_missing).map(|field| InvalidParameter {
        name: field.name.to_owned(),
        message: format!("{} is missing", field.name),
    });
    errors.extend(missing);
    match draft.complete(default_code) {
        Some(room) if errors.is_empty() => Ok(room),
        _ => Err(errors),
    }
}

/// The valid fields, the names of all fields that are written, and the errors.
fn read(
    written: impl IntoIterator<Item = (String, FieldValue)>,
) -> (RoomDraft, Vec<String>, Vec<InvalidParameter>) {
    let mut draft = RoomDraft::default();
    let mut errors = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for (name, value) in written {
        let read = match Field::named(&name) {
            _ if seen.contains(&name) => Err(format!("{name} is given more than once")),
            Some(field) => set(&mut draft, field, value),
            None => Err(format!("there is no such field; the fields are {}", Field::names())),
        };
        if let Err(message) = read {
            errors.push(InvalidParameter { name: name.clone(), message });
        }
        seen.push(name);
    }
    (draft, seen, errors)
}

fn set(draft: &mut RoomDraft, field: &Field, value: FieldValue) -> Result<(), String> {
    let wanted = |what: &str| format!("write {what}, for example {}", field.example);
    if value == FieldValue::Null && !field.is_optional {
        return Err("every room has this field: write a value other than null".to_owned());
    }
    let valid = match field.kind {
        Kind::Code => {
            draft.code = Some(code(&value)?);
            Ok(())
        }
        Kind::Whole { set, least, most, .. } => {
            let number = whole(&value)
                .ok_or_else(|| wanted(&format!("a whole number from {least} to {most}")))?;
            set(draft, number)
        }
        Kind::Degrees { set, .. } => {
            let number = decimal(&value).ok_or_else(|| wanted("a decimal number of degrees"))?;
            set(draft, number)
        }
        Kind::Text { set, .. } => match value {
            // In a form or a table, an empty text means that there is none.
            FieldValue::Text(text) => set(draft, Some(text).filter(|text| !text.is_empty())),
            FieldValue::String(text) => set(draft, Some(text)),
            FieldValue::Null => set(draft, None),
            FieldValue::Number(_) | FieldValue::Other => {
                return Err(format!("write a text, for example {:?}", field.example));
            }
        },
    };
    valid.map_err(|error| error.to_string())
}

fn code(value: &FieldValue) -> Result<RoomCode, String> {
    match value {
        FieldValue::Text(text) | FieldValue::String(text) => {
            text.parse().map_err(|error: InvalidRoomCode| error.to_string())
        }
        _ => Err("write a UUID as a string".to_owned()),
    }
}

fn whole(value: &FieldValue) -> Option<i32> {
    match value {
        FieldValue::Text(text) => text.trim().parse().ok(),
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and within the range")]
        FieldValue::Number(number) => {
            let fits = (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(number);
            (fits && number.fract() == 0.0).then_some(*number as i32)
        }
        FieldValue::String(_) | FieldValue::Null | FieldValue::Other => None,
    }
}

fn decimal(value: &FieldValue) -> Option<f64> {
    let number = match value {
        FieldValue::Text(text) => text.trim().parse().ok(),
        FieldValue::Number(number) => Some(*number),
        FieldValue::String(_) | FieldValue::Null | FieldValue::Other => None,
    };
    number.filter(|number: &f64| number.is_finite())
}
