//! The four numbers of a room, each with its unit and its range.

use std::error::Error;
use std::fmt;

/// A number that a room cannot have, with the range it must be in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidMeasure {
    field: &'static str,
    value: String,
    range: &'static str,
}

impl InvalidMeasure {
    /// The field's name, as in `price`.
    #[must_use]
    pub fn field(&self) -> &'static str {
        self.field
    }
}

impl fmt::Display for InvalidMeasure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}: it must be {}", self.field, self.value, self.range)
    }
}

impl Error for InvalidMeasure {}

macro_rules! measure {
    ($(#[$doc:meta])* $name:ident($number:ty), $field:literal, $range:expr, $words:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
        pub struct $name($number);

        impl $name {
            /// Builds the value.
            ///
            /// # Errors
            ///
            /// [`InvalidMeasure`] if the number is outside the range above.
            pub fn new(value: $number) -> Result<Self, InvalidMeasure> {
                if ($range).contains(&value) {
                    Ok(Self(value))
                } else {
                    Err(InvalidMeasure {
                        field: $field,
                        value: value.to_string(),
                        range: $words,
                    })
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
    Size(i32), "size", 1..=i32::MAX, "from 1 to 2147483647 square metres"
);
measure!(
    /// A room's price in euro a day, 0 to 2147483647.
    Price(i32), "price", 0..=i32::MAX, "from 0 to 2147483647 euro a day"
);
measure!(
    /// A room's longitude in degrees east of Greenwich (WGS 84), -180 to 180.
    Longitude(f64), "longitude", -180.0..=180.0, "from -180 to 180 degrees"
);
measure!(
    /// A room's latitude in degrees north of the equator (WGS 84), -90 to 90.
    Latitude(f64), "latitude", -90.0..=90.0, "from -90 to 90 degrees"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_measure_takes_both_ends_of_its_range() {
        for size in [1, i32::MAX] {
            assert_eq!(Size::new(size).map(Size::get), Ok(size));
        }
        for price in [0, i32::MAX] {
            assert_eq!(Price::new(price).map(Price::get), Ok(price));
        }
        for degrees in [-180.0, 180.0] {
            assert_eq!(Longitude::new(degrees).map(Longitude::get), Ok(degrees));
        }
        for degrees in [-90.0, 90.0] {
            assert_eq!(Latitude::new(degrees).map(Latitude::get), Ok(degrees));
        }
    }

    #[test]
    fn a_number_just_outside_is_refused_by_name_and_range() {
        let said = |error: InvalidMeasure| error.to_string();
        assert_eq!(
            Size::new(0).map_err(said),
            Err("size is 0: it must be from 1 to 2147483647 square metres".to_owned())
        );
        assert_eq!(
            Price::new(-1).map_err(said),
            Err("price is -1: it must be from 0 to 2147483647 euro a day".to_owned())
        );
        assert!(Longitude::new(180.000_001).is_err());
        assert!(Latitude::new(-90.000_001).is_err());
    }

    #[test]
    fn a_coordinate_is_finite() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(Longitude::new(value).is_err());
            assert!(Latitude::new(value).is_err());
        }
    }
}
