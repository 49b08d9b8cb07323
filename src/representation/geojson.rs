//! GeoJSON: a feature collection of points (RFC 7946).

use std::io::{self, Write};

use serde::Serialize;

use super::Format;
use crate::entities::Room;

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
    /// Longitude, then latitude.
    coordinates: [f64; 2],
}

#[derive(Serialize)]
struct Properties<'a> {
    code: &'a str,
    size: i32,
    price: i32,
    /// Metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    distance: Option<f64>,
}

fn feature(out: &mut Vec<u8>, room: &Room, distance: Option<f64>) -> io::Result<()> {
    let code = room.code.to_string();
    let (size, price) = (room.size.get(), room.price.get());
    let feature = Feature {
        r#type: "Feature",
        id: &code,
        geometry: Point {
            r#type: "Point",
            coordinates: [room.longitude.get(), room.latitude.get()],
        },
        properties: Properties { code: &code, size, price, distance },
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

    fn begin(&self, out: &mut Vec<u8>) -> io::Result<()> {
        out.write_all(br#"{"type":"FeatureCollection","features":["#)
    }

    fn room(
        &self,
        out: &mut Vec<u8>,
        room: &Room,
        distance: Option<f64>,
        is_first: bool,
    ) -> io::Result<()> {
        if !is_first {
            out.push(b',');
        }
        feature(out, room, distance)
    }

    fn end(&self, out: &mut Vec<u8>) -> io::Result<()> {
        out.write_all(b"]}")
    }

    fn one(&self, out: &mut Vec<u8>, room: &Room) -> io::Result<()> {
        feature(out, room, None)
    }
}
