//! Rooms in each output format.

use rentomatic::formats::{FORMATS, Format, ListPart};

use rentomatic::entities::{Description, Longitude, Name, Place, Room};
use rentomatic::use_cases::{ListedRoom, sample_rooms};

fn room(longitude: f64) -> Room {
    let sample = &sample_rooms()[0];
    let longitude = Longitude::new(longitude).unwrap();
    Room { place: Place { longitude, ..sample.place }, ..sample.clone() }
}

fn format(name: &str) -> &'static dyn Format {
    FORMATS.into_iter().find(|format| format.name() == name).unwrap()
}

fn complete(rooms: &[ListedRoom]) -> ListPart<'_> {
    ListPart { rooms, is_first: true, is_last: true }
}

fn list(name: &str, rooms: &[(Room, Option<f64>)]) -> String {
    let listed = |(room, distance): &(Room, Option<f64>)| ListedRoom {
        room: room.clone(),
        sequence: 0,
        distance: *distance,
    };
    let mut out = Vec::new();
    let rooms: Vec<_> = rooms.iter().map(listed).collect();
    format(name).rooms(&mut out, complete(&rooms)).unwrap();
    String::from_utf8(out).unwrap()
}

fn one(name: &str) -> String {
    let mut out = Vec::new();
    format(name).one(&mut out, &room(-0.09998975)).unwrap();
    String::from_utf8(out).unwrap()
}

const JSON: &str = r#"{"code":"f853578c-fc0f-4e65-81b8-566c5dffa35a","size":215,"price":39,"latitude":51.75436293,"longitude":-0.09998975}"#;
const CSV: &str = "f853578c-fc0f-4e65-81b8-566c5dffa35a,215,39,51.75436293,-0.09998975,,\r\n";
const FEATURE: &str = concat!(
    r#"{"type":"Feature","id":"f853578c-fc0f-4e65-81b8-566c5dffa35a","#,
    r#""geometry":{"type":"Point","coordinates":[-0.09998975,51.75436293]},"#,
    r#""properties":{"code":"f853578c-fc0f-4e65-81b8-566c5dffa35a","size":215,"price":39"#
);

#[test]
fn one_room_has_the_keys_of_the_original_in_their_order() {
    assert_eq!(one("json"), JSON);
    assert_eq!(one("ndjson"), format!("{JSON}\n"));
    assert_eq!(one("csv"), format!("code,size,price,latitude,longitude,name,description\r\n{CSV}"));
    assert_eq!(one("geojson"), format!("{FEATURE}}}}}"));
}

#[test]
fn a_described_room_has_its_texts_after_the_other_keys() {
    let described = Room {
        name: Some(Name::new("=A \"nice\" attic".to_owned()).unwrap()),
        description: Some(Description::new("Two\nlines, <b>".to_owned()).unwrap()),
        ..room(-0.09998975)
    };
    let one = |name: &str| {
        let mut out = Vec::new();
        format(name).one(&mut out, &described).unwrap();
        String::from_utf8(out).unwrap()
    };
    let texts = r#","name":"=A \"nice\" attic","description":"Two\nlines, <b>"}"#;
    let json = format!("{}{texts}", JSON.strip_suffix('}').unwrap());
    assert_eq!(one("json"), json);
    assert_eq!(one("ndjson"), format!("{json}\n"));
    assert_eq!(one("geojson"), format!("{FEATURE}{texts}}}"));
    let line = CSV.strip_suffix(",,\r\n").unwrap();
    let texts = "\"'=A \"\"nice\"\" attic\",\"Two\nlines, <b>\"";
    assert!(one("csv").ends_with(&format!("\r\n{line},{texts}\r\n")), "{}", one("csv"));
}

#[test]
fn a_list_is_complete_with_no_room_and_with_several() {
    let here = (room(-0.09998975), Some(12.5));
    let both = [here.clone(), here];
    assert_eq!(list("json", &[]), "[]");
    assert_eq!(list("json", &both), format!("[{JSON},{JSON}]"));
    assert_eq!(list("ndjson", &[]), "");
    assert_eq!(list("ndjson", &both), format!("{JSON}\n{JSON}\n"));
    assert_eq!(list("csv", &[]), "code,size,price,latitude,longitude,name,description\r\n");
    assert_eq!(
        list("csv", &both),
        format!("code,size,price,latitude,longitude,name,description\r\n{CSV}{CSV}")
    );
    let collection = r#"{"type":"FeatureCollection","features":["#;
    let feature = format!(r#"{FEATURE},"distance":12.5}}}}"#);
    assert_eq!(list("geojson", &[]), format!("{collection}]}}"));
    assert_eq!(list("geojson", &both), format!("{collection}{feature},{feature}]}}"));
}

#[test]
fn a_list_in_parts_is_the_same_as_a_whole_one() {
    let rooms: Vec<_> = sample_rooms()
        .into_iter()
        .map(|room| ListedRoom { room, sequence: 0, distance: None })
        .collect();
    for format in FORMATS {
        let (mut whole, mut parts) = (Vec::new(), Vec::new());
        format.rooms(&mut whole, complete(&rooms)).unwrap();
        for (rooms, is_first, is_last) in
            [(&rooms[..1], true, false), (&rooms[1..], false, false), (&[], false, true)]
        {
            format.rooms(&mut parts, ListPart { rooms, is_first, is_last }).unwrap();
        }
        assert_eq!(whole, parts, "{}", format.name());
    }
}

#[test]
fn every_number_is_read_back_exactly() {
    for longitude in [0.0, 180.0, 5e-324, 1e-7, 0.1 + 0.2, -179.999_999_999_999_97] {
        let csv = list("csv", &[(room(longitude), None)]);
        let written = csv.trim_end().rsplit(',').nth(2).unwrap();
        assert_eq!(written.parse::<f64>().unwrap().to_bits(), longitude.to_bits());
        let json = list("json", &[(room(longitude), None)]);
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value[0]["longitude"].as_f64().unwrap().to_bits(), longitude.to_bits());
    }
}
