//! `ETag` and `If-None-Match`: whether a client has the newest answer already.

use rentomatic::entities::FIELDS;
use serde_json::{Value, json};
use twox_hash::XxHash3_64;

use crate::support::client::Answer;
use crate::support::server::Server;
use crate::support::storage::Storage;

const ROOM: &str = "/rooms/f853578c-fc0f-4e65-81b8-566c5dffa35a";

fn if_none_match(server: &Server, path: &str, tags: &str) -> Answer {
    server.client().ask("GET", path, &[("if-none-match", tags)])
}

#[test]
fn what_is_unchanged_is_not_sent_again() {
    for storage in Storage::all() {
        let server = Server::with_sample_rooms(&storage);
        for path in [
            "/rooms",
            "/rooms?sort=price&limit=1",
            "/rooms.csv",
            "/rooms.geojson?near=51,0&radius=1e6",
            "/rooms.html",
            ROOM,
            &format!("{ROOM}.csv"),
        ] {
            let first = server.get(path);
            let tag = first.header("etag").to_owned();
            assert!(tag.ends_with('"'), "{path}: {tag}");
            let strong = tag.strip_prefix("W/").unwrap_or(&tag);
            for tags in [&tag, &format!("W/{strong}"), &format!("\"other\", {tag}"), "*"] {
                let again = if_none_match(&server, path, tags);
                assert_eq!((again.status, again.body.as_str()), (304, ""), "{path} {tags}");
                assert_eq!(again.header("etag"), tag);
                assert_eq!(again.header("vary"), first.header("vary"));
                assert_eq!(again.header("cache-control"), "no-cache");
            }
            for tags in ["\"other\"", "W/\"other\"", "nonsense", ""] {
                let again = if_none_match(&server, path, tags);
                assert_eq!((again.status, &again.body), (200, &first.body), "{path} {tags}");
            }
        }
    }
}

/// It is sent before it has been read completely, so its tag is that of all rooms.
#[test]
fn a_long_list_has_a_tag_as_well_unless_the_storage_cannot_tell_whether_rooms_changed() {
    for storage in Storage::sql() {
        storage.fill(10_001);
        for cache in ["0", "64"] {
            let settings = [("RENTOMATIC_CACHE__MAX_MIB", cache)];
            let server = Server::start(&storage.url(), &[], &settings);
            let tag = server.get("/rooms.csv").header("etag").to_owned();
            assert!(tag.starts_with("W/\"v"), "{tag}");
            for tags in [&tag, "*"] {
                assert_eq!(if_none_match(&server, "/rooms.csv", tags).status, 304, "{tags}");
            }
            if storage.by_hand("UPDATE room SET price = price + 1 WHERE id = 10001").is_none() {
                return;
            }
            assert_eq!(if_none_match(&server, "/rooms.csv", &tag).status, 200);
        }
    }
}

#[test]
fn each_representation_has_its_own_tag() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    let tag = server.get("/rooms").header("etag").to_owned();
    let answer = server.client().ask("GET", "/rooms.csv", &[("if-none-match", &tag)]);
    assert_eq!(answer.status, 200);
    let answer = server.client().ask(
        "GET",
        "/rooms",
        &[("if-none-match", &tag), ("accept", "application/x-ndjson")],
    );
    assert_eq!(answer.status, 200);
}

#[test]
fn a_change_by_hand_changes_the_tags() {
    for storage in Storage::sql() {
        let server = Server::with_sample_rooms(&storage);
        let tags = || ["/rooms", ROOM].map(|path| server.get(path).header("etag").to_owned());
        let [list, room] = tags();
        let update = "UPDATE room SET price = price + 1 WHERE price = 66";
        if storage.by_hand(update).is_none() {
            continue;
        }
        // Another room was changed.
        let [other_list, same_room] = tags();
        assert!(other_list != list && same_room == room);
        assert_eq!(if_none_match(&server, "/rooms", &list).status, 200);
        assert_eq!(if_none_match(&server, ROOM, &room).status, 304);
        storage.by_hand("UPDATE room SET price = 40 WHERE price = 39");
        assert_eq!(if_none_match(&server, ROOM, &room).status, 200);
        assert_eq!(if_none_match(&server, "/rooms", &other_list).status, 200);
    }
}

#[test]
fn two_servers_over_the_same_rooms_agree_on_the_tags() {
    for storage in Storage::sql() {
        let servers = [Server::with_sample_rooms(&storage), Server::over(&storage)];
        for path in ["/rooms", ROOM] {
            let [one, other] = servers.each_ref().map(|server| server.get(path));
            assert_eq!(one.header("etag"), other.header("etag"));
        }
    }
}

