//! The room itself, a draft of one, and the table of its fields. Every other list of fields in the
//! program comes from [`FIELDS`], or from a pattern without `..`, so that the compiler names each place
//! that a new field concerns.

use std::fmt;

use super::{
    Description, InvalidValue, Latitude, Longitude, Name, Place, Price, RoomCode, Size, Value,
};

/// A room for rent.
#[derive(Debug, Clone, PartialEq)]
pub struct Room {
    /// Identifies the room.
    pub code: RoomCode,
    /// Floor area, in square metres.
    pub size: Size,
    /// Price, in euros per day.
    pub price: Price,
    /// Where it is.
    pub place: Place,
    /// What it is called.
    pub name: Option<Name>,
    /// What a visitor should know about it.
    pub description: Option<Description>,
}

/// Some of a room's fields, each of them valid: a room that is not complete yet, or the changes to
/// one. [`FIELDS`] fills it in field by field.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RoomDraft {
    /// The code.
    pub code: Option<RoomCode>,
    /// Floor area, in square metres.
    pub size: Option<Size>,
    /// Price, in euros per day.
    pub price: Option<Price>,
    /// Degrees north of the equator.
    pub latitude: Option<Latitude>,
    /// Degrees east of Greenwich.
    pub longitude: Option<Longitude>,
    /// What it is called, or that it has no name.
    pub name: Option<Option<Name>>,
    /// What a visitor should know about it, or that there is nothing.
    pub description: Option<Option<Description>>,
}

impl RoomDraft {
    /// The room, unless a field that every room has is missing. A draft without a code gets this one.
    #[must_use]
    pub fn complete(self, default_code: RoomCode) -> Option<Room> {
        let Self { code, size, price, latitude, longitude, name, description } = self;
        Some(Room {
            code: code.unwrap_or(default_code),
            size: size?,
            price: price?,
            place: Place { latitude: latitude?, longitude: longitude? },
            name: name.flatten(),
            description: description.flatten(),
        })
    }

    /// The room with the draft's fields in place of its own. Its code never changes.
    #[must_use]
    pub fn apply_to(self, room: &Room) -> Room {
        let Self { code: _, size, price, latitude, longitude, name, description } = self;
        Room {
            code: room.code,
            size: size.unwrap_or(room.size),
            price: price.unwrap_or(room.price),
            place: Place {
                latitude: latitude.unwrap_or(room.place.latitude),
                longitude: longitude.unwrap_or(room.place.longitude),
            },
            name: name.unwrap_or_else(|| room.name.clone()),
            description: description.unwrap_or_else(|| room.description.clone()),
        }
    }
}

/// All fields, in the order in which they are written.
pub static FIELDS: [Field; 7] = [
    Field {
        name: RoomCode::FIELD,
        kind: Kind::Code,
        is_optional: false,
        label: "Code",
        description: "A UUID, in lower case",
        unit: "",
        symbol: "",
        affixes: ["", ""],
        example: "f853578c-fc0f-4e65-81b8-566c5dffa35a",
    },
    Field {
        name: Size::FIELD,
        kind: Kind::Whole {
            least: Size::LEAST,
            most: Size::MOST,
            get: |room| room.size.get(),
            set: |draft, value| Size::new(value).map(|value| draft.size = Some(value)),
        },
        is_optional: false,
        label: "Size",
        description: "Floor area in square metres",
        unit: Size::UNIT,
        symbol: "m²",
        affixes: ["", " m²"],
        example: "215",
    },
    Field {
        name: Price::FIELD,
        kind: Kind::Whole {
            least: Price::LEAST,
            most: Price::MOST,
            get: |room| room.price.get(),
            set: |draft, value| Price::new(value).map(|value| draft.price = Some(value)),
        },
        is_optional: false,
        label: "Price per day",
        description: "Price in euros per day",
        unit: Price::UNIT,
        symbol: "€/day",
        affixes: ["€", ""],
        example: "39",
    },
    Field {
        name: Latitude::FIELD,
        kind: Kind::Degrees {
            most: Latitude::MOST,
            get: |room| room.place.latitude.get(),
            set: |draft, value| Latitude::new(value).map(|value| draft.latitude = Some(value)),
        },
        is_optional: false,
        label: "Latitude",
        description: "Degrees north of the equator",
        unit: Latitude::UNIT,
        symbol: "°",
        affixes: ["", "°"],
        example: "51.75436293",
    },
    Field {
        name: Longitude::FIELD,
        kind: Kind::Degrees {
            most: Longitude::MOST,
            get: |room| room.place.longitude.get(),
            set: |draft, value| Longitude::new(value).map(|value| draft.longitude = Some(value)),
        },
        is_optional: false,
        label: "Longitude",
        description: "Degrees east of Greenwich",
        unit: Longitude::UNIT,
        symbol: "°",
        affixes: ["", "°"],
        example: "-0.09998975",
    },
    Field {
        name: Name::FIELD,
        kind: Kind::Text {
            longest: Name::LONGEST,
            is_multiline: Name::IS_MULTILINE,
            get: |room| room.name.as_ref().map(Name::get),
            set: |draft, text| {
                draft.name = Some(text.map(Name::new).transpose()?);
                Ok(())
            },
        },
        is_optional: true,
        label: "Name",
        description: "What the room is called, in one line",
        unit: "",
        symbol: "",
        affixes: ["", ""],
        example: "Attic with a balcony",
    },
    Field {
        name: Description::FIELD,
        kind: Kind::Text {
            longest: Description::LONGEST,
            is_multiline: Description::IS_MULTILINE,
            get: |room| room.description.as_ref().map(Description::get),
            set: |draft, text| {
                draft.description = Some(text.map(Description::new).transpose()?);
                Ok(())
            },
        },
        is_optional: true,
        label: "Description",
        description: "What a visitor should know about the room; it may have line breaks",
        unit: "",
        symbol: "",
        affixes: ["", ""],
        example: "Bright and quiet, two minutes from the station. Kitchen and bath are shared.",
    },
];

