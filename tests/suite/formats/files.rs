//! Files as people have them: as spreadsheets, databases and map programs write them.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rentomatic::entities::{
    Description, Latitude, Longitude, Name, Price, Room, RoomCode, RoomDraft, Size,
};
use rentomatic::formats::FORMATS;
use rentomatic::formats::reading::{
    Columns, ROW_FORMATS, RowFormat, UnknownColumns, format_of_name,
};
use rentomatic::use_cases::ImportRow;

use crate::seeds::properties::comes_back;

const CODE: &str = "f853578c-fc0f-4e65-81b8-566c5dffa35a";

fn format(name: &str) -> &'static dyn RowFormat {
    ROW_FORMATS.into_iter().find(|format| format.name() == name).unwrap()
}

fn rows(name: &str, file: &[u8], unknown: UnknownColumns) -> (Vec<ImportRow>, Vec<String>) {
    let columns = Columns::new(unknown);
    let rows = format(name).rows(Box::new(file), &columns).collect();
    (rows, columns.into_ignored())
}

/// The rooms of a file without a mistake.
fn rooms(name: &str, file: &[u8]) -> Vec<Room> {
    let (rows, _) = rows(name, file, UnknownColumns::Refuse);
    let shown = String::from_utf8_lossy(file);
    rows.into_iter().map(|row| row.room.unwrap_or_else(|e| panic!("{shown}: {e:?}"))).collect()
}

/// The mistakes in a file, each with its line.
fn mistakes(name: &str, file: &[u8]) -> Vec<String> {
    let (rows, _) = rows(name, file, UnknownColumns::Refuse);
    let errors = rows.into_iter().filter_map(|row| row.room.err()).flatten();
    errors.map(|error| error.to_string()).collect()
}

fn sample() -> Room {
    RoomDraft {
        code: None,
        size: Size::new(215).ok(),
        price: Price::new(39).ok(),
        latitude: Latitude::new(51.75436293).ok(),
        longitude: Longitude::new(-0.09998975).ok(),
        ..RoomDraft::default()
    }
    .complete(CODE.parse().unwrap())
    .unwrap()
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(unit).collect()
}

#[test]
fn a_table_is_read_as_a_spreadsheet_writes_it() {
    let header = "code,size,price,latitude,longitude";
    let row = format!("{CODE},215,39,51.75436293,-0.09998975");
    let table = format!("{header}\r\n{row}\r\n");
    let other = |separator: &str| table.replace(',', separator);
    let german = other(";").replace("51.", "51,").replace("-0.", "-0,");
    for file in [
        table.clone(),
        table.replace("\r\n", "\n"),
        table.replace("\r\n", "\r"),
        format!("{header}\n{row}"),
        format!("\r\n\n{header}\r\n\r\n{row}\n\n\n"),
        format!("\u{feff}{table}"),
        other(";"),
        other("\t"),
        other("|"),
        german.clone(),
        other("\t").replace("51.", "51,").replace("-0.", "-0,"),
        german.replace("215", "215,00").replace("39", "39.0"),
        format!("sep=;\r\n{german}"),
        format!("\"sep=;\"\n{german}"),
        format!("SEP=\t\r{}", other("\t")),
        format!("\u{feff}sep=,\n{table}"),
        // Empty columns and rows, as Excel leaves them.
        format!("{header},,\r\n{row},,\r\n,,,,,,\r\n,,,,,,\r\n"),
        format!("{header}\r\n{row},,\r\n,,,,\r\n"),
        format!("{header},,\r\n{row}\r\n"),
        format!(",{header}\r\n,{row}\r\n"),
        table.replace("215", "215.00").replace(",39,", ",39.0,"),
        table.replace("215", " 2.15e2 ").replace(",39,", ",+39,"),
        table.to_uppercase(),
        table.replace("latitude", "Lat").replace("longitude", "LNG"),
        table.replace("latitude", "lat").replace("longitude", "lon"),
        table.replace("size", " Size ").replace("price", "\"PRICE\""),
        table.replace(CODE, &format!(" {{{CODE}}} ")),
        table.replace(CODE, &format!("\"{{ {} }}\"", CODE.to_uppercase())),
    ] {
        assert_eq!(rooms("csv", file.as_bytes()), [sample()], "{file:?}");
    }
    for unit in [u16::to_le_bytes, u16::to_be_bytes] {
        assert_eq!(rooms("csv", &utf16(&other("\t"), unit)), [sample()]);
        let long = format!("{header}\n{}", format!("{row}\n").repeat(1_000));
        assert_eq!(rooms("csv", &utf16(&long, unit)).len(), 1_000);
        let ndjson = r#"{"size":1,"price":2,"latitude":3,"longitude":4}"#;
        assert_eq!(rooms("ndjson", &utf16(ndjson, unit)).len(), 1);
    }
}

