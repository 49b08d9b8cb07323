//! What only MongoDB has: documents that others put in by hand, and servers that are alone.

use mongodb::bson::{Bson, Document, doc};
use serde_json::json;

use crate::cli::{at_once, over};
use crate::support::mongo::{Hand, MongoServer, mongo_server};
use crate::support::server::Server;
use crate::support::storage::Storage;
use crate::support::{failure, stdout};

const TOKEN: &str = "0f8fad5bd9cb469fa16570867728950e";
const ENVIRONMENT: [(&str, &str); 1] = [("RENTOMATIC_WRITES__ADMIN_TOKEN", TOKEN)];
const FIRST: &str = "f853578c-fc0f-4e65-81b8-566c5dffa35a";

/// The documents of the original's chapter 7, as its driver writes them.
fn original() -> Vec<Document> {
    let room = |code: &str, size: i32, price: i32, longitude: f64, latitude: f64| {
        doc! {
            "code": code, "size": size, "price": price, "longitude": longitude, "latitude": latitude,
        }
    };
    vec![
        room(FIRST, 215, 39, -0.09998975, 51.75436293),
        room("fe2c3195-aeff-487a-a08f-e0bdc0ec6e9a", 405, 66, 0.18228006, 51.74640997),
        room("913694c6-435a-4366-ba0d-da5334a611b2", 56, 60, 0.27891577, 51.45994069),
        room("eed76e77-55c1-41ce-985d-ca49bf6c0585", 93, 48, 0.33894476, 51.39916678),
    ]
}

/// A document with this number as its code.
fn document(code: u32, price: impl Into<Bson>) -> Document {
    let code = format!("00000000-0000-0000-0000-{code:012}");
    doc! { "code": code, "size": 1, "price": price, "longitude": 1, "latitude": 1 }
}

/// A new database, and a hand on it.
fn by_hand() -> Option<(Storage, Hand)> {
    let storage = Storage::mongo()?;
    let hand = Hand::on(&storage.url());
    Some((storage, hand))
}

/// The same, migrated.
fn migrated() -> Option<(Storage, Hand)> {
    let (storage, hand) = by_hand()?;
    stdout(&mut over(&storage.url(), &["init-db"]));
    Some((storage, hand))
}

#[test]
fn the_originals_own_cases_hold_on_a_collection_of_its_documents() {
    let Some((storage, hand)) = by_hand() else { return };
    hand.run(doc! { "insert": "rooms", "documents": original() });
    let before = hand.documents();
    let cases: [(&str, &[&str]); 8] = [
        ("", &["f853578c", "fe2c3195", "913694c6", "eed76e77"]),
        ("filter_code__eq=f853578c-fc0f-4e65-81b8-566c5dffa35a", &["f853578c"]),
        ("filter_price__eq=60", &["913694c6"]),
        ("filter_price__lt=60", &["f853578c", "eed76e77"]),
        ("filter_price__gt=60", &["fe2c3195"]),
        ("filter_price__gt=48&filter_price__lt=66", &["913694c6"]),
        ("filter_price__eq=%36%30", &["913694c6"]),
        ("near=51.75,-0.1&radius=1000", &["f853578c"]),
    ];
    let unmigrated = [("RENTOMATIC_DATABASE__MIGRATE_ON_START", "false")];
    for environment in [&unmigrated[..], &[]] {
        let server = Server::start(&storage.url(), &[], environment);
        for (query, expected) in cases {
            assert_eq!(server.get(&format!("/rooms?{query}")).codes(), expected, "{query}");
        }
    }
    assert_eq!(hand.documents(), before);
}