/// A field of a room.
pub struct Field {
    /// Its name in every format, parameter and column, for example `price`.
    pub name: &'static str,
    /// The kind of its values, and how they are read and written.
    pub kind: Kind,
    /// Whether a room can be without it.
    pub is_optional: bool,
    /// Its name for people.
    pub label: &'static str,
    /// One line of documentation.
    pub description: &'static str,
    /// Its unit, in words; empty if it has none.
    pub unit: &'static str,
    /// Its unit as a symbol, for a column's heading; empty if it has none.
    pub symbol: &'static str,
    /// What a page writes before and after a value.
    pub affixes: [&'static str; 2],
    /// A valid value, as it is written: that of the first sample room, if that has one.
    pub example: &'static str,
}

/// The kind of a field's values, with their bounds, and how to read one from a room and write one to a
/// draft.
pub enum Kind {
    /// A UUID: the room's own.
    Code,
    /// A whole number from `least` to `most`.
    Whole {
        /// The smallest valid number.
        least: i32,
        /// The largest valid number.
        most: i32,
        /// Reads it.
        get: fn(&Room) -> i32,
        /// Writes it.
        set: fn(&mut RoomDraft, i32) -> Result<(), InvalidValue>,
    },
    /// An angle from `-most` to `most`, in degrees.
    Degrees {
        /// The largest valid number.
        most: f64,
        /// Reads it.
        get: fn(&Room) -> f64,
        /// Writes it.
        set: fn(&mut RoomDraft, f64) -> Result<(), InvalidValue>,
    },
    /// A text of 1 to `longest` characters.
    Text {
        /// The most characters.
        longest: usize,
        /// Whether it may have several lines.
        is_multiline: bool,
        /// Reads it.
        get: fn(&Room) -> Option<&str>,
        /// Writes it; `None` removes it.
        set: fn(&mut RoomDraft, Option<String>) -> Result<(), InvalidValue>,
    },
}

impl Field {
    /// The field with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        FIELDS.iter().find(|field| field.name == name)
    }

    /// The names of all fields, with commas between them.
    #[must_use]
    pub fn names() -> String {
        FIELDS.each_ref().map(|field| field.name).join(", ")
    }

    /// The room's value, if it has one.
    #[must_use]
    pub fn value<'a>(&self, room: &'a Room) -> Option<Value<'a>> {
        match self.kind {
            Kind::Code => Some(Value::Code(room.code)),
            Kind::Whole { get, .. } => Some(Value::Whole(get(room))),
            Kind::Degrees { get, .. } => Some(Value::Decimal(get(room))),
            Kind::Text { get, .. } => get(room).map(|text| Value::Text(text.into())),
        }
    }

    /// The room's value for comparisons: a text that is absent counts as an empty one, which no room
    /// has.
    #[must_use]
    pub fn sort_value<'a>(&self, room: &'a Room) -> Value<'a> {
        self.value(room).unwrap_or(Value::Text("".into()))
    }

    /// The room's value as a page shows it; empty if it has none.
    #[must_use]
    pub fn text(&self, room: &Room) -> String {
        let [prefix, suffix] = self.affixes;
        self.value(room).map_or_else(String::new, |value| format!("{prefix}{value}{suffix}"))
    }

    /// Whether a client that writes a complete room must send it. A code can be generated.
    #[must_use]
    pub fn is_required(&self) -> bool {
        !self.is_optional && !matches!(self.kind, Kind::Code)
    }
}

/// Two fields are the same if their names are.
impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Field {}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