#[test]
fn a_head_has_the_same_tag_and_can_be_conditional() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    for path in ["/rooms", ROOM] {
        let tag = server.get(path).header("etag").to_owned();
        let head = server.client().ask("HEAD", path, &[]);
        assert_eq!((head.status, head.header("etag")), (200, tag.as_str()));
        for method in ["HEAD", "GET"] {
            let same = server.client().ask(method, path, &[("if-none-match", &tag)]);
            assert_eq!((same.status, same.header("etag")), (304, tag.as_str()), "{method} {path}");
            for name in ["content-length", "content-type"] {
                assert_eq!(same.header(name), "", "{name} of {method} {path}");
            }
            let several = [("if-none-match", "\"another\""), ("if-none-match", tag.as_str())];
            assert_eq!(server.client().ask(method, path, &several).status, 304, "{method} {path}");
        }
    }
}

#[test]
fn a_wrong_request_is_wrong_whatever_the_client_has() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    assert_eq!(if_none_match(&server, "/rooms?filter_foo=1", "*").status, 400);
    assert_eq!(
        if_none_match(&server, "/rooms/00000000-0000-0000-0000-000000000000", "*").status,
        404
    );
}

/// A browser takes over what a 304 says of the page that it has, so that must not forbid its style.
#[test]
fn what_a_browser_has_keeps_its_policy() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    for path in ["/rooms", "/rooms/f853578c-fc0f-4e65-81b8-566c5dffa35a"] {
        let page = server.client().get_as(path, "text/html");
        assert!(page.header("content-security-policy").contains("style-src 'self'"));
        let tag = [("accept", "text/html"), ("if-none-match", page.header("etag"))];
        let same = server.client().ask("GET", path, &tag);
        assert_eq!((same.status, same.header("content-security-policy")), (304, ""), "{path}");
    }
}

/// Servers that different compilers built agree on the tags.
#[test]
fn a_rooms_tag_is_a_hash_with_a_fixed_definition() {
    // XXH3, computed by another implementation.
    assert_eq!(XxHash3_64::oneshot(b"rentomatic"), 11_779_546_215_011_844_042);

    let server = Server::with_owner(&Storage::Memory);
    let code = "f853578c-fc0f-4e65-81b8-566c5dffa35a";
    let room =
        json!({ "code": code, "size": 215, "price": 39, "latitude": 51.75, "longitude": -0.5 });
    let body = room.to_string();
    let headers = [("content-type", "application/json")];
    let answer = server.owner().send("PUT", ROOM, &headers, body.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.body);
    let mut bytes = Vec::new();
    bytes.extend(u128::from_str_radix(&code.replace('-', ""), 16).unwrap().to_be_bytes());
    bytes.extend(215_i32.to_be_bytes());
    bytes.extend(39_i32.to_be_bytes());
    bytes.extend(51.75_f64.to_be_bytes());
    bytes.extend((-0.5_f64).to_be_bytes());
    let program = XxHash3_64::oneshot(env!("CARGO_PKG_VERSION").as_bytes());
    let hash = XxHash3_64::oneshot_with_seed(program, &bytes);
    assert_eq!(answer.header("etag"), format!("\"{hash:016x}-json\""));
}

#[test]
fn each_field_is_part_of_a_rooms_tag() {
    let server = Server::with_owner_and_sample_rooms(&Storage::Memory);
    let mut others = server.get("/rooms?limit=2").json()[1].clone();
    for field in FIELDS.iter().filter(|field| field.is_optional) {
        others[field.name] = field.example.into();
    }
    let room = server.get(ROOM);
    for (field, value) in others.as_object().unwrap() {
        let mut changed: Value = room.json();
        changed[field] = value.clone();
        let headers = [("content-type", "application/json")];
        let path = format!("/rooms/{}", changed["code"].as_str().unwrap());
        let answer = server.owner().send("PUT", &path, &headers, changed.to_string().as_bytes());
        assert_ne!(answer.header("etag"), room.header("etag"), "{field}");
        let answer = server.owner().send("PUT", ROOM, &headers, room.body.as_bytes());
        assert_eq!(answer.header("etag"), room.header("etag"), "{field}");
    }
}

#[test]
fn parameters_without_a_meaning_make_no_other_list() {
    for storage in Storage::with_versions() {
        let server = Server::with_sample_rooms(&storage);
        for accept in ["application/json", "text/html"] {
            let get = |path: &str| server.client().get_as(path, accept);
            let first = get("/rooms?sort=price&limit=2");
            let misses = || metric(&server, "rentomatic_cache_misses_total");
            let before = misses();
            for number in 0..20 {
                let path = format!("/rooms?utm={number}&sort=price&x%5B%5D&limit=2&&of=a%26b");
                let answer = get(&path);
                assert_eq!(answer.body, first.body, "{path}");
                assert_eq!(answer.header("link"), first.header("link"));
            }
            assert_eq!(misses(), before, "{accept}");
        }
    }
}

fn metric(server: &Server, name: &str) -> u64 {
    let metrics = server.get("/metrics").body;
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().parse().unwrap()
}