#[test]
fn documents_that_come_change_and_go_by_hand_do_so_in_the_next_answer() {
    let Some((storage, hand)) = by_hand() else { return };
    let server = Server::over(&storage);
    assert_eq!(server.get("/rooms").body, "[]");
    hand.run(doc! { "insert": "rooms", "documents": original() });
    assert_eq!(server.get("/rooms").codes().len(), 4);
    let room = format!("/rooms/{FIRST}");
    let [list_tag, tag] = ["/rooms", &room].map(|path| server.get(path).header("etag").to_owned());
    let status =
        |path: &str, tag: &str| server.client().ask("GET", path, &[("if-none-match", tag)]).status;
    assert_eq!((status(&room, &tag), status("/rooms", &list_tag)), (304, 304));
    let update = doc! { "q": { "code": FIRST }, "u": { "$set": { "price": 40, "latitude": 10 } } };
    hand.run(doc! { "update": "rooms", "updates": [update] });
    assert_eq!((status(&room, &tag), status("/rooms", &list_tag)), (200, 200));
    assert_eq!(server.get(&room).json()["price"], 40);
    assert_eq!(server.get("/rooms?bbox=-1,9,1,11").codes(), ["f853578c"]);
    hand.run(
        doc! { "delete": "rooms", "deletes": [{ "q": { "price": { "$gt": 40 } }, "limit": 0 }] },
    );
    assert_eq!(server.get("/rooms").codes(), ["f853578c"]);
    hand.empty();
    assert_eq!(server.get("/rooms").body, "[]");
    assert_eq!(server.get(&room).status, 404);
}

