//! `GET /rooms`

use crate::support::client::raw;
use crate::support::server::Server;
use crate::support::storage::Storage;

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

#[test]
fn a_browser_gets_a_page_and_a_program_json() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    let client = server.client();
    let page = client.get_as("/rooms", BROWSER);
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("vary"), "Accept, Accept-Encoding, Cookie");
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    for text in
        ["<table", "f853578c-fc0f-4e65-81b8-566c5dffa35a", "215 m²", "€39", ">4 rooms</caption>"]
    {
        assert!(page.body.contains(text), "{text} is not in {}", page.body);
    }
    for accept in ["*/*", "application/json", "application/*;q=0.1", "text/html;q=0.1, */*"] {
        let answer = client.get_as("/rooms", accept);
        assert_eq!(answer.header("content-type"), "application/json", "{accept}");
        assert_eq!(answer.header("vary"), "Accept, Accept-Encoding");
    }
}

#[test]
fn the_style_sheet_of_a_page_is_there() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    let page = server.client().get_as("/rooms", BROWSER).body;
    let link = page.split("rel=\"stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let sheet = server.get(link);
    assert_eq!((sheet.status, sheet.header("content-type")), (200, "text/css; charset=utf-8"));
}

#[test]
fn what_no_representation_matches_is_a_406() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    for accept in ["image/png", "application/json;q=0", "text/plain, application/xml"] {
        for path in ["/rooms", "/rooms/f853578c-fc0f-4e65-81b8-566c5dffa35a"] {
            let answer = server.client().get_as(path, accept);
            assert_eq!(answer.status, 406, "{accept}");
            assert_eq!(answer.json()["type"], "ParametersError");
            let message = answer.json()["message"].as_str().unwrap().to_owned();
            for offer in ["application/json", "text/csv", "application/geo+json", "text/html"] {
                assert!(message.contains(offer), "{message}");
            }
        }
    }
}

#[test]
fn head_answers_as_get_without_a_body() {
    for storage in Storage::all() {
        let server = Server::with_sample_rooms(&storage);
        let get = server.get("/rooms");
        let answer =
            raw(server.address(), b"HEAD /rooms HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
        assert!(head.contains(&format!("content-length: {}", get.body.len())), "{head}");
        assert!(head.contains("content-type: application/json"), "{head}");
        assert_eq!(body, "");
    }
}

#[test]
fn a_head_has_no_body_either_if_more_requests_come_with_it() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    let requests = "HEAD /rooms HTTP/1.1\r\nhost: x\r\n\r\n\
                    HEAD /nowhere HTTP/1.1\r\nhost: x\r\n\r\n\
                    GET /live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let answers = raw(server.address(), requests.as_bytes());
    let heads: Vec<_> = answers.split("\r\n\r\n").collect();
    assert!(heads[0].contains("content-length: 464"), "{answers}");
    assert!(heads[1].starts_with("HTTP/1.1 404"), "{answers}");
    assert!(heads[2].starts_with("HTTP/1.1 200"), "{answers}");
    assert_eq!(heads[3], r#"{"status":"live"}"#, "{answers}");
}

#[test]
fn another_method_is_a_405_with_allow() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    for (path, allow) in [
        ("/", "GET, HEAD"),
        ("/rooms", "GET, HEAD, POST"),
        ("/rooms/f853578c-fc0f-4e65-81b8-566c5dffa35a", "GET, HEAD, PUT, PATCH, DELETE"),
        ("/live", "GET, HEAD"),
        ("/ready", "GET, HEAD"),
    ] {
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"] {
            if allow.contains(method) {
                continue;
            }
            let answer = server.client().ask(method, path, &[]);
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_eq!(answer.header("allow"), allow);
            assert_eq!(answer.json()["status"], 405);
        }
    }
}

#[test]
fn the_root_leads_to_the_rooms() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    let answer = server.get("/");
    assert_eq!((answer.status, answer.header("location")), (302, "/rooms"));
}

#[test]
fn a_row_inserted_by_hand_is_in_the_next_list() {
    for storage in Storage::sql() {
        let server = Server::over(&storage);
        assert_eq!(server.get("/rooms").body, "[]");
        let schema = if matches!(storage, Storage::Postgres { .. }) { "public." } else { "" };
        let inserted = storage.by_hand(&format!(
            "insert into {schema}room(code, size, price, longitude, latitude)
             values ('f853578c-fc0f-4e65-81b8-566c5dffa35a', 215, 39, -0.09998975, 51.75436293);"
        ));
        if inserted.is_some() {
            assert_eq!(server.get("/rooms").codes(), ["f853578c"]);
        }
    }
}

#[test]
fn a_code_put_in_by_hand_in_capitals_is_written_in_lower_case() {
    for storage in Storage::sql() {
        let server = Server::over(&storage);
        let code = "F853578C-FC0F-4E65-81B8-566C5DFFA35A";
        let inserted = storage.by_hand(&format!(
            "insert into room(code, size, price, longitude, latitude) values ('{code}', 1, 1, 1, 1)"
        ));
        if inserted.is_some() {
            assert_eq!(server.get("/rooms").codes(), ["f853578c"]);
            assert_eq!(server.get(&format!("/rooms?filter_code__eq={code}")).codes(), ["f853578c"]);
            assert_eq!(server.get(&format!("/rooms/{}", code.to_lowercase())).status, 200);
        }
    }
}

#[test]
fn rooms_survive_a_restart() {
    for storage in Storage::databases() {
        drop(Server::with_sample_rooms(&storage));
        assert_eq!(Server::over(&storage).get("/rooms").codes().len(), 4);
    }
}

#[test]
fn sample_rooms_never_go_into_a_table_with_rooms() {
    for storage in Storage::sql() {
        drop(Server::over(&storage));
        let insert = "insert into room(code, size, price, longitude, latitude)
                      values ('00000000-0000-0000-0000-000000000001', 1, 1, 1, 1)";
        if storage.by_hand(insert).is_some() {
            assert_eq!(Server::with_sample_rooms(&storage).get("/rooms").codes(), ["00000000"]);
        }
    }
}
