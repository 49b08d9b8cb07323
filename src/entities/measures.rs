//! The four numbers of a room, each with its unit and its range.

use std::error::Error;
use std::fmt;

/// A value that a field of a room cannot have, and the values that it can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidValue {
    field: &'static str,
    value: String,
    valid: String,
}

impl InvalidValue {
    /// The value of this field is not `valid`, for example "from 1 to 120 characters".
    #[must_use]
    pub fn new(field: &'static str, value: String, valid: String) -> Self {
        Self { field, value, valid }
    }
}

impl fmt::Display for InvalidValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}: it must be {}", self.field, self.value, self.valid)
    }
}

impl Error for InvalidValue {}

macro_rules! measure {
    (
        $(#[$doc:meta])*
        $name:ident($number:ty), $field:literal, $least:expr, $most:expr, $unit:literal
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
        pub struct $name($number);

        impl $name {
            /// The field's name.
            pub const FIELD: &str = $field;
            /// The smallest valid number.
            pub const LEAST: $number = $least;
            /// The largest valid number.
            pub const MOST: $number = $most;
            /// The unit.
            pub const UNIT: &str = $unit;

            /// Builds the value.
            ///
            /// # Errors
            ///
            /// [`InvalidValue`] if the number is outside the range above.
            pub fn new(value: $number) -> Result<Self, InvalidValue> {
                if (Self::LEAST..=Self::MOST).contains(&value) {
                    // -0.0 + 0 is 0.0. The two are equal but written differently, so an `ETag`
                    // would depend on which it is.
                    Ok(Self(value + <$number>::default()))
                } else {
                    let (least, most) = (Self::LEAST, Self::MOST);
                    let valid = format!("from {least} to {most} {}", Self::UNIT);
                    Err(InvalidValue::new(Self::FIELD, value.to_string(), valid))
                }
            }

            /// The plain number, in the unit above.
            #[must_use]
            pub fn get(self) -> $number {
                self.0
            }
        }
    };
}

measure!(
    /// A room's floor area in square metres, 1 to 2147483647.
    Size(i32), "size", 1, i32::MAX, "square metres"
);
measure!(
    /// A room's price in euros per day, 0 to 2147483647.
    Price(i32), "price", 0, i32::MAX, "euros per day"
);
measure!(
    /// A room's latitude in degrees north of the equator (WGS 84), -90 to 90.
    Latitude(f64), "latitude", -90.0, 90.0, "degrees"
);
measure!(
    /// A room's longitude in degrees east of Greenwich (WGS 84), -180 to 180.
    Longitude(f64), "longitude", -180.0, 180.0, "degrees"
);
