//! What the Python original's own tests expect of it.

use crate::support::server::Server;
use crate::support::storage::Storage;

const FIRST: &str = "f853578c";
const SECOND: &str = "fe2c3195";
const THIRD: &str = "913694c6";
const FOURTH: &str = "eed76e77";

#[test]
fn the_four_rooms_are_listed_as_the_original_lists_them() {
    for storage in Storage::all() {
        let server = Server::with_sample_rooms(&storage);
        let answer = server.get("/rooms");
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(
            answer.body,
            concat!(
                r#"[{"code":"f853578c-fc0f-4e65-81b8-566c5dffa35a","size":215,"price":39,"#,
                r#""latitude":51.75436293,"longitude":-0.09998975},"#,
                r#"{"code":"fe2c3195-aeff-487a-a08f-e0bdc0ec6e9a","size":405,"price":66,"#,
                r#""latitude":51.74640997,"longitude":0.18228006},"#,
                r#"{"code":"913694c6-435a-4366-ba0d-da5334a611b2","size":56,"price":60,"#,
                r#""latitude":51.45994069,"longitude":0.27891577},"#,
                r#"{"code":"eed76e77-55c1-41ce-985d-ca49bf6c0585","size":93,"price":48,"#,
                r#""latitude":51.39916678,"longitude":0.33894476}]"#,
            )
        );
    }
}

#[test]
fn its_filters_give_its_lists() {
    for storage in Storage::all() {
        let server = Server::with_sample_rooms(&storage);
        let expected: [(&str, &[&str]); 8] = [
            ("filter_code__eq=f853578c-fc0f-4e65-81b8-566c5dffa35a", &[FIRST]),
            ("filter_price__eq=60", &[THIRD]),
            ("filter_price__lt=60", &[FIRST, FOURTH]),
            ("filter_price__gt=60", &[SECOND]),
            ("filter_price__lt=66&filter_price__gt=48", &[THIRD]),
            ("filter_price__gt=48&filter_price__lt=66&page=2", &[THIRD]),
            ("filter_price__lt=0", &[]),
            ("", &[FIRST, SECOND, THIRD, FOURTH]),
        ];
        for (query, codes) in expected {
            assert_eq!(server.get(&format!("/rooms?{query}")).codes(), codes, "{query}");
        }
    }
}

#[test]
fn unknown_keys_are_refused_in_its_words() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    let answer = server.get("/rooms?filter_a=5");
    assert_eq!(answer.status, 400);
    let body = answer.json();
    assert_eq!(body["type"], "ParametersError");
    assert_eq!(body["message"], "filters: Key a cannot be used");
}

#[test]
fn a_failing_repository_is_a_500_without_a_word_of_what_failed() {
    for storage in Storage::sql() {
        let server = Server::with_sample_rooms(&storage);
        if storage.by_hand("ALTER TABLE room RENAME TO chamber").is_none() {
            continue;
        }
        for path in ["/rooms", "/rooms/f853578c-fc0f-4e65-81b8-566c5dffa35a"] {
            let answer = server.client().ask("GET", path, &[("x-request-id", "here-it-failed")]);
            assert_eq!(answer.status, 500);
            let body = answer.json();
            assert_eq!(body["type"], "SystemError");
            assert_eq!(body["request_id"], "here-it-failed");
            for word in ["room\"", "chamber", "relation", "table", "SELECT", "sql", "diesel"] {
                assert!(!answer.body.contains(word), "{word} in {}", answer.body);
            }
        }
        let log = server.log_with("request_id=here-it-failed");
        let line = log.lines().find(|line| line.contains("ERROR")).unwrap();
        assert!(line.contains("here-it-failed"), "{line}");
        assert!(line.contains("no such table") || line.contains("does not exist"), "{line}");
    }
}
