//! Names and descriptions: which texts they can be, in the program and in every database.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use mongodb::bson::{Document, doc};
use rentomatic::entities::{Description, FIELDS, Field, Kind, Name, RoomCode, RoomDraft};
use rentomatic::repository::storage as open_storage;

use crate::repository_contract::{asking, default_settings, listed};
use crate::support::storage::{Session, Storage};

/// Texts that are names, descriptions, both or neither.
fn texts() -> Vec<String> {
    let odd = [
        '\0', '\u{1}', '\t', '\n', '\u{b}', '\r', '\u{1f}', ' ', '~', '\u{7f}', '\u{80}', '\u{85}',
        '\u{9f}', '\u{a0}', '\u{ad}', '\u{1680}', '\u{180e}', '\u{2000}', '\u{200a}', '\u{200b}',
        '\u{2028}', '\u{2029}', '\u{202f}', '\u{205f}', '\u{3000}', '\u{feff}', '\u{fffd}', '😀',
        '*', '[', '^', '\\', '$', '%',
    ];
    let around = odd.into_iter().flat_map(|c| {
        [c.to_string(), format!("{c}a"), format!("a{c}"), format!("a{c}b"), format!("a\n{c}b")]
    });
    let long = [119, 120, 121, 1999, 2000, 2001].into_iter();
    let long = long.flat_map(|length| ["a".repeat(length), "😀".repeat(length)]);
    around.chain(long).chain([String::new()]).collect()
}

/// Inserts a room by hand, and returns whether the database accepted it.
fn insert(session: &mut Session, field: &str, text: &str) -> bool {
    let code = RoomCode::random();
    let sql = |parameter: &str| {
        format!(
            "INSERT INTO room (code, size, price, longitude, latitude, {field})
             VALUES ('{code}', 1, 1, 1, 1, {parameter})"
        )
    };
    match session {
        Session::Postgres(connection) => {
            sql_query(sql("$1")).bind::<Text, _>(text).execute(connection).is_ok()
        }
        Session::Sqlite(connection) => {
            sql_query(sql("?")).bind::<Text, _>(text).execute(connection).is_ok()
        }
        Session::Mongo(hand) => {
            let room: Document = doc! {
                "code": code.to_string(), "size": 1, "price": 1, "longitude": 1.0, "latitude": 1.0,
                field: text,
            };
            hand.try_run(doc! { "insert": "rooms", "documents": [room] }).is_ok()
        }
    }
}

#[test]
fn every_database_accepts_just_the_texts_that_the_program_accepts() {
    for storage in Storage::databases() {
        let opened = open_storage(&storage.url()).unwrap();
        opened.migrate().unwrap();
        let mut session = Session::of(&storage);
        let mut expected = Vec::new();
        for text in texts() {
            for field in &FIELDS {
                let Kind::Text { set, .. } = field.kind else { continue };
                let is_valid = set(&mut RoomDraft::default(), Some(text.clone())).is_ok();
                let is_accepted = insert(&mut session, field.name, &text);
                assert_eq!(is_accepted, is_valid, "{}: {} {text:?}", storage.url(), field.name);
                expected.extend(is_valid.then(|| text.clone()));
            }
        }
        let rooms = listed(opened.open(&default_settings()).as_ref(), &asking(&[]));
        let is_text = |field: &&Field| matches!(field.kind, Kind::Text { .. });
        let text = |room| FIELDS.iter().filter(is_text).find_map(|field| field.value(room));
        let found: Vec<_> = rooms.iter().map(|room| text(room).unwrap().to_string()).collect();
        assert_eq!(found, expected, "{}", storage.url());
    }
}

#[test]
fn a_text_that_cannot_be_is_refused_with_its_start_and_the_rule() {
    let message = |text: &str| Name::new(text.to_owned()).unwrap_err().to_string();
    let rule = "it must be from 1 to 120 characters, in one line, without control characters and without \
                blanks at its ends";
    assert_eq!(message(""), format!("name is \"\": {rule}"));
    assert_eq!(message("a\u{1b}[2J"), format!("name is \"a\\u{{1b}}[2J\": {rule}"));
    let long = "é".repeat(121);
    assert_eq!(message(&long), format!("name is 121 characters long: {rule}"));
    let wide = format!("\n{}", "é".repeat(100));
    assert_eq!(message(&wide), format!("name is \"\\n{}\"…: {rule}", "é".repeat(59)));
    let error = Description::new("a\tb".to_owned()).unwrap_err().to_string();
    assert!(error.ends_with("2000 characters, without control characters other than line breaks"));
}
