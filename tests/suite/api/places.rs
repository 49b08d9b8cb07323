//! `GET /places`, and the form's field for a town or place.

use std::fs;

use serde_json::{Value, json};

use crate::support::client::Answer;
use crate::support::owner;
use crate::support::server::{PATIENT, Server};
use crate::support::storage::Storage;

fn page(server: &Server, path: &str) -> Answer {
    server.client().get_as(path, "text/html")
}

#[test]
fn places_are_found_by_name_the_best_first() {
    let server = Server::over(&Storage::Memory);
    let answer = server.get("/places?q=Kreuzberg&limit=1&unknown=1");
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    assert_eq!(
        answer.json(),
        json!([{
            "name": "Kreuzberg", "region": "Berlin", "country": "Germany",
            "latitude": 52.49973, "longitude": 13.40338, "inhabitants": 153_135,
        }])
    );
    for text in ["zurich", "Z%C3%BCrich", "ZUERICH"] {
        let found = server.get(&format!("/places?q={text}")).json();
        assert_eq!(found[0]["name"], "Zürich", "{text}");
    }
    assert_eq!(server.get("/places?q=Frankf").json().as_array().map(Vec::len), Some(10));
    assert_eq!(server.get("/places?q=Frankf").json()[0]["name"], "Frankfurt am Main");
    assert_eq!(server.get("/places?q=xyzzyx").json(), json!([]));
}

#[test]
fn a_search_for_places_can_be_cached() {
    let server = Server::over(&Storage::Memory);
    let answer = server.get("/places?q=Berlin");
    assert_eq!(answer.header("cache-control"), "public, max-age=3600");
    let tag = answer.header("etag");
    let again = server.client().ask("GET", "/places?q=Berlin", &[("if-none-match", tag)]);
    assert_eq!((again.status, again.header("etag"), again.body.as_str()), (304, tag, ""));
    let other = server.client().ask("GET", "/places?q=Bern", &[("if-none-match", tag)]);
    assert_eq!(other.status, 200);
}

#[test]
fn everything_wrong_with_a_search_for_places_is_reported() {
    let server = Server::over(&Storage::Memory);
    let long = "x".repeat(101);
    for (query, parameters) in [
        ("", vec!["q"]),
        ("?q=", vec!["q"]),
        ("?q=+-+", vec!["q"]),
        ("?q=%00", vec!["q"]),
        (&format!("?q={long}"), vec!["q"]),
        ("?q=a&q=b", vec!["q"]),
        ("?q=&limit=0", vec!["q", "limit"]),
        ("?q=a&limit=101", vec!["limit"]),
        ("?q=a&limit=ten", vec!["limit"]),
        ("?q=a&limit=", vec!["limit"]),
        ("?q=a&limit=1&limit=1", vec!["limit"]),
    ] {
        let answer = server.get(&format!("/places{query}"));
        assert_eq!(answer.status, 400, "{query}");
        let problem = answer.json();
        let errors = problem["errors"].as_array().unwrap();
        let named: Vec<&Value> = errors.iter().map(|error| &error["parameter"]).collect();
        assert_eq!(named, parameters, "{problem}");
        assert!(answer.body.len() < 1_000, "{}", answer.body);
    }
}

