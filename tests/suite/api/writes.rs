//! Rooms are added, replaced, changed and removed through the API, by the owner alone.

use serde_json::{Value, json};

use crate::support::client::{Answer, Client};
use crate::support::owner::TOKEN;
use crate::support::server::Server;
use crate::support::storage::Storage;

const CODE: &str = "f853578c-fc0f-4e65-81b8-566c5dffa35a";

/// A request by the owner.
fn write(server: &Server, method: &str, path: &str, body: &Value) -> Answer {
    write_with(server, method, path, body, &[])
}

fn write_with(
    server: &Server,
    method: &str,
    path: &str,
    body: &Value,
    headers: &[(&str, &str)],
) -> Answer {
    let mut all = Vec::new();
    if !headers.iter().any(|(name, _)| *name == "content-type") {
        all.push(("content-type", "application/json"));
    }
    all.extend(headers);
    server.owner().send(method, path, &all, body.to_string().as_bytes())
}

#[test]
fn a_name_and_a_description_are_added_changed_and_removed() {
    for storage in Storage::all() {
        let server = Server::with_owner_and_sample_rooms(&storage);
        let path = "/rooms/f853578c-fc0f-4e65-81b8-566c5dffa35a";
        let before = server.get(path);
        let send = |method: &str, body: &str, tag: &str| {
            let headers = [("content-type", "application/json"), ("if-match", tag)];
            server.owner().send(method, path, &headers, body.as_bytes())
        };
        let named =
            send("PATCH", r#"{"name":"Attic","description":"Two\nlines"}"#, before.header("etag"));
        assert_eq!(named.status, 200, "{}", named.body);
        assert!(
            named.body.ends_with(r#","name":"Attic","description":"Two\nlines"}"#),
            "{}",
            named.body
        );
        // Someone who has not seen the name does not overwrite it.
        assert_eq!(send("PATCH", r#"{"price":40}"#, before.header("etag")).status, 412);
        let dearer = send("PATCH", r#"{"price":40}"#, named.header("etag"));
        assert_eq!(dearer.json()["name"], "Attic");
        let unnamed = send("PATCH", r#"{"name":null,"price":39}"#, dearer.header("etag"));
        assert_eq!((unnamed.status, &unnamed.json()["name"]), (200, &Value::Null));
        assert!(!unnamed.body.contains("\"name\"") && unnamed.body.contains("\"description\""));
        // A complete room without the text has none; null is the same.
        let whole = format!("{},\"description\":null}}", before.body.strip_suffix('}').unwrap());
        let bare = send("PUT", &whole, unnamed.header("etag"));
        assert_eq!((&bare.body, bare.header("etag")), (&before.body, before.header("etag")));
        for (body, reason) in [
            (r#"{"name":""}"#, "name is \"\": it must be from 1 to 120 characters"),
            (r#"{"name":" Attic"}"#, "without blanks at its ends"),
            (r#"{"name":"a\nb"}"#, "in one line"),
            (r#"{"name":5}"#, "write a text, for example \"Attic with a balcony\""),
            (r#"{"description":"a\tb"}"#, "without control characters other than line breaks"),
        ] {
            let refused = send("PATCH", body, "*");
            assert_eq!(refused.status, 400, "{body}");
            assert!(
                refused.json()["errors"][0]["message"].as_str().unwrap().contains(reason),
                "{}",
                refused.body
            );
        }
        let long = send("PATCH", &format!(r#"{{"description":"{}"}}"#, "x".repeat(60_000)), "*");
        assert!(long.status == 400 && long.body.len() < 1_000, "{}", long.body);
        assert_eq!(server.get(path).body, before.body);
    }
}

/// Every number that is written in several ways, or that a storage might store in another way.
#[test]
fn a_write_is_answered_with_what_is_stored() {
    for storage in Storage::all() {
        let server = Server::with_owner(&storage);
        for (number, [latitude, longitude]) in [
            ["-0.0", "-0.0"],
            ["-0", "-0e5"],
            ["5e-324", "-5e-324"],
            ["90", "-180"],
            ["1e1", "1.10"],
        ]
        .into_iter()
        .enumerate()
        {
            let path = format!("/rooms/00000000-0000-4000-8000-{number:012x}");
            let body =
                format!(r#"{{"size":1,"price":-0,"latitude":{latitude},"longitude":{longitude}}}"#);
            let headers = [("content-type", "application/json")];
            let send =
                |method, path: &str| server.owner().send(method, path, &headers, body.as_bytes());
            let check = |answer: &Answer| {
                let shown = server.get(&path);
                assert_eq!(shown.body, answer.body, "{latitude} {longitude}");
                assert_eq!(shown.header("etag"), answer.header("etag"), "{latitude} {longitude}");
                assert!(
                    !shown.body.contains("-0.0") && !shown.body.contains("-0,"),
                    "{}",
                    shown.body
                );
            };
            // Created, replaced, unchanged, changed.
            check(&send("PUT", &path));
            check(&write(
                &server,
                "PUT",
                &path,
                &json!({"size": 1, "price": 1, "latitude": 1, "longitude": 1}),
            ));
            check(&send("PUT", &path));
            check(&send("PUT", &path));
            check(&send("PATCH", &path));
            let added = send("POST", "/rooms");
            let shown = server.get(added.header("location"));
            assert_eq!(
                (shown.body.as_str(), shown.header("etag")),
                (&*added.body, added.header("etag"))
            );
        }
    }
}

#[test]
fn a_negative_zero_that_is_inserted_by_hand_is_the_zero_that_a_client_sends() {
    for storage in Storage::sql() {
        let server = Server::with_owner(&storage);
        let insert = format!(
            "INSERT INTO room (code, size, price, longitude, latitude) VALUES ('{CODE}', 1, 1, -0.0, -0.0)"
        );
        if storage.by_hand(&insert).is_none() {
            continue;
        }
        let path = format!("/rooms/{CODE}");
        let tag = server.get(&path).header("etag").to_owned();
        let same = json!({"size": 1, "price": 1, "latitude": 0.0, "longitude": 0.0});
        let answer = write_with(&server, "PUT", &path, &same, &[("if-match", &tag)]);
        assert_eq!((answer.status, answer.header("etag")), (200, &*tag), "{}", answer.body);
    }
}

fn room() -> Value {
    json!({ "code": CODE, "size": 215, "price": 39, "latitude": 51.75, "longitude": -0.5 })
}

#[test]
fn a_room_is_added_with_its_code_or_a_new_one() {
    for storage in Storage::all() {
        let server = Server::with_owner(&storage);
        let path = format!("/rooms/{CODE}");
        if let Storage::Memory = storage {
            write(&server, "DELETE", &path, &json!({}));
        }
        let answer = write(&server, "POST", "/rooms", &room());
        assert_eq!(
            (answer.status, answer.header("location")),
            (201, path.as_str()),
            "{}",
            answer.body
        );
        assert_eq!(answer.json(), room());
        let shown = server.get(&path);
        assert_eq!((shown.json(), shown.header("etag")), (room(), answer.header("etag")));

        let mut nameless = room();
        nameless.as_object_mut().unwrap().remove("code");
        let places: Vec<String> = (0..2)
            .map(|_| write(&server, "POST", "/rooms", &nameless).header("location").to_owned())
            .collect();
        assert_ne!(places[0], places[1]);
        for place in places {
            assert_eq!(server.get(&place).json()["price"], 39);
        }

        let answer = write(&server, "POST", "/rooms", &room());
        assert_eq!((answer.status, answer.json()["type"].clone()), (409, json!("ParametersError")));
    }
}

#[test]
fn a_room_is_put_again_and_again_with_the_same_end() {
    for storage in Storage::databases() {
        let server = Server::with_owner(&storage);
        let path = format!("/rooms/{}", CODE.to_uppercase());
        let statuses: Vec<u16> =
            (0..3).map(|_| write(&server, "PUT", &path, &room()).status).collect();
        assert_eq!(statuses, [201, 200, 200]);
        let mut dearer = room();
        dearer["price"] = json!(40.0);
        dearer.as_object_mut().unwrap().remove("code");
        let answer = write(&server, "PUT", &path, &dearer);
        assert_eq!((answer.status, answer.json()["price"].clone()), (200, json!(40)));
        assert_eq!(server.get("/rooms").json().as_array().unwrap().len(), 1);
    }
}

#[test]
fn a_room_is_changed_in_part_and_removed() {
    for storage in Storage::all() {
        let server = Server::with_owner_and_sample_rooms(&storage);
        let path = format!("/rooms/{CODE}");
        let merge = [("content-type", "application/merge-patch+json")];
        let answer = write_with(&server, "PATCH", &path, &json!({ "price": 5 }), &merge);
        assert_eq!((answer.status, answer.json()["price"].clone()), (200, json!(5)));
        assert_eq!(answer.json()["size"], 215);
        let answer = write(&server, "PATCH", &path, &json!({}));
        assert_eq!((answer.status, answer.json()["price"].clone()), (200, json!(5)));
        let answer = write(&server, "DELETE", &path, &json!({}));
        assert_eq!((answer.status, answer.body.as_str()), (204, ""));
        for (method, body) in [("GET", json!({})), ("DELETE", json!({})), ("PATCH", json!({}))] {
            assert_eq!(write(&server, method, &path, &body).status, 404, "{method}");
        }
    }
}

#[test]
fn a_write_can_demand_what_it_changes() {
    for storage in Storage::all() {
        let server = Server::with_owner_and_sample_rooms(&storage);
        let path = format!("/rooms/{CODE}");
        let old = server.get(&path).header("etag").to_owned();
        let csv = server.get(&format!("{path}.csv")).header("etag").to_owned();
        let change = |price: u32, header: &str, tag: &str| {
            let body = json!({ "price": price });
            write_with(&server, "PATCH", &path, &body, &[(header, tag)]).status
        };
        // A tag of any representation is one of the room.
        assert_eq!(change(40, "if-match", &csv), 200);
        for (method, body) in
            [("PATCH", json!({ "price": 1 })), ("PUT", room()), ("DELETE", json!({}))]
        {
            let answer = write_with(&server, method, &path, &body, &[("if-match", &old)]);
            assert_eq!(answer.status, 412, "{method}");
            assert_eq!(answer.json()["type"], "ParametersError");
        }
        assert_eq!(server.get(&path).json()["price"], 40);
        let new = server.get(&path).header("etag").to_owned();
        assert_eq!(change(41, "if-match", &format!("\"x\", {new}")), 200);
        assert_eq!(change(42, "if-match", "*"), 200);
        assert_eq!(change(43, "if-match", &format!("W/{new}")), 412, "outdated");
        assert_eq!(change(43, "if-match", "nonsense"), 400);
        assert_eq!(change(43, "if-none-match", "*"), 412);
        // Made only if there is none, or only if there is one.
        let other = "/rooms/00000000-0000-4000-8000-000000000001";
        let mut body = room();
        body.as_object_mut().unwrap().remove("code");
        assert_eq!(write_with(&server, "PUT", other, &body, &[("if-match", "*")]).status, 412);
        assert_eq!(write_with(&server, "PUT", other, &body, &[("if-none-match", "*")]).status, 201);
        assert_eq!(write_with(&server, "PUT", other, &body, &[("if-none-match", "*")]).status, 412);
    }
}

#[test]
fn every_bad_field_is_named_at_once() {
    let server = Server::with_owner(&Storage::Memory);
    let path = format!("/rooms/{CODE}");
    for (method, path, body, mut expected) in [
        ("POST", "/rooms", json!({}), vec!["size", "price", "latitude", "longitude"]),
        ("PUT", &path, json!({ "price": 1 }), vec!["size", "latitude", "longitude"]),
        (
            "POST",
            "/rooms",
            json!({ "code": "x", "size": 0, "price": "5", "latitude": 91, "longitude": null, "x": 1 }),
            vec!["code", "latitude", "longitude", "price", "size", "x"],
        ),
        ("PATCH", &path, json!({ "size": 2.5, "price": true }), vec!["price", "size"]),
        ("PATCH", &path, json!({ "price": 2_147_483_648_u64 }), vec!["price"]),
        ("PATCH", &path, json!({ "code": "00000000-0000-4000-8000-000000000001" }), vec!["code"]),
    ] {
        let answer = write(&server, method, path, &body);
        assert_eq!(answer.status, 400, "{method} {body}");
        let errors = answer.json()["errors"].as_array().unwrap().clone();
        let mut named: Vec<_> =
            errors.iter().map(|error| error["parameter"].as_str().unwrap()).collect();
        named.sort_unstable();
        expected.sort_unstable();
        assert_eq!(named, expected, "{method} {body}");
    }
}

#[test]
fn a_body_that_cannot_be_read_is_refused() {
    let server = Server::with_owner(&Storage::Memory);
    let post = |media_type: Option<&str>, body: &[u8]| {
        let headers = media_type.map(|media_type| ("content-type", media_type));
        server.owner().send("POST", "/rooms", headers.as_slice(), body)
    };
    let good = room().to_string();
    for media_type in
        [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("x")]
    {
        let answer = post(media_type, good.as_bytes());
        assert_eq!(answer.status, 415, "{media_type:?}");
        assert!(answer.body.contains("application/json"), "{}", answer.body);
    }
    let json = Some("application/json; charset=utf-8");
    for body in
        ["", "[]", "5", "null", "{", "{\"size\":1}}", "\"x\"", "{\"size\":NaN}", "\u{feff}{}"]
    {
        let answer = post(json, body.as_bytes());
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.body.contains("write one JSON object"), "{}", answer.body);
    }
    assert_eq!(post(json, &[0xff, 0xfe]).status, 400);
    let twice = "{\"size\":1,\"size\":2,\"price\":1,\"latitude\":1,\"longitude\":1}";
    let answer = post(json, twice.as_bytes());
    assert_eq!(
        (answer.status, answer.json()["errors"][0]["parameter"].clone()),
        (400, json!("size"))
    );
    let deep = "[".repeat(100_000);
    assert_eq!(post(json, format!("{{\"x\":{deep}").as_bytes()).status, 400);
    let large = format!("{{\"x\":\"{}\"}}", "x".repeat(1024 * 1024));
    assert_eq!(post(json, large.as_bytes()).status, 413);
    assert_eq!(server.get("/rooms").codes().len(), 4);
}

#[test]
fn without_a_token_nobody_can_write() {
    let server = Server::over(&Storage::Memory);
    let path = format!("/rooms/{CODE}");
    for (method, path) in [("POST", "/rooms"), ("PUT", &path), ("PATCH", &path), ("DELETE", &path)]
    {
        let answer = write(&server, method, path, &room());
        assert_eq!(answer.status, 403, "{method}");
        assert!(answer.body.contains("writes.admin_token"), "{}", answer.body);
    }
    assert_eq!(server.get("/rooms").codes().len(), 4);
}

/// Every method on every path that there is, without credentials or with wrong ones.
#[test]
fn no_route_changes_anything_without_the_token() {
    let server = Server::with_owner(&Storage::Memory);
    let before = server.get("/rooms").body;
    let tag = server.get("/rooms").header("etag").to_owned();
    let wrong = format!("Bearer {}", TOKEN.replace('0', "1"));
    let short = format!("Bearer {}", &TOKEN[1..]);
    let routes = rentomatic::http::routes().into_iter().map(|(method, path)| {
        let path = path.replace("{code}", CODE).replace("{code:[^/.]+}", CODE);
        let path = path.replace("{suffix}", "json");
        let path = path.replace("{code:[0-9A-Fa-f-]{36}}", CODE).replace("{suffix:[a-z]+}", "csv");
        (method, path.replace("{file:.*}", ""))
    });
    let routes: Vec<(String, String)> = routes.collect();
    assert!(routes.iter().all(|(_, path)| !path.contains('{')), "{routes:?}");
    let is_log_out = |method: &str, path: &str| (method, path) == ("POST", "/log-out");
    for (method, path) in routes.iter().filter(|(method, _)| method != "GET") {
        let content_type = ("content-type", "application/x-www-form-urlencoded");
        let body = b"token=wrong&size=1&price=1&latitude=1&longitude=1";
        let answer = server.client().send(method, path, &[content_type], body);
        // Without a session there is nothing to end.
        let expected = if is_log_out(method, path) { 303 } else { 401 };
        assert_eq!(answer.status, expected, "{method} {path}");
    }
    for (_, path) in &routes {
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PURGE"] {
            for authorization in [None, Some(&wrong), Some(&short), Some(&"Basic x".to_owned())] {
                let mut headers = vec![("content-type", "application/json")];
                headers.extend(authorization.map(|value| ("authorization", value.as_str())));
                let body = room().to_string();
                let answer = server.client().send(method, path, &headers, body.as_bytes());
                assert!(
                    [401, 405, 404, 415, 429].contains(&answer.status) || is_log_out(method, path),
                    "{method} {path}: {}",
                    answer.status
                );
                if answer.status == 401 {
                    assert!(answer.header("www-authenticate").starts_with("Bearer"));
                }
            }
        }
    }
    assert_eq!(server.get("/rooms").body, before);
    assert_eq!(server.get("/rooms").header("etag"), tag);
    assert!(!server.log().contains(TOKEN));
}

#[test]
fn a_weak_token_stops_the_start() {
    for (token, part) in [
        ("short", "fewer than 32 characters"),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "placeholder"),
        ("please-change-me-please-change-me-0123456789", "placeholder"),
        ("0f8fad5bd9cb469f a16570867728950e", "ASCII"),
    ] {
        let mut command = crate::support::rentomatic(&["--database-url", "memory:", "serve"]);
        command.env("RENTOMATIC_WRITES__ADMIN_TOKEN", token);
        let said = crate::support::failure(&mut command, 1);
        assert!(said.contains(part) && said.contains("rentomatic token"), "{said}");
        assert!(!said.contains(token), "{said}");
    }
}

#[test]
fn the_token_can_come_from_a_file_and_is_never_printed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let token = crate::support::stdout(&mut crate::support::rentomatic(&["token"]));
    assert_eq!(token.trim_end().len(), 64);
    std::fs::write(&file, &token).unwrap();
    let environment = [("RENTOMATIC_WRITES__ADMIN_TOKEN_FILE", file.to_str().unwrap())];
    let server = Server::start("memory:", &[], &environment);
    let owner = Client::with_token(server.address(), token.trim_end());
    assert_eq!(owner.ask("DELETE", &format!("/rooms/{CODE}"), &[]).status, 204);
    let mut config = crate::support::rentomatic(&["config"]);
    let printed = crate::support::stdout(config.env("RENTOMATIC_WRITES__ADMIN_TOKEN", TOKEN));
    assert!(
        printed.contains("writes.admin_token = \"***\"") && !printed.contains(TOKEN),
        "{printed}"
    );
    assert!(!server.log().contains(token.trim_end()));
}

/// The number that a client reads is the one that it sent, on every storage and in every way.
#[test]
fn a_number_is_stored_and_found_as_it_was_sent() {
    let numbers = [
        "51.754362930000001234",
        "0.1",
        "0.30000000000000004",
        "5e-324",
        "2.2250738585072011e-308",
        "-89.99999999999999",
        "1.7976931348623157E-300",
        "9007199254740993e-15",
        "-0.0",
        "12.000000000000000888178419700125232338905334472656250000001",
    ];
    for storage in Storage::all() {
        let server = Server::with_owner(&storage);
        for (number, written) in numbers.iter().enumerate() {
            let expected = (written.parse::<f64>().unwrap() + 0.0).to_bits();
            let code = |way: u8| format!("00000000-0000-4000-8000-{number:04}0000000{way}");
            let object = |way: u8| {
                format!(
                    r#"{{"code":"{}","size":1,"price":2,"longitude":3,"latitude":{written}}}"#,
                    code(way)
                )
            };
            let csv = format!("code,size,price,longitude,latitude\n{},1,2,3,{written}\n", code(4));
            let patch = format!(r#"{{"latitude":{written}}}"#);
            let ways = [
                ("POST", "/rooms".to_owned(), "application/json", object(1)),
                ("PUT", format!("/rooms/{}", code(2)), "application/json", object(2)),
                ("POST", "/rooms/import".to_owned(), "application/x-ndjson", object(3)),
                ("POST", "/rooms/import".to_owned(), "text/csv", csv),
                ("PATCH", format!("/rooms/{}", code(1)), "application/merge-patch+json", patch),
            ];
            for (method, path, media_type, body) in ways {
                let headers = [("content-type", media_type)];
                let answer = server.owner().send(method, &path, &headers, body.as_bytes());
                assert!((200..300).contains(&answer.status), "{method} {path}: {}", answer.body);
            }
            for way in 1..=4 {
                let room = server.get(&format!("/rooms/{}", code(way))).json();
                let found = room["latitude"].as_f64().unwrap().to_bits();
                assert_eq!(found, expected, "{written}, {way}: {room}");
            }
            let found =
                server.get(&format!("/rooms?filter_latitude__eq={written}&filter_price__eq=2"));
            assert_eq!(found.json().as_array().unwrap().len(), 4, "{written}");
        }
    }
}
