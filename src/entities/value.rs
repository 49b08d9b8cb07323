//! A value of a field, whatever its kind.

use std::borrow::Cow;
use std::fmt;

use super::RoomCode;

/// Smaller numbers are written with an exponent.
const SHORTEST: f64 = 1e-6;

/// A value of a field, or one that fields are compared with. Two values of the same kind are ordered as
/// every storage orders them: codes by their bits, texts by their bytes.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub enum Value<'a> {
    /// A room's code.
    Code(RoomCode),
    /// A whole number.
    Whole(i32),
    /// A finite number.
    Decimal(f64),
    /// A text.
    Text(Cow<'a, str>),
}

impl Value<'_> {
    /// The same value, independent of the room.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Code(code) => Value::Code(code),
            Self::Whole(number) => Value::Whole(number),
            Self::Decimal(number) => Value::Decimal(number),
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
        }
    }
}

/// As it is written in CSV, in a form and in a query.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => code.fmt(f),
            Self::Whole(number) => number.fmt(f),
            // Without an exponent, the smallest number has 324 zeros.
            Self::Decimal(number) if *number != 0.0 && number.abs() < SHORTEST => {
                write!(f, "{number:e}")
            }
            Self::Decimal(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}
