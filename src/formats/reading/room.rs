//! A room as a program or a person writes it: field by field, complete or not, valid or not. Each field has
//! one rule, however its value arrives.

use std::fmt;

use super::excerpt::excerpt;
use crate::entities::{FIELDS, Field, InvalidRoomCode, Kind, Room, RoomCode, RoomDraft};
use crate::use_cases::InvalidParameter;

/// A field's value as it is written. In a form or a table everything is text; in JSON a value has a
/// type.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldValue {
    /// Text that may stand for a value of any type.
    Text(String),
    /// The same from a table whose separator is not a comma, so that the decimal separator may be one.
    TextWithComma(String),
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
            Self::Text(text) | Self::TextWithComma(text) | Self::String(text) => f.write_str(text),
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
    let is_missing = |field: &&Field| field.is_required() && !seen.contains(field);
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

/// The valid fields, all fields that are written, and the errors.
fn read(
    written: impl IntoIterator<Item = (String, FieldValue)>,
) -> (RoomDraft, Vec<&'static Field>, Vec<InvalidParameter>) {
    let mut draft = RoomDraft::default();
    let mut errors = Vec::new();
    let mut seen = Vec::new();
    for (name, value) in written {
        let read = match Field::named(&name) {
            Some(field) if seen.contains(&field) => Err(format!("{name} is given more than once")),
            Some(field) => {
                seen.push(field);
                set(&mut draft, field, value)
            }
            None => Err(format!("there is no such field; the fields are {}", Field::names())),
        };
        if let Err(message) = read {
            errors.push(InvalidParameter { name: excerpt(&name), message });
        }
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
            draft.code = code(&value)?;
            Ok(())
        }
        Kind::Whole { set, least, most, .. } => {
            let number = whole(&value).ok_or_else(|| match &value {
                FieldValue::TextWithComma(text) if has_thousands(text) => wanted(&format!(
                    "a whole number from {least} to {most} without a separator, which could be that of \
                     decimals or of thousands"
                )),
                _ => wanted(&format!("a whole number from {least} to {most}")),
            })?;
            set(draft, number)
        }
        Kind::Degrees { set, .. } => {
            let number = decimal(&value).ok_or_else(|| wanted("a decimal number of degrees"))?;
            set(draft, number)
        }
        Kind::Text { set, is_multiline, .. } => match value {
            // In a form or a table, an empty text means that there is none. A single line never has blanks at its
            // ends, so those in a table are not part of it.
            FieldValue::Text(text) | FieldValue::TextWithComma(text) => {
                let text = if is_multiline { text } else { text.trim().to_owned() };
                set(draft, Some(text).filter(|text| !text.is_empty()))
            }
            FieldValue::String(text) => set(draft, Some(text)),
            FieldValue::Null => set(draft, None),
            FieldValue::Number(_) | FieldValue::Other => {
                return Err(format!("write a text, for example {:?}", field.example));
            }
        },
    };
    valid.map_err(|error| error.to_string())
}

/// The code; `None` for an empty text in a form or a table, which means that there is none.
fn code(value: &FieldValue) -> Result<Option<RoomCode>, String> {
    match value {
        FieldValue::Text(text) | FieldValue::TextWithComma(text) if text.trim().is_empty() => {
            Ok(None)
        }
        FieldValue::Text(text) | FieldValue::TextWithComma(text) | FieldValue::String(text) => {
            parse_code(text).map(Some).map_err(|error| error.to_string())
        }
        _ => Err("write a UUID as a string".to_owned()),
    }
}

/// Reads a code, also with blanks and braces around it, as some programs write a UUID.
///
/// # Errors
///
/// [`InvalidRoomCode`] if it is not a UUID.
pub fn parse_code(text: &str) -> Result<RoomCode, InvalidRoomCode> {
    let text = text.trim();
    let bare = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    bare.map_or(text, str::trim).parse()
}

fn whole(value: &FieldValue) -> Option<i32> {
    match value {
        FieldValue::Text(text) => parse_whole(text),
        // 1,000 could be 1 or a thousand.
        FieldValue::TextWithComma(text) if has_thousands(text) => None,
        FieldValue::TextWithComma(text) => parse_whole(&with_point(text)),
        FieldValue::Number(number) => whole_of(*number),
        FieldValue::String(_) | FieldValue::Null | FieldValue::Other => None,
    }
}

fn decimal(value: &FieldValue) -> Option<f64> {
    match value {
        FieldValue::Text(text) => parse_decimal(text),
        FieldValue::TextWithComma(text) => parse_decimal(&with_point(text)),
        FieldValue::Number(number) => Some(*number).filter(|number| number.is_finite()),
        FieldValue::String(_) | FieldValue::Null | FieldValue::Other => None,
    }
}

/// Reads a whole number, which may be written with a decimal point, for example `39.00`.
#[must_use]
pub fn parse_whole(text: &str) -> Option<i32> {
    parse_decimal(text).and_then(whole_of)
}

/// Reads a finite number.
#[must_use]
pub fn parse_decimal(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

#[expect(clippy::cast_possible_truncation, reason = "it is whole and within the range")]
fn whole_of(number: f64) -> Option<i32> {
    let fits = (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&number);
    (fits && number.fract() == 0.0).then_some(number as i32)
}

/// The number with a decimal point, if it is written with a comma.
fn with_point(text: &str) -> String {
    if text.contains('.') { text.to_owned() } else { text.replacen(',', ".", 1) }
}

/// Whether the number ends with a separator and three digits.
fn has_thousands(text: &str) -> bool {
    let end = text.trim().rsplit_once([',', '.']).map(|(_, end)| end);
    end.is_some_and(|end| end.len() == 3 && end.bytes().all(|byte| byte.is_ascii_digit()))
}
