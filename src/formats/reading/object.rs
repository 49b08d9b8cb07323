//! A room as a JSON object.

use std::fmt;

use serde::de::{DeserializeOwned, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::columns::{Columns, UnknownColumns};
use super::excerpt::excerpt;
use super::limits::{MAX_COLUMNS, MAX_NAMES, too_many_names};
use super::room::FieldValue;
use super::text::NOT_UTF8;

/// The members of an object, at most `MOST`, in their order, including repeated ones.
pub struct Members<const MOST: usize>(pub Vec<(String, FieldValue)>);

/// Reads the fields of a room.
///
/// # Errors
///
/// A sentence, with line and column, if it is not an object or has too many names.
pub fn fields(json: &[u8], columns: &Columns) -> Result<Vec<(String, FieldValue)>, String> {
    let members = match columns.unknown() {
        UnknownColumns::Refuse => object::<Members<MAX_NAMES>>(json)?.0,
        UnknownColumns::Ignore => object::<Members<MAX_COLUMNS>>(json)?.0,
    };
    Ok(columns.keep(members))
}

/// Reads an object; the error is a short sentence.
pub(super) fn object<T: DeserializeOwned>(json: &[u8]) -> Result<T, String> {
    let text = std::str::from_utf8(json).map_err(|_| NOT_UTF8.to_owned())?;
    // The parser would repeat a value of another type.
    if !text.trim_start().starts_with('{') {
        return Err("this is not an object".to_owned());
    }
    serde_json::from_str(text).map_err(|error| excerpt(&error.to_string()))
}

impl<'de, const MOST: usize> Deserialize<'de> for Members<MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object<const MOST: usize>;

        impl<'de, const MOST: usize> Visitor<'de> for Object<MOST> {
            type Value = Members<MOST>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with the fields of a room")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(name) = map.next_key()? {
                    if members.len() == MOST {
                        return Err(A::Error::custom(too_many_names(MOST)));
                    }
                    members.push((name, map.next_value()?));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

impl<'de> Deserialize<'de> for FieldValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = FieldValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_unit<E>(self) -> Result<FieldValue, E> {
                Ok(FieldValue::Null)
            }

            fn visit_bool<E>(self, _: bool) -> Result<FieldValue, E> {
                Ok(FieldValue::Other)
            }

            #[expect(clippy::cast_precision_loss, reason = "rounded, like any other number")]
            fn visit_i64<E>(self, number: i64) -> Result<FieldValue, E> {
                Ok(FieldValue::Number(number as f64))
            }

            #[expect(clippy::cast_precision_loss, reason = "rounded, like any other number")]
            fn visit_u64<E>(self, number: u64) -> Result<FieldValue, E> {
                Ok(FieldValue::Number(number as f64))
            }

            fn visit_f64<E>(self, number: f64) -> Result<FieldValue, E> {
                Ok(FieldValue::Number(number))
            }

            fn visit_str<E>(self, text: &str) -> Result<FieldValue, E> {
                Ok(FieldValue::String(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<FieldValue, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(FieldValue::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FieldValue, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(FieldValue::Other)
            }
        }

        deserializer.deserialize_any(Any)
    }
}