#[test]
fn what_could_be_another_number_is_refused() {
    let header = "size;price;latitude;longitude\n";
    // 1,000 or 1.000 is a thousand to some, and one to others.
    for size in ["1,000", "1.000", "1.000,0", "1,5", "1,,0", "1,0.0", "x", "", "0x10", "1 000"] {
        let file = format!("{header}{size};2;3;4\n");
        let mistakes = mistakes("csv", file.as_bytes());
        assert!(mistakes.len() == 1 && mistakes[0].contains("size"), "{size}: {mistakes:?}");
        let shown = format!("(found {size:?})");
        assert!(mistakes[0].contains(&shown), "{mistakes:?}");
    }
    // With commas between columns, a comma is never a decimal separator.
    let file = "size,price,latitude,longitude\n1,2,\"3,5\",4\n";
    assert!(mistakes("csv", file.as_bytes())[0].contains("latitude: write a decimal number"));
}

#[test]
fn a_table_that_ends_inside_a_quoted_value_is_refused_with_the_line_of_the_quotation_mark() {
    let header = "size,price,latitude,longitude\r\n";
    for (rest, line) in [
        ("1,2,3,\"0.1", 2),
        ("1,2,3,\"0.1\n", 2),
        ("1,2,3,\"0.1\"\"", 2),
        ("1,2,3,4\r\n\"1", 3),
        ("1,2,3,4\r\n\r\n1,2,\"3\n\n", 4),
        ("\"1\n\n\",2,3,\"4", 4),
        ("\"", 2),
    ] {
        let mistakes = mistakes("csv", format!("{header}{rest}").as_bytes());
        let last = mistakes.last().unwrap();
        let expected =
            format!("line {line}: row: a quotation mark is opened here and never closed");
        assert!(last.starts_with(&expected), "{rest:?}: {mistakes:?}");
    }
    assert!(
        mistakes("csv", b"\"size,price\n1,2\n")[0].starts_with("line 1: row: a quotation mark")
    );
    assert_eq!(rooms("csv", format!("{header}1,2,3,\"0.1\"").as_bytes()).len(), 1);
}

#[test]
fn a_list_that_ends_too_early_is_refused() {
    for name in ["json", "geojson"] {
        let mut whole = Vec::new();
        let rooms =
            [rentomatic::use_cases::ListedRoom { room: sample(), sequence: 0, distance: None }];
        let list = rentomatic::formats::ListPart { rooms: &rooms, is_first: true, is_last: true };
        FORMATS
            .into_iter()
            .find(|one| one.name() == name)
            .unwrap()
            .rooms(&mut whole, list)
            .unwrap();
        for end in 0..whole.len() {
            assert!(!mistakes(name, &whole[..end]).is_empty(), "{name} {end}");
        }
        for more in ["x", "]", ",", "{}"] {
            let longer = [&whole, more.as_bytes()].concat();
            assert!(!mistakes(name, &longer).is_empty(), "{name} {more}");
        }
        assert_eq!(self::rooms(name, &[&whole, &b" \r\n"[..]].concat()), [sample()]);
    }
}