#[test]
fn the_form_takes_a_place_by_its_name() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    let kreuzberg = "near=52.49973,13.40338";
    for (sent, location) in [
        ("place=Kreuzberg&within=3", format!("{kreuzberg}&radius=3000&place=Kreuzberg")),
        ("place=kreuzberg&within=", format!("{kreuzberg}&radius=5000&place=Kreuzberg")),
        ("place=+Kreuzberg+&within=500+m", format!("{kreuzberg}&radius=500&place=Kreuzberg")),
        (
            "filter_price__lte=35&place=Kreuzberg&within=3%2C5+km&sort=-distance",
            format!("filter_price__lte=35&sort=-distance&{kreuzberg}&radius=3500&place=Kreuzberg"),
        ),
        ("place=52.52%2C+13.40&within=2", "near=52.52,13.4&radius=2000".into()),
        (
            "place=https%3A%2F%2Fwww.openstreetmap.org%2F%23map%3D16%2F52.5%2F13.25",
            "near=52.5,13.25&radius=5000".into(),
        ),
        // Another place replaces the one before, and an empty one removes it.
        (
            "near=1,1&place_of_near=Berlin&place=Kreuzberg&within=3",
            format!("{kreuzberg}&radius=3000&place=Kreuzberg"),
        ),
        ("near=1,1&place_of_near=Berlin&place=&within=3&limit=7&sort=distance", "limit=7".into()),
        // The place that was chosen before is not chosen again.
        (
            "near=1,1&place_of_near=Berlin&place=Berlin&within=3",
            "near=1,1&radius=3000&place=Berlin".into(),
        ),
        (
            "near=1,1&place_of_near=Berlin&place=Berlin&within=",
            "near=1,1&radius=5000&place=Berlin".into(),
        ),
        ("near=1,1&within=3", "near=1,1&radius=3000".into()),
        ("within=3&limit=7", "limit=7".into()),
    ] {
        let answer = server.get(&format!("/rooms/find?{sent}"));
        let location = format!("/rooms?{location}");
        assert_eq!((answer.status, answer.header("location")), (303, &*location), "{sent}");
        assert_eq!(server.get(&location).status, 200, "{location}");
    }
}

#[test]
fn a_name_that_several_places_have_leads_to_a_choice_the_nearest_to_the_rooms_first() {
    for storage in Storage::all() {
        let server = Server::with_owner(&storage);
        let choices = || {
            let page = page(&server, "/rooms/find?place=Frankfurt&within=3&filter_price__lte=35");
            assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
            assert!(page.body.contains("<h1>Which Frankfurt?</h1>"), "{}", page.body);
            let links = page.body.split("<a href=\"/rooms?filter_price__lte=35&#38;near=").skip(1);
            links.map(|link| link.split(['>', '<']).nth(1).unwrap().to_owned()).collect::<Vec<_>>()
        };
        let (main, oder) =
            ("Frankfurt am Main, Hesse, Germany", "Frankfurt (Oder), Brandenburg, Germany");
        assert_eq!(choices(), [main, oder]);
        let json = [("content-type", "application/json")];
        let in_berlin = br#"{"size":1,"price":1,"latitude":52.5,"longitude":13.4}"#;
        // More than the four sample rooms near London, which memory has.
        for _ in 0..6 {
            assert_eq!(server.owner().send("POST", "/rooms", &json, in_berlin).status, 201);
        }
        assert_eq!(choices(), [oder, main]);
    }
}

#[test]
fn an_unknown_place_is_reported_at_its_field_with_similar_names() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    let answer = page(&server, "/rooms/find?place=Kreuzbreg&within=3&filter_price__lte=35");
    assert_eq!((answer.status, answer.header("cache-control")), (400, "no-store"));
    for text in [
        "id=\"place-error-1\">We do not know a place called &#34;Kreuzbreg&#34;. Check the spelling",
        "name=\"place\" value=\"Kreuzbreg\"",
        "name=\"within\" value=\"3\"",
        "name=\"filter_price__lte\" value=\"35\"",
        "<a href=\"/rooms?filter_price__lte=35&#38;near=52.49973,13.40338&#38;radius=3000&#38;\
         place=Kreuzberg\">Kreuzberg, Berlin, Germany</a>",
    ] {
        assert!(answer.body.contains(text), "{text} is not in {}", answer.body);
    }
    let within = page(&server, "/rooms/find?place=Kreuzberg&within=far");
    assert_eq!(within.status, 400);
    for text in ["id=\"within-error-1\">Enter a distance", "name=\"within\" value=\"far\""] {
        assert!(within.body.contains(text), "{text} is not in {}", within.body);
    }
    let link = page(&server, "/rooms/find?place=https%3A%2F%2Fmaps.app.goo.gl%2Fx");
    assert_eq!(link.status, 400);
    assert!(link.body.contains("This link has no coordinates"), "{}", link.body);
    let script = page(&server, "/rooms/find?place=%3Cscript%3E%00zzz");
    assert!(script.status == 400 && !script.body.contains("<script"), "{}", script.body);
}

