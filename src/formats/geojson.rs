//! GeoJSON: a feature collection of points (RFC 7946).

use std::io::{self, Write};

use serde::Serialize;
use serde_json::json;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
use utoipa::openapi::{Object, RefOr, Schema};

use super::{Format, schema};
use crate::entities::{FIELDS, Field, Kind, Room};
use crate::use_cases::ListedRoom;

/// `application/geo+json`
pub struct GeoJson;

#[derive(Serialize)]
struct Feature<'a> {
    r#type: &'static str,
    id: &'a str,
    geometry: Point,
    properties: Properties<'a>,
}

#[derive(Serialize)]
struct Point {
    r#type: &'static str,
    /// Longitude, then latitude, in degrees.
    coordinates: [f64; 2],
}

#[derive(Serialize)]
struct Properties<'a> {
    code: &'a str,
    size: i32,
    price: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    distance: Option<f64>,
}

fn write_feature(out: &mut Vec<u8>, room: &Room, distance: Option<f64>) -> io::Result<()> {
    let Room { code, size, price, place } = room;
    let code = code.to_string();
    let feature = Feature {
        r#type: "Feature",
        id: &code,
        geometry: Point {
            r#type: "Point",
            coordinates: [place.longitude.get(), place.latitude.get()],
        },
        properties: Properties { code: &code, size: size.get(), price: price.get(), distance },
    };
    Ok(serde_json::to_writer(out, &feature)?)
}

impl Format for GeoJson {
    fn name(&self) -> &'static str {
        "geojson"
    }

    fn media_type(&self) -> &'static str {
        "application/geo+json"
    }

    fn label(&self) -> Option<&'static str> {
        Some("GeoJSON")
    }

    fn begin(&self, out: &mut Vec<u8>) -> io::Result<()> {
        out.write_all(br#"{"type":"FeatureCollection","features":["#)
    }

    fn rooms(&self, out: &mut Vec<u8>, rooms: &[ListedRoom], is_first: bool) -> io::Result<()> {
        for (index, listed) in rooms.iter().enumerate() {
            if index > 0 || !is_first {
                out.push(b',');
            }
            write_feature(out, &listed.room, listed.distance)?;
        }
        Ok(())
    }

    fn end(&self, out: &mut Vec<u8>) -> io::Result<()> {
        out.write_all(b"]}")
    }

    fn one(&self, out: &mut Vec<u8>, room: &Room) -> io::Result<()> {
        write_feature(out, room, None)
    }

    fn list_schema(&self) -> RefOr<Schema> {
        schema::reference("RoomFeatureCollection").into()
    }

    fn room_schema(&self) -> RefOr<Schema> {
        schema::reference("RoomFeature").into()
    }

    fn named_schemas(&self) -> Vec<(&'static str, Schema)> {
        let collection = ObjectBuilder::new()
            .description(Some("A list of rooms as points"))
            .property("type", word("FeatureCollection"))
            .required("type")
            .property(
                "features",
                ArrayBuilder::new().items(schema::reference("RoomFeature")).build(),
            )
            .required("features");
        let feature = ObjectBuilder::new()
            .description(Some("A room as a point"))
            .property("type", word("Feature"))
            .required("type")
            .property("id", schema::value(&FIELDS[0]))
            .required("id")
            .property("geometry", schema::reference("RoomPoint"))
            .required("geometry")
            .property("properties", schema::reference("RoomProperties"))
            .required("properties");
        let coordinates = ArrayBuilder::new()
            .description(Some("Longitude, then latitude, in degrees"))
            .items(Object::with_type(Type::Number))
            .min_items(Some(2))
            .max_items(Some(2))
            .examples([json!([-0.09998975, 51.75436293])]);
        let point = ObjectBuilder::new()
            .property("type", word("Point"))
            .required("type")
            .property("coordinates", coordinates.build())
            .required("coordinates");
        vec![
            ("RoomFeatureCollection", collection.build().into()),
            ("RoomFeature", feature.build().into()),
            ("RoomPoint", point.build().into()),
            ("RoomProperties", properties().build().into()),
        ]
    }
}

/// The coordinates are in the geometry.
fn properties() -> ObjectBuilder {
    let is_property = |field: &&Field| !matches!(field.kind, Kind::Degrees { .. });
    let distance = ObjectBuilder::new()
        .schema_type(Type::Number)
        .description(Some("Metres from `near`, if the request has it"))
        .minimum(Some(0.0))
        .examples([json!(27528.1)]);
    FIELDS
        .iter()
        .filter(is_property)
        .fold(ObjectBuilder::new(), |object, field| {
            let object = object.property(field.name, schema::value(field));
            if field.is_optional { object } else { object.required(field.name) }
        })
        .property("distance", distance.build())
}

fn word(word: &str) -> Object {
    ObjectBuilder::new().schema_type(Type::String).examples([json!(word)]).build()
}