#[test]
fn other_columns_are_ignored_only_on_request_and_then_reported() {
    let room = r#""size":1,"price":2"#;
    let point = r#"{"type":"Point","coordinates":[4,3,17.5]}"#;
    let files = [
        (
            "csv",
            "colour,size,price,Colour,latitude,\u{1b}[2J,longitude\nred,1,2,x,3,y,4\n".to_owned(),
        ),
        (
            "ndjson",
            format!(
                r#"{{"colour":"red",{room},"latitude":3,"longitude":4,"Colour":[],"\u001b[2J":1}}"#
            ),
        ),
        (
            "json",
            format!(
                r#"[{{"colour":{{"a":[1]}},{room},"latitude":3,"longitude":4,"Colour":1,"\u001b[2J":1}}]"#
            ),
        ),
        (
            "geojson",
            format!(
                r#"{{"type":"FeatureCollection","crs":{{"a":[]}},"n":-1.5e3,"features":[{{"type":"Feature","id":7,
                "properties":{{"colour":null,{room},"Colour":1,"\u001b[2J":1}},"geometry":{point}}}],"bbox":[1,2]}}"#
            ),
        ),
    ];
    for (name, file) in files {
        let mistakes = mistakes(name, file.as_bytes());
        assert!(!mistakes.is_empty() && !mistakes.iter().any(|text| text.contains('\u{1b}')));
        if name != "geojson" {
            assert!(mistakes.iter().any(|text| text.contains("colour")), "{mistakes:?}");
        }
        let (rows, ignored) = rows(name, file.as_bytes(), UnknownColumns::Ignore);
        let room = rows[0].room.as_ref().unwrap();
        assert_eq!((rows.len(), room.size.get(), room.place.latitude.get()), (1, 1, 3.0));
        let altitude = (name == "geojson").then_some("altitude");
        let expected: Vec<_> =
            ["Colour", "\\u{1b}[2J"].into_iter().chain(altitude).chain(["colour"]).collect();
        assert_eq!(ignored, expected, "{name}");
    }
    // A column without a name is reported by its number, as that of pandas, if it has values.
    let unnamed = b",size,price,latitude,longitude,\n0,1,2,3,4,\n1,1,2,3,4,\n";
    assert!(mistakes("csv", unnamed)[0].contains("column 1 has a value but no name"));
    assert_eq!(rows("csv", unnamed, UnknownColumns::Ignore).1, ["column 1"]);
    let (misaligned, _) =
        rows("csv", b"size,price,latitude,longitude\n1,2,3,4,5\n", UnknownColumns::Ignore);
    assert!(format!("{misaligned:?}").contains("5 values, but the header has 4 columns"));
    // A column of the room's own stays one that cannot be given twice.
    for (file, message) in [
        ("lat,latitude\n1,2\n", "the column latitude is given more than once"),
        ("colour\nred\n", "no column is a field"),
    ] {
        let (rows, _) = rows("csv", file.as_bytes(), UnknownColumns::Ignore);
        assert!(format!("{:?}", rows[0]).contains(message), "{rows:?}");
    }
}

