//! Rooms in files.

use rentomatic::formats::reading::{Columns, ROW_FORMATS, RowFormat};
use rentomatic::use_cases::ImportRow;

fn format(name: &str) -> &'static dyn RowFormat {
    ROW_FORMATS.into_iter().find(|format| format.name() == name).unwrap()
}

fn rows(format: &dyn RowFormat, file: &str) -> Vec<ImportRow> {
    format.rows(Box::new(file.as_bytes()), &Columns::default()).collect()
}

fn errors(row: &ImportRow) -> Vec<String> {
    row.room.as_ref().unwrap_err().iter().map(|error| error.error.to_string()).collect()
}

#[test]
fn a_row_knows_its_line() {
    let csv = format("csv");
    let file = "\u{feff}size,PRICE\r\n1,2\n\r\n\"3\",\"4\n\"\n5,6";
    let lines: Vec<_> = rows(csv, file).iter().map(|row| row.line).collect();
    assert_eq!(lines, [2, 4, 6]);
    let missing = ["latitude: latitude is missing", "longitude: longitude is missing"];
    assert_eq!(errors(&rows(csv, file)[0]), missing, "size and price were read");
    assert!(rows(csv, &csv.example())[0].room.is_ok());
}

#[test]
fn an_unreadable_row_has_its_reason() {
    let rows = rows(format("csv"), "size,price\n1\n1,2,3\n1,2\n");
    assert_eq!(errors(&rows[0]), ["row: 1 values, but the header has 2 columns"]);
    let lines: Vec<_> = rows.iter().map(|row| row.line).collect();
    assert_eq!(lines, [2, 3, 4]);
}

#[test]
fn a_line_of_ndjson_knows_its_number_and_an_unreadable_one_its_error() {
    let ndjson = format("ndjson");
    let file = "\u{feff}{\"size\":1}\n\n  \n{}\r\n[1]\n";
    let rows = rows(ndjson, file);
    let lines: Vec<_> = rows.iter().map(|row| row.line).collect();
    assert_eq!(lines, [1, 4, 5]);
    let errors = rows[2].room.as_ref().unwrap_err();
    assert_eq!(errors[0].error.name, "row");
    let example = ndjson.example();
    let columns = Columns::default();
    assert!(ndjson.rows(Box::new(example.as_bytes()), &columns).all(|row| row.room.is_ok()));
}
