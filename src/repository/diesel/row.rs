//! A row of the table `room`, as the database stores it.

use diesel::prelude::*;

use super::schema::room;
use super::uuid_column::CodeColumn;
use crate::entities::{
    Description, InvalidValue, Latitude, Longitude, Name, Place, Price, Room, Size,
};

/// A room, its `id`, and its distance from the centre of the requested circle.
pub type ListedRow = (RoomRow, i32, Option<f64>);

/// All columns except the `id`. An absent value is written as null: by default Diesel would leave it out
/// of an update, so that it could never be removed.
#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = room, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct RoomRow {
    code: CodeColumn,
    size: i32,
    price: i32,
    longitude: f64,
    latitude: f64,
    name: Option<String>,
    description: Option<String>,
}

impl From<&Room> for RoomRow {
    fn from(room: &Room) -> Self {
        let Room { code, size, price, place, name, description } = room;
        let Place { latitude, longitude } = place;
        Self {
            code: CodeColumn(*code),
            size: size.get(),
            price: price.get(),
            longitude: longitude.get(),
            latitude: latitude.get(),
            name: name.as_ref().map(|name| name.get().to_owned()),
            description: description.as_ref().map(|text| text.get().to_owned()),
        }
    }
}

impl TryFrom<RoomRow> for Room {
    type Error = InvalidValue;

    fn try_from(row: RoomRow) -> Result<Self, Self::Error> {
        let RoomRow { code, size, price, longitude, latitude, name, description } = row;
        Ok(Self {
            code: code.0,
            size: Size::new(size)?,
            price: Price::new(price)?,
            place: Place {
                latitude: Latitude::new(latitude)?,
                longitude: Longitude::new(longitude)?,
            },
            name: name.map(Name::new).transpose()?,
            description: description.map(Description::new).transpose()?,
        })
    }
}