#[test]
fn a_file_of_another_type_is_named_with_what_to_save_instead() {
    for (start, words) in [
        (&b"PK\x03\x04\x14\0\x06\0"[..], ["spreadsheet (.xlsx, .ods)", "“CSV UTF-8”"]),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ["Excel workbook (.xls)", "“CSV UTF-8”"]),
        (b"\x1f\x8b\x08\0\0\0\0\0", ["gzip", "unpack it first"]),
        (b"BZh91AY&SY", ["bzip2", "unpack it first"]),
        (b"%PDF-1.7\n", ["PDF", "as CSV"]),
        (b"s\0i\0z\0e\0", ["UTF-16 without a byte order mark", "save the file as UTF-8"]),
        (b"\0s\0i\0z\0e", ["UTF-16 without a byte order mark", "save the file as UTF-8"]),
        (b"size,price\n1,\x80\n", ["Windows-1252", "“CSV UTF-8”"]),
        (b"Gr\xf6\xdfe,Preis\n1,2\n", ["Windows-1252", "“CSV UTF-8”"]),
    ] {
        for format in ROW_FORMATS {
            let mistakes = mistakes(format.name(), start);
            let name = format.name();
            if words[0] == "Windows-1252" && name != "csv" {
                continue;
            }
            for word in words {
                assert!(mistakes[0].contains(word), "{name}: {mistakes:?}");
            }
        }
    }
    let in_json = mistakes("ndjson", b"{\"size\":\"\xf6\"}\n");
    assert!(in_json[0].contains("Windows-1252"), "{in_json:?}");
    for (file, word) in [
        ("{\"type\":\"Topology\"}", "\"Topology\""),
        ("{\"type\":\"FeatureCollection\"}", "no features"),
        ("[]", "feature collection"),
        ("", "empty"),
    ] {
        assert!(mistakes("geojson", file.as_bytes())[0].contains(word), "{file}");
    }
    for (file, word) in [
        (r#"{"type":"FeatureCollection","features":[]}"#, "this is GeoJSON"),
        ("{\"size\":1}\n{\"size\":2}\n", "NDJSON"),
        ("{}", "size is missing"),
        ("7", "write a JSON array"),
    ] {
        assert!(mistakes("json", file.as_bytes()).iter().any(|text| text.contains(word)), "{file}");
    }
    let line = r#"{"type":"Feature","geometry":{"type":"LineString","coordinates":[[1,2]]},"properties":null}"#;
    assert!(
        mistakes("geojson", line.as_bytes())[0]
            .contains("must be of the type Point, not LineString")
    );
}

#[test]
fn a_file_is_recognized_by_the_end_of_its_name_in_any_case() {
    for (name, expected) in [
        ("Rooms.CSV", "csv"),
        ("a.tsv", "csv"),
        ("a.b.NDJSON", "ndjson"),
        ("a.jsonl", "ndjson"),
        ("a.Json", "json"),
        ("C:\\x\\Map.GeoJSON", "geojson"),
    ] {
        assert_eq!(format_of_name(name).map(RowFormat::name), Some(expected), "{name}");
    }
    assert!(format_of_name("rooms.xlsx").is_none() && format_of_name("csv").is_none());
}

#[test]
fn an_example_of_each_format_is_valid() {
    for format in ROW_FORMATS {
        assert_eq!(rooms(format.name(), format.example().as_bytes()).len(), 1, "{}", format.name());
    }
}

fn any_room() -> impl Strategy<Value = Room> {
    let degrees = |most: f64| {
        prop_oneof![
            -most..=most,
            Just(most),
            Just(0.0),
            (any::<f64>()).prop_map(move |number| if number.abs() <= most {
                number
            } else {
                5e-324
            }),
        ]
    };
    let name = prop::option::of(r#"[-=+@',";aé😀]([ ',";=a]{0,8}[',";=\\]){0,2}"#);
    let text = prop::option::of(r#"[-=+@',"; a\r\n\u{2028}é]{1,12}"#);
    let numbers = (any::<u128>(), 1..=i32::MAX, 0..=i32::MAX, degrees(90.0), degrees(180.0));
    (numbers, name, text).prop_map(|(numbers, name, text)| {
        let (code, size, price, latitude, longitude) = numbers;
        let draft = RoomDraft {
            code: None,
            size: Size::new(size).ok(),
            price: Price::new(price).ok(),
            latitude: Latitude::new(latitude).ok(),
            longitude: Longitude::new(longitude).ok(),
            name: Some(name.map(|name| Name::new(name).unwrap())),
            description: Some(text.map(|text| Description::new(text).unwrap())),
        };
        draft.complete(RoomCode::from_u128(code)).unwrap()
    })
}

#[test]
fn what_is_written_in_any_format_is_read_back_bit_for_bit() {
    let config = Config { cases: 300, failure_persistence: None, ..Config::default() };
    let property = |rooms: Vec<Room>| {
        for format in FORMATS {
            comes_back(format, &rooms);
        }
        Ok(())
    };
    TestRunner::new(config).run(&vec(any_room(), 0..20), property).unwrap();
    // One room alone, as `/rooms/CODE.json` has it.
    for format in FORMATS {
        let mut one = Vec::new();
        format.one(&mut one, &sample()).unwrap();
        assert_eq!(rooms(format.name(), &one), [sample()], "{}", format.name());
    }
}