#[test]
fn the_place_is_in_the_heading_and_stays_in_the_form() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    let around = "near=51.45,0.22&radius=20000&place=Dart%3Cford";
    let list = page(&server, &format!("/rooms?{around}"));
    for text in [
        "<h1>2 rooms within 20 km of Dart&#60;ford</h1>",
        "<title>2 rooms within 20 km of Dart&#60;ford · rentomatic</title>",
        "name=\"place\" value=\"Dart&#60;ford\"",
        "type=\"hidden\" name=\"near\" value=\"51.45,0.22\"",
        "name=\"within\" value=\"20\"",
        "&#38;place=Dart%3Cford&#38;sort=price",
        "<a href=\"/rooms.csv?near=51.45,0.22&#38;radius=20000\">",
    ] {
        assert!(list.body.contains(text), "{text} is not in {}", list.body);
    }
    let next = server.get(&format!("/rooms?{around}&limit=1"));
    assert!(next.header("link").contains("place=Dart%3Cford"), "{}", next.header("link"));
    // The cache must not mix up two places.
    let other = page(&server, "/rooms?near=51.45,0.22&radius=20000&place=Bexley");
    assert!(other.body.contains("within 20 km of Bexley</h1>"), "{}", other.body);
    for wrong in ["place=", "place=a&place=b", &format!("place={}", "x".repeat(101))] {
        let answer = server.get(&format!("/rooms?{wrong}"));
        assert_eq!(
            (answer.status, &answer.json()["errors"][0]["parameter"]),
            (400, &json!("place"))
        );
    }
}

#[test]
fn a_room_is_named_after_the_place_that_it_is_in() {
    let server = Server::start("memory:", &[], &[&PATIENT[..], &[owner::WRITES]].concat());
    let json = [("content-type", "application/json")];
    for (code, latitude, longitude, title) in [
        (
            "00000000-0000-4000-8000-000000000001",
            52.434,
            13.2585,
            "15 m² room in Zehlendorf, Berlin",
        ),
        ("00000000-0000-4000-8000-000000000002", 0.0, -30.0, "15 m² room"),
    ] {
        let room = json!({ "size": 15, "price": 31, "latitude": latitude, "longitude": longitude });
        let path = format!("/rooms/{code}");
        let added = server.owner().send("PUT", &path, &json, room.to_string().as_bytes());
        assert_eq!(added.status, 201, "{}", added.body);
        let room = page(&server, &path);
        assert!(room.body.contains(&format!("<h1>{title}</h1>")), "{}", room.body);
        assert!(room.body.contains(&format!("<title>{title} · rentomatic</title>")));
        let list = page(&server, "/rooms");
        assert!(list.body.contains(&format!("<a href=\"{path}\">{title}</a>")), "{}", list.body);
    }
    let list = page(&server, "/rooms");
    assert!(list.body.contains("GeoNames</a>") && list.body.contains("CC BY 4.0</a>"));
}

#[test]
fn the_owners_own_places_are_found_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("places.csv");
    fs::write(&file, "name,latitude,longitude\nCampus Süd,52.45,13.29\n").unwrap();
    let setting = ("RENTOMATIC_PLACES__FILE", file.to_str().unwrap());
    let server = Server::start("memory:", &[], &[&PATIENT[..], &[setting]].concat());
    let found = server.get("/places?q=campus+sued").json();
    let campus = json!({
        "name": "Campus Süd", "region": null, "country": null,
        "latitude": 52.45, "longitude": 13.29, "inhabitants": null,
    });
    assert_eq!(found[0], campus);
    let answer = server.get("/rooms/find?place=campus+s%C3%BCd");
    let location = "/rooms?near=52.45,13.29&radius=5000&place=Campus+S%C3%BCd";
    assert_eq!((answer.status, answer.header("location")), (303, location));
}
