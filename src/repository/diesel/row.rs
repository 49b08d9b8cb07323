//! A row of the table `room`, as the database has it.

use diesel::prelude::*;

use super::schema::room;
use super::uuid_column::CodeColumn;
use crate::entities::{InvalidMeasure, Latitude, Longitude, Price, Room, Size};

/// A room, its `id`, and its distance from the centre that was asked for.
pub type ListedRow = (RoomRow, i32, Option<f64>);

#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = room, treat_none_as_default_value = false)]
pub struct RoomRow {
    code: CodeColumn,
    size: i32,
    price: i32,
    longitude: f64,
    latitude: f64,
}

impl From<&Room> for RoomRow {
    fn from(room: &Room) -> Self {
        Self {
            code: CodeColumn(room.code),
            size: room.size.get(),
            price: room.price.get(),
            longitude: room.longitude.get(),
            latitude: room.latitude.get(),
        }
    }
}

impl TryFrom<RoomRow> for Room {
    type Error = InvalidMeasure;

    fn try_from(row: RoomRow) -> Result<Self, Self::Error> {
        Ok(Self {
            code: row.code.0,
            size: Size::new(row.size)?,
            price: Price::new(row.price)?,
            longitude: Longitude::new(row.longitude)?,
            latitude: Latitude::new(row.latitude)?,
        })
    }
}
