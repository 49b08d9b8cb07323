//! Conditions on rooms: what a list may be narrowed by.

use super::BoundingBox;
use super::parameter::{decimals, unusable};
use crate::entities::{InvalidRoomCode, Room, RoomCode};

/// How a room's number is compared with the one that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Less than.
    Lt,
    /// Less than or equal.
    Lte,
    /// Greater than.
    Gt,
    /// Greater than or equal.
    Gte,
}

impl Comparison {
    /// All of them, by the name that each has in a request.
    pub const NAMES: [(&str, Self); 6] = [
        ("eq", Self::Eq),
        ("ne", Self::Ne),
        ("lt", Self::Lt),
        ("lte", Self::Lte),
        ("gt", Self::Gt),
        ("gte", Self::Gte),
    ];

    /// Whether `left` stands in this relation to `right`.
    pub fn holds<T: PartialOrd + Copy>(self, left: T, right: T) -> bool {
        match self {
            Self::Eq => left == right,
            Self::Ne => left != right,
            Self::Lt => left < right,
            Self::Lte => left <= right,
            Self::Gt => left > right,
            Self::Gte => left >= right,
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, comparison)| *comparison)
    }
}

/// One condition on a room.
///
/// A bound may lie outside the range that the room's own field has: `price__gt=-1` holds for all.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// The code is one of these.
    Code(Vec<RoomCode>),
    /// The size, in square metres, compared.
    Size(Comparison, i32),
    /// The price, in euro a day, compared.
    Price(Comparison, i32),
    /// The longitude, in degrees, compared with a finite number.
    Longitude(Comparison, f64),
    /// The latitude, in degrees, compared with a finite number.
    Latitude(Comparison, f64),
    /// The room is in this box.
    Within(BoundingBox),
}

impl Filter {
    /// Reads `key`, as in `price__lt`, and `value`, as in `60`.
    ///
    /// # Errors
    ///
    /// A sentence that names the key or the value, and says what would be right.
    pub(super) fn parse(key: &str, value: &str) -> Result<Self, String> {
        let unknown = || format!("Key {key} cannot be used");
        let (field, operator) = key.split_once("__").ok_or_else(unknown)?;
        if field == "code" {
            return match operator {
                "eq" => Ok(Self::Code(vec![code(key, value, value)?])),
                "in" => {
                    let codes: Result<_, _> =
                        value.split(',').map(|text| code(key, value, text)).collect();
                    codes.map(Self::Code)
                }
                _ => Err(unknown()),
            };
        }
        let comparison = Comparison::parse(operator).ok_or_else(unknown)?;
        match field {
            "size" => whole(key, value).map(|number| Self::Size(comparison, number)),
            "price" => whole(key, value).map(|number| Self::Price(comparison, number)),
            "longitude" => degrees(key, value).map(|number| Self::Longitude(comparison, number)),
            "latitude" => degrees(key, value).map(|number| Self::Latitude(comparison, number)),
            _ => Err(unknown()),
        }
    }

    /// Whether the room meets the condition.
    #[must_use]
    pub fn holds(&self, room: &Room) -> bool {
        match self {
            Self::Code(codes) => codes.contains(&room.code),
            Self::Size(comparison, number) => comparison.holds(room.size.get(), *number),
            Self::Price(comparison, number) => comparison.holds(room.price.get(), *number),
            Self::Longitude(comparison, number) => comparison.holds(room.longitude.get(), *number),
            Self::Latitude(comparison, number) => comparison.holds(room.latitude.get(), *number),
            Self::Within(bounds) => bounds.contains(room),
        }
    }
}

/// One of the codes in `value`.
fn code(key: &str, value: &str, code: &str) -> Result<RoomCode, String> {
    code.parse().map_err(|error: InvalidRoomCode| unusable(key, value, &error.to_string()))
}

fn whole(key: &str, value: &str) -> Result<i32, String> {
    value.parse().map_err(|_| {
        unusable(key, value, "write a whole number from -2147483648 to 2147483647, as 60")
    })
}

fn degrees(key: &str, value: &str) -> Result<f64, String> {
    match decimals(value) {
        Some([number]) => Ok(number),
        None => Err(unusable(key, value, "write a finite decimal number, as -0.0999")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::use_cases::sample_rooms;

    #[test]
    fn every_field_and_operator_of_the_contract_is_known() {
        let operators = ["eq", "ne", "lt", "lte", "gt", "gte"];
        for field in ["size", "price", "longitude", "latitude"] {
            for operator in operators {
                let key = format!("{field}__{operator}");
                assert!(Filter::parse(&key, "1").is_ok(), "{key}");
            }
        }
        let code = "f853578c-fc0f-4e65-81b8-566c5dffa35a";
        assert!(Filter::parse("code__eq", code).is_ok());
        for codes in [code.to_owned(), format!("{code},{}", code.to_uppercase())] {
            assert!(Filter::parse("code__in", &codes).is_ok());
        }
    }

    #[test]
    fn an_unknown_key_is_refused_in_the_originals_words() {
        for key in [
            "",
            "foo",
            "price",
            "price__",
            "price__le",
            "__eq",
            "code__lt",
            "code__ne",
            "id__eq",
            "Price__eq",
            "price__eq__eq",
        ] {
            assert_eq!(Filter::parse(key, "1"), Err(format!("Key {key} cannot be used")));
        }
    }

    #[test]
    fn a_value_that_cannot_be_read_is_named_with_its_key() {
        for value in ["cheap", "6.5", "1e2", " 60", "2147483648", "-2147483649", "6\0"] {
            let error = Filter::parse("price__lt", value).unwrap_err();
            assert!(error.starts_with(&format!("Value {value:?} of price__lt cannot be used: ")));
        }
        for value in ["NaN", "inf", "-infinity", "1e999", "east", "0,5"] {
            let error = Filter::parse("longitude__gt", value).unwrap_err();
            assert!(error.starts_with(&format!("Value {value:?} of longitude__gt cannot be used")));
        }
        let code = "f853578c-fc0f-4e65-81b8-566c5dffa35a";
        for value in ["f853578c", "", &format!("{code},"), &format!("{code} ,{code}")] {
            for key in ["code__eq", "code__in"] {
                assert!(Filter::parse(key, value).unwrap_err().contains("is a UUID"), "{value}");
            }
        }
        assert!(Filter::parse("code__eq", &format!("{code},{code}")).is_err());
    }

    #[test]
    fn a_long_value_is_shown_cut() {
        let error = Filter::parse("price__lt", &"9".repeat(60_000)).unwrap_err();
        assert!(error.len() < 300, "{error}");
    }

    #[test]
    fn a_comparison_holds_as_its_name_says() {
        let room = &sample_rooms()[0];
        for (key, below, equal, above) in [
            ("price__eq", false, true, false),
            ("price__ne", true, false, true),
            ("price__lt", false, false, true),
            ("price__lte", false, true, true),
            ("price__gt", true, false, false),
            ("price__gte", true, true, false),
        ] {
            for (value, expected) in [("38", below), ("39", equal), ("40", above)] {
                let filter = Filter::parse(key, value).unwrap();
                assert_eq!(filter.holds(room), expected, "39 against {key}={value}");
            }
        }
    }
}