#[test]
fn a_code_in_capitals_is_found_and_cannot_be_there_twice() {
    let Some((storage, hand)) = by_hand() else { return };
    let mut shouted = original().remove(0);
    shouted.insert("code", FIRST.to_uppercase());
    shouted.insert("price", 39.0);
    shouted.insert("colour", "red");
    hand.run(doc! { "insert": "rooms", "documents": [shouted] });
    let server = Server::start(&storage.url(), &[], &ENVIRONMENT);
    assert_eq!(server.get("/rooms?sort=code").json()[0]["code"], FIRST);
    for path in [format!("/rooms?filter_code__in={FIRST}"), format!("/rooms/{FIRST}")] {
        assert_eq!(server.get(&path).status, 200, "{path}");
    }
    assert_eq!(server.get(&format!("/rooms?filter_code__eq={FIRST}")).codes(), ["f853578c"]);
    assert!(hand.try_run(doc! { "insert": "rooms", "documents": original() }).is_err());
    // It is changed where it is, and what else it has stays.
    let authorization = format!("Bearer {TOKEN}");
    let write = |method: &str, path: &str, media_type: &str, body: &str| {
        let headers = [("authorization", &*authorization), ("content-type", media_type)];
        server.client().send(method, path, &headers, body.as_bytes())
    };
    let room = format!("/rooms/{FIRST}");
    let answer = write("PATCH", &room, "application/merge-patch+json", r#"{"price":41}"#);
    assert_eq!((answer.status, &answer.json()["price"]), (200, &json!(41)));
    let csv = format!("code,size,price,latitude,longitude\n{FIRST},9,42,5,6\n");
    let answer = write("POST", "/rooms/import?on_conflict=replace", "text/csv", &csv);
    assert_eq!(answer.json()["replaced"], 1, "{}", answer.body);
    let documents = hand.documents();
    assert_eq!(documents.len(), 1);
    assert_eq!(documents[0].get_i32("price").unwrap(), 42);
    assert_eq!(documents[0].get_str("colour").unwrap(), "red");
    assert_eq!(write("DELETE", &room, "text/plain", "").status, 204);
    assert_eq!(server.get("/rooms").body, "[]");
}

#[test]
fn rooms_added_by_many_processes_come_in_the_order_of_their_insertion() {
    let Some((storage, _)) = migrated() else { return };
    let numbers = ["--size", "1", "--price", "1", "--latitude", "1", "--longitude", "1"];
    let codes: Vec<String> = (0..6)
        .map(|_| stdout(&mut over(&storage.url(), &[&["rooms", "add"][..], &numbers].concat())))
        .collect();
    let listed = stdout(&mut over(&storage.url(), &["rooms", "export"]));
    let listed: Vec<_> = listed.lines().skip(1).map(|line| format!("{}\n", &line[..36])).collect();
    assert_eq!(listed, codes);
}

#[test]
fn sample_rooms_never_go_into_a_collection_with_rooms() {
    let Some((storage, hand)) = migrated() else { return };
    hand.run(doc! { "insert": "rooms", "documents": [document(1, 1)] });
    assert_eq!(Server::with_sample_rooms(&storage).get("/rooms").codes(), ["00000000"]);
}

#[test]
fn a_document_that_is_no_room_is_a_500_and_breaks_a_long_list_off() {
    let Some((storage, hand)) = migrated() else { return };
    // More than are read at once.
    hand.fill(10_050);
    hand.insert(vec![document(20_000, "cheap")]);
    let server = Server::over(&storage);
    let short = server.client().ask("GET", "/rooms?sort=code&limit=3000", &[]);
    assert_eq!((short.status, &short.json()["type"]), (500, &json!("SystemError")));
    assert!(!short.body.contains("cheap"), "{}", short.body);
    let request = b"GET /rooms.csv HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let long = crate::support::client::raw(server.address(), request);
    assert!(long.starts_with("HTTP/1.1 200 OK"), "{long}");
    assert!(long.contains("000000002000") && !long.ends_with("\r\n0\r\n\r\n"));
    server.log_with("price \"cheap\" is not a whole number");
    // Those that it is not among are listed.
    assert_eq!(server.get("/rooms?filter_price__gt=1&limit=5").status, 200);
}

#[test]
fn documents_that_are_no_rooms_stop_the_migration_and_nothing_is_changed() {
    let Some((storage, hand)) = by_hand() else { return };
    let mut documents = vec![
        document(1, 39),
        document(1, 39),
        doc! { "code": "the attic" },
        document(2, -1),
        document(3, 1.5),
        doc! { "code": "00000000-0000-0000-0000-000000000004", "size": 1, "price": 1, "longitude": 181, "latitude": 1 },
    ];
    documents[1].insert("_id", "by hand");
    hand.insert(documents);
    let before = hand.documents();
    for command in ["migrate", "init-db", "serve"] {
        let said = failure(&mut over(&storage.url(), &[command]), 1);
        for part in [
            "6 of the documents in the collection rooms are not rooms; correct or delete them: ",
            "_id \"by hand\": that is not an ObjectId",
            "code \"the attic\" is not a UUID",
            "price is -1: it must be from 0",
            "price 1.5 is not a whole number",
            "longitude is 181: it must be from -180",
            "code \"00000000-0000-0000-0000-000000000001\" is there more than once",
            "Nothing was changed",
        ] {
            assert!(said.contains(part), "{part} is not in {said}");
        }
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    let status = stdout(&mut over(&storage.url(), &["migrate", "status"]));
    assert_eq!(status.matches("applied").count(), 1, "{status}");
    assert_eq!(hand.documents(), before);
    hand.insert((10..40).map(|code| document(code, "?")).collect());
    let said = failure(&mut over(&storage.url(), &["migrate"]), 1);
    assert!(said.contains("36 of the documents") && said.contains("; and 16 more"), "{said}");
}

#[test]
fn the_database_itself_refuses_what_is_no_room() {
    let Some((_storage, hand)) = migrated() else { return };
    let insert =
        |document: Document| hand.try_run(doc! { "insert": "rooms", "documents": [document] });
    insert(original().remove(0)).unwrap();
    for (field, value) in [
        ("code", Bson::from(FIRST.to_uppercase())),
        ("code", Bson::from("the attic")),
        ("code", Bson::Null),
        ("size", Bson::from(0)),
        ("size", Bson::from(1.5)),
        ("size", Bson::from(1_i64 << 31)),
        ("price", Bson::from(-1)),
        ("price", Bson::from("60")),
        ("longitude", Bson::from(180.1)),
        ("latitude", Bson::from(f64::INFINITY)),
        ("_id", Bson::from(1)),
    ] {
        let mut wrong = document(2, 60);
        wrong.insert(field, value.clone());
        assert!(insert(wrong).is_err(), "{field} {value} went in");
    }
    insert(document(2, 60_i64)).unwrap();
    insert(document(3, 60.0)).unwrap();
}

#[test]
fn a_collection_that_is_gone_is_no_empty_list() {
    let Some((storage, hand)) = migrated() else { return };
    let server = Server::start(&storage.url(), &["--sample-data"], &ENVIRONMENT);
    hand.run(doc! { "drop": "rooms" });
    let room = format!("/rooms/{FIRST}");
    for path in ["/rooms", "/rooms?count=exact", &room, "/ready"] {
        assert_eq!(server.get(path).status, 503, "{path}");
    }
    let headers =
        [("authorization", &*format!("Bearer {TOKEN}")), ("content-type", "application/json")];
    let body = br#"{"size":1,"price":2,"latitude":3,"longitude":4}"#;
    assert_eq!(server.client().send("PUT", &room, &headers, body).status, 503);
    server.log_with("run `rentomatic migrate`");
    assert!(hand.documents().is_empty());
    stdout(&mut over(&storage.url(), &["migrate"]));
    assert_eq!((server.get("/rooms").body.as_str(), server.get("/ready").status), ("[]", 200));
}

#[test]
fn a_lone_server_takes_single_rooms_and_refuses_what_needs_a_transaction() {
    let Some(server) = MongoServer::without_transactions() else { return };
    let url = server.new_url();
    let said = failure(&mut over(&url, &["serve", "--sample-data", "--bind", "127.0.0.1:0"]), 1);
    assert!(
        said.contains("a standalone MongoDB server has no transactions: start it with --replSet"),
        "{said}"
    );
    let file = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
    std::fs::write(&file, "size,price,latitude,longitude\n1,1,1,1\n").unwrap();
    let said = failure(&mut over(&url, &["rooms", "import", file.path().to_str().unwrap()]), 1);
    assert!(said.contains("a standalone MongoDB server has no transactions"), "{said}");
    let server = Server::start(&url, &[], &ENVIRONMENT);
    let authorization = format!("Bearer {TOKEN}");
    let headers = [("authorization", &*authorization), ("content-type", "text/csv")];
    let file = b"size,price,latitude,longitude\n1,1,1,1\n";
    let answer = server.client().send("POST", "/rooms/import", &headers, file);
    let said = answer.body;
    assert_eq!(answer.status, 500, "{said}");
    assert!(
        said.contains("a standalone MongoDB server has no transactions: start it with"),
        "{said}"
    );
    server.log_with("a standalone MongoDB server has no transactions");
    assert!(Hand::on(&url).documents().is_empty());
    let numbers = ["--size", "1", "--price", "1", "--latitude", "1", "--longitude", "1"];
    let code = stdout(&mut over(&url, &[&["rooms", "add"][..], &numbers].concat()));
    assert_eq!(Server::start(&url, &[], &[]).get("/rooms").codes(), [&code[..8]]);
    stdout(&mut over(&url, &["rooms", "delete", code.trim_end()]));
    let said = stdout(&mut over(&url, &["doctor"]));
    assert!(said.contains("fix   the server is standalone and has no transactions"), "{said}");
    assert!(said.contains("fix   anyone who reaches the server can change everything"), "{said}");
    assert!(said.contains("ok    the connection to the server is encrypted or local"), "{said}");
}

#[test]
fn init_db_makes_all_that_is_needed_and_may_be_repeated_by_many_at_once() {
    let Some(server) = mongo_server() else { return };
    let url = server.new_url();
    let lacking = stdout(&mut over(&url, &["doctor"]));
    assert!(lacking.contains("fix   the schema lacks 2026-11-24-000001_create_room"), "{lacking}");
    let outputs = at_once(10, || over(&url, &["init-db"]));
    assert!(outputs.iter().all(|output| output.status.success()), "{outputs:?}");
    assert_eq!(stdout(&mut over(&url, &["init-db"])), format!("{url}: exists already\n"));
    assert_eq!(stdout(&mut over(&url, &["migrate"])), "nothing to apply\n");
    let said = stdout(&mut over(&url, &["doctor"]));
    assert!(said.contains("ok    the server supports transactions"), "{said}");
    assert!(said.contains("ok    the schema is the one that this program needs"), "{said}");
    let answer = Hand::on(&url).run(doc! { "listIndexes": "rooms" });
    let indexes = answer.get_document("cursor").unwrap().get_array("firstBatch").unwrap();
    let mut names: Vec<_> = indexes
        .iter()
        .map(|index| index.as_document().unwrap().get_str("name").unwrap().to_owned())
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["_id_", "code", "name", "name_desc", "place", "price", "price_desc", "size", "size_desc"]
    );
}

#[test]
fn a_server_that_cannot_be_reached_is_named_without_the_password() {
    let url = "mongodb://rent:S3cret@127.0.0.1:1/rooms";
    let mut said = String::new();
    for words in [&["init-db"][..], &["migrate", "status"], &["rooms", "list"], &["doctor"]] {
        let line = failure(&mut over(url, words), 1);
        assert_eq!(line.lines().count(), 1, "{line}");
        said += &line;
    }
    said += &stdout(&mut over(url, &["config"]));
    assert!(said.contains("cannot connect to mongodb://rent:***@127.0.0.1:1/rooms"), "{said}");
    assert!(
        said.contains("Check that the server is running") && !said.contains("S3cret"),
        "{said}"
    );
}
