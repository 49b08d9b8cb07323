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
