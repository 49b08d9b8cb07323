//! GeoJSON: a feature collection of points (RFC 7946).

use std::io;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json, json};

use super::json::write_array;
use super::{Format, ListPart, schema};
use crate::entities::{FIELDS, Field, Kind, Room, Value};

/// The property with the distance from `near`, in metres.
pub const DISTANCE: &str = "distance";

/// `application/geo+json`
pub struct GeoJson;

#[derive(Serialize)]
struct Feature<'a> {
    r#type: &'static str,
    id: String,
    geometry: Point,
    properties: Properties<'a>,
}

#[derive(Serialize)]
struct Point {
    r#type: &'static str,
    /// Longitude, then latitude, in degrees.
    coordinates: [f64; 2],
}

/// The fields that are not in the geometry, and the distance in metres.
struct Properties<'a>(&'a Room, Option<f64>);

impl Serialize for Properties<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(room, distance) = self;
        let mut map = serializer.serialize_map(None)?;
        for field in properties() {
            match field.value(room) {
                Some(Value::Code(code)) => map.serialize_entry(field.name, &code.to_string())?,
                Some(Value::Whole(number)) => map.serialize_entry(field.name, &number)?,
                Some(Value::Decimal(number)) => map.serialize_entry(field.name, &number)?,
                Some(Value::Text(text)) => map.serialize_entry(field.name, &text)?,
                None => {}
            }
        }
        if let Some(distance) = distance {
            map.serialize_entry(DISTANCE, distance)?;
        }
        map.end()
    }
}

/// The fields that are not in the geometry.
fn properties() -> impl Iterator<Item = &'static Field> + Clone {
    FIELDS.iter().filter(|field| !matches!(field.kind, Kind::Degrees { .. }))
}

fn write_feature(out: &mut Vec<u8>, room: &Room, distance: Option<f64>) -> io::Result<()> {
    let feature = Feature {
        r#type: "Feature",
        id: room.code.to_string(),
        geometry: Point {
            r#type: "Point",
            coordinates: [room.place.longitude.get(), room.place.latitude.get()],
        },
        properties: Properties(room, distance),
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

    fn rooms(&self, out: &mut Vec<u8>, part: ListPart<'_>) -> io::Result<()> {
        if part.is_first {
            out.extend(br#"{"type":"FeatureCollection","features":"#);
        }
        write_array(out, part, |out, listed| write_feature(out, &listed.room, listed.distance))?;
        if part.is_last {
            out.push(b'}');
        }
        Ok(())
    }

    fn one(&self, out: &mut Vec<u8>, room: &Room) -> io::Result<()> {
        write_feature(out, room, None)
    }

    fn list_schema(&self) -> Json {
        schema::reference("RoomFeatureCollection")
    }

    fn room_schema(&self) -> Json {
        schema::reference("RoomFeature")
    }

    fn named_schemas(&self) -> Vec<(&'static str, Json)> {
        let word = |word: &str| json!({ "type": "string", "examples": [word] });
        let object = |description: &str, properties: Json| {
            let required: Vec<_> = properties.as_object().into_iter().flat_map(Map::keys).collect();
            json!({
                "type": "object", "description": description, "required": required,
                "properties": properties,
            })
        };
        let collection = json!({
            "type": word("FeatureCollection"),
            "features": { "type": "array", "items": schema::reference("RoomFeature") },
        });
        let feature = json!({
            "type": word("Feature"),
            "id": schema::value(&FIELDS[0]),
            "geometry": schema::reference("RoomPoint"),
            "properties": schema::reference("RoomProperties"),
        });
        let point = json!({
            "type": word("Point"),
            "coordinates": {
                "type": "array", "items": { "type": "number" }, "minItems": 2, "maxItems": 2,
                "description": "Longitude, then latitude, in degrees",
                "examples": [[-0.09998975, 51.75436293]],
            },
        });
        let mut properties =
            schema::object("The other fields", properties(), |field| !field.is_optional);
        properties["properties"][DISTANCE] = json!({
            "type": "number", "minimum": 0, "examples": [27528.1],
            "description": "Metres from `near`, if the request has it",
        });
        vec![
            ("RoomFeatureCollection", object("A list of rooms as points", collection)),
            ("RoomFeature", object("A room as a point", feature)),
            ("RoomPoint", object("A point", point)),
            ("RoomProperties", properties),
        ]
    }
}
