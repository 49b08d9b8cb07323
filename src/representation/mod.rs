//! How rooms are written for programs, and read from what programs write: one module a format, for
//! the web and the terminal alike.
//!
//! This module knows the use cases and the entities, and not who reads what it writes. A further
//! format is one file, and one more line in [`FORMATS`].

mod csv;
mod geojson;
mod json;
mod ndjson;
pub mod object;
pub mod rows;

use std::io;

use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::entities::Room;

/// All formats, the default first.
pub const FORMATS: [&dyn Format; 4] = [&json::Json, &ndjson::Ndjson, &csv::Csv, &geojson::GeoJson];

/// What each format's rooms look like, by name, where the format has schemas (OpenAPI 3.1).
#[must_use]
pub fn schemas() -> Vec<(String, RefOr<Schema>)> {
    let mut schemas = Vec::new();
    json::RoomRecord::schemas(&mut schemas);
    geojson::FeatureCollection::schemas(&mut schemas);
    schemas.extend([
        (json::RoomRecord::name().into(), json::RoomRecord::schema()),
        (geojson::FeatureCollection::name().into(), geojson::FeatureCollection::schema()),
    ]);
    schemas
}

/// A format in which rooms are written, one after the other, so that a list need not be in memory.
///
/// The errors are those of the serialiser; none is known to happen.
pub trait Format: Sync {
    /// Its short name, as in `rooms.csv` or `--format csv`.
    fn name(&self) -> &'static str;

    /// Its media type, with parameters.
    fn media_type(&self) -> &'static str;

    /// Writes what comes before the first room of a list.
    ///
    /// # Errors
    ///
    /// The serialiser's own.
    fn begin(&self, out: &mut Vec<u8>) -> io::Result<()>;

    /// Writes a room of a list, and its distance in metres where the format has a place for it.
    ///
    /// # Errors
    ///
    /// The serialiser's own.
    fn room(
        &self,
        out: &mut Vec<u8>,
        room: &Room,
        distance: Option<f64>,
        is_first: bool,
    ) -> io::Result<()>;

    /// Writes what comes after the last room of a list.
    ///
    /// # Errors
    ///
    /// The serialiser's own.
    fn end(&self, out: &mut Vec<u8>) -> io::Result<()>;

    /// Writes one room that is no part of a list.
    ///
    /// # Errors
    ///
    /// The serialiser's own.
    fn one(&self, out: &mut Vec<u8>, room: &Room) -> io::Result<()> {
        self.begin(out)?;
        self.room(out, room, None, true)?;
        self.end(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entities::{Latitude, Longitude, Price, RoomCode, Size};

    fn room(longitude: f64) -> Room {
        Room {
            code: RoomCode::from_u128(0xf853_578c_fc0f_4e65_81b8_566c_5dff_a35a),
            size: Size::new(215).unwrap(),
            price: Price::new(39).unwrap(),
            longitude: Longitude::new(longitude).unwrap(),
            latitude: Latitude::new(51.75436293).unwrap(),
        }
    }

    fn list(name: &str, rooms: &[(Room, Option<f64>)]) -> String {
        let format = FORMATS.iter().find(|format| format.name() == name).unwrap();
        let mut out = Vec::new();
        format.begin(&mut out).unwrap();
        for (index, (room, distance)) in rooms.iter().enumerate() {
            format.room(&mut out, room, *distance, index == 0).unwrap();
        }
        format.end(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn one(name: &str) -> String {
        let format = FORMATS.iter().find(|format| format.name() == name).unwrap();
        let mut out = Vec::new();
        format.one(&mut out, &room(-0.09998975)).unwrap();
        String::from_utf8(out).unwrap()
    }

    const JSON: &str = r#"{"code":"f853578c-fc0f-4e65-81b8-566c5dffa35a","size":215,"price":39,"latitude":51.75436293,"longitude":-0.09998975}"#;
    const CSV: &str = "f853578c-fc0f-4e65-81b8-566c5dffa35a,215,39,51.75436293,-0.09998975\r\n";
    const FEATURE: &str = concat!(
        r#"{"type":"Feature","id":"f853578c-fc0f-4e65-81b8-566c5dffa35a","#,
        r#""geometry":{"type":"Point","coordinates":[-0.09998975,51.75436293]},"#,
        r#""properties":{"code":"f853578c-fc0f-4e65-81b8-566c5dffa35a","size":215,"price":39"#
    );

    #[test]
    fn one_room_has_the_originals_keys_in_their_order() {
        assert_eq!(one("json"), JSON);
        assert_eq!(one("ndjson"), format!("{JSON}\n"));
        assert_eq!(one("csv"), format!("code,size,price,latitude,longitude\r\n{CSV}"));
        assert_eq!(one("geojson"), format!("{FEATURE}}}}}"));
    }

    #[test]
    fn a_list_is_whole_with_no_room_and_with_several() {
        let here = (room(-0.09998975), Some(12.5));
        let both = [here.clone(), here];
        assert_eq!(list("json", &[]), "[]");
        assert_eq!(list("json", &both), format!("[{JSON},{JSON}]"));
        assert_eq!(list("ndjson", &[]), "");
        assert_eq!(list("ndjson", &both), format!("{JSON}\n{JSON}\n"));
        assert_eq!(list("csv", &[]), "code,size,price,latitude,longitude\r\n");
        assert_eq!(list("csv", &both), format!("code,size,price,latitude,longitude\r\n{CSV}{CSV}"));
        let collection = r#"{"type":"FeatureCollection","features":["#;
        let feature = format!(r#"{FEATURE},"distance":12.5}}}}"#);
        assert_eq!(list("geojson", &[]), format!("{collection}]}}"));
        assert_eq!(list("geojson", &both), format!("{collection}{feature},{feature}]}}"));
    }

    #[test]
    fn every_number_is_read_back_as_it_was() {
        for longitude in [0.0, -0.0, 180.0, 5e-324, 1e-7, 0.1 + 0.2, -179.999_999_999_999_97] {
            let csv = list("csv", &[(room(longitude), None)]);
            let written = csv.trim_end().rsplit(',').next().unwrap();
            assert_eq!(written.parse::<f64>().unwrap().to_bits(), longitude.to_bits());
            let json = list("json", &[(room(longitude), None)]);
            let value: serde_json::Value = serde_json::from_str(&json).unwrap();
            assert_eq!(value[0]["longitude"].as_f64().unwrap().to_bits(), longitude.to_bits());
        }
    }
}
