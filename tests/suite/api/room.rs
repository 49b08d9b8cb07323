//! `GET /rooms/{code}`

use std::thread;

use crate::support::server::Server;
use crate::support::storage::Storage;

#[test]
fn one_room_is_one_object() {
    for storage in Storage::all() {
        let server = Server::with_sample_rooms(&storage);
        for code in ["f853578c-fc0f-4e65-81b8-566c5dffa35a", "F853578C-FC0F-4E65-81B8-566C5DFFA35A"]
        {
            let answer = server.get(&format!("/rooms/{code}"));
            assert_eq!(answer.status, 200);
            assert_eq!(answer.header("vary"), "Accept, Accept-Encoding");
            assert_eq!(
                answer.body,
                r#"{"code":"f853578c-fc0f-4e65-81b8-566c5dffa35a","size":215,"price":39,"latitude":51.75436293,"longitude":-0.09998975}"#
            );
        }
    }
}

#[test]
fn a_browser_gets_a_page_of_one_room() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    let page = server.client().get_as("/rooms/f853578c-fc0f-4e65-81b8-566c5dffa35a", "text/html");
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    for text in ["f853578c-fc0f-4e65-81b8-566c5dffa35a", "215 m²", "€39", "51.75436293°"] {
        assert!(page.body.contains(text), "{text} is not in {}", page.body);
    }
}

#[test]
fn a_room_that_is_not_there_is_a_404() {
    for storage in Storage::all() {
        let server = Server::with_sample_rooms(&storage);
        for code in [
            "00000000-0000-0000-0000-000000000000",
            "f853578cfc0f4e6581b8566c5dffa35a",
            "nonsense",
            "%00",
            "%ff",
            "..%2f..%2fetc",
            "%3Cscript%3E",
        ] {
            let answer = server.get(&format!("/rooms/{code}"));
            assert_eq!(answer.status, 404, "{code}");
            assert_eq!(answer.header("content-type"), "application/problem+json");
            assert_eq!(answer.json()["type"], "ResourceError");
        }
    }
}

#[test]
fn a_room_is_found_by_the_start_of_its_code() {
    for storage in Storage::all() {
        let server = Server::with_owner_and_sample_rooms(&storage);
        let code = "f853578c-fc0f-4e65-81b8-566c5dffa35a";
        for start in ["f853578c", "F853578C", "f853578c-", "f853578c-fc0f-4e65-81b8-566c5dffa35"] {
            for accept in ["text/html", "application/json"] {
                let answer = server.client().get_as(&format!("/rooms/{start}"), accept);
                let location = format!("/rooms/{code}");
                assert_eq!(
                    (answer.status, answer.header("location")),
                    (303, &*location),
                    "{start}"
                );
            }
        }
        let other = "f853578c-fc0f-4e65-81b8-566c5dffa35b";
        let room = br#"{"size":1,"price":1,"latitude":1,"longitude":1}"#;
        let json = [("content-type", "application/json")];
        let added = server.owner().send("PUT", &format!("/rooms/{other}"), &json, room);
        assert_eq!(added.status, 201, "{}", added.body);
        let answer = server.get("/rooms/f853578c-fc");
        let list = format!("/rooms?filter_code__in={code},{other}");
        assert_eq!((answer.status, answer.header("location")), (303, list.as_str()));
        assert_eq!(server.get(&list).codes(), ["f853578c", "f853578c"]);
        for start in ["f853578", "f853578d", "ffffffff", "00000000", "f853578cf", "f853578c%2A"] {
            let answer = server.get(&format!("/rooms/{start}"));
            assert_eq!(answer.status, 404, "{start}: {}", answer.body);
        }
    }
}

/// Rooms that are requested while others are being read are read together.
#[test]
fn rooms_that_are_requested_at_the_same_moment_are_not_mixed_up() {
    for storage in Storage::all() {
        let server = Server::with_sample_rooms(&storage);
        let mut codes: Vec<String> = server
            .get("/rooms")
            .json()
            .as_array()
            .unwrap()
            .iter()
            .map(|room| room["code"].as_str().unwrap().to_owned())
            .collect();
        codes.push("00000000-0000-0000-0000-000000000000".to_owned());
        thread::scope(|scope| {
            for number in 0..20 {
                let (server, code) = (&server, &codes[number % codes.len()]);
                scope.spawn(move || {
                    let client = server.client();
                    for _ in 0..10 {
                        let answer = client.ask("GET", &format!("/rooms/{code}"), &[]);
                        if code.starts_with("00000000") {
                            assert_eq!(answer.status, 404, "{}", answer.body);
                        } else {
                            assert_eq!(answer.status, 200, "{}", answer.body);
                            assert_eq!(answer.json()["code"], code.as_str());
                        }
                    }
                });
            }
        });
    }
}
