//! GeoJSON: a feature collection of points (RFC 7946).

use std::io::{self, Write};

use serde::Serialize;
use utoipa::ToSchema;

use super::Format;
use crate::entities::Room;

/// `application/geo+json`
pub struct GeoJson;

/// A list of rooms as places.
#[derive(ToSchema)]
#[schema(as = RoomFeatureCollection)]
#[expect(dead_code, reason = "a list is written room by room; this says what comes of it")]
pub struct FeatureCollection<'a> {
    /// `FeatureCollection`.
    #[schema(example = "FeatureCollection")]
    r#type: &'static str,
    features: Vec<Feature<'a>>,
}

/// A room as a place.
#[derive(Serialize, ToSchema)]
#[schema(as = RoomFeature)]
pub struct Feature<'a> {
    /// `Feature`.
    #[schema(example = "Feature")]
    r#type: &'static str,
    /// The room's code.
    #[schema(format = "uuid", example = "f853578c-fc0f-4e65-81b8-566c5dffa35a")]
    id: &'a str,
    geometry: Point,
    properties: Properties<'a>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RoomPoint)]
pub struct Point {
    /// `Point`.
    #[schema(example = "Point")]
    r#type: &'static str,
    /// Longitude, then latitude, in degrees.
    #[schema(example = json!([-0.09998975, 51.75436293]), min_items = 2, max_items = 2)]
    coordinates: [f64; 2],
}

#[derive(Serialize, ToSchema)]
#[schema(as = RoomProperties)]
pub struct Properties<'a> {
    #[schema(format = "uuid", example = "f853578c-fc0f-4e65-81b8-566c5dffa35a")]
    code: &'a str,
    /// Square metres.
    #[schema(minimum = 1, example = 215)]
    size: i32,
    /// Euro a day.
    #[schema(minimum = 0, example = 39)]
    price: i32,
    /// Metres from the place that was asked for, if one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0, example = 27528.1)]
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
