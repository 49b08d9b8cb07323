//! Names and descriptions on the pages, and what the settings say about the site.

use serde_json::json;

use crate::support::client::Answer;
use crate::support::owner::{TOKEN, WRITES, log_in, session};
use crate::support::server::{PATIENT, Server};
use crate::support::storage::Storage;

const CODE: &str = "f853578c-fc0f-4e65-81b8-566c5dffa35a";

fn start(settings: &[(&str, &str)]) -> Server {
    let environment = [&PATIENT[..], &[WRITES], settings].concat();
    Server::start(&Storage::Memory.url(), &["--sample-data"], &environment)
}

fn page(server: &Server, path: &str) -> Answer {
    server.client().get_as(path, "text/html")
}

fn describe(server: &Server, name: &str, description: &str) {
    let body = json!({ "name": name, "description": description }).to_string();
    let headers = [("content-type", "application/json")];
    let path = format!("/rooms/{CODE}");
    let answer = server.owner().send("PATCH", &path, &headers, body.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[test]
fn a_name_is_the_heading_and_a_description_keeps_its_lines() {
    let server = start(&[]);
    let path = format!("/rooms/{CODE}");
    let before = page(&server, &path);
    assert!(before.body.contains("<h1>215 m² room in Hertford, England</h1>"), "{}", before.body);
    describe(&server, "Attic <b>", "Bright &\nquiet");
    let room = page(&server, &path);
    for part in [
        "<title>Attic &#60;b&#62; · rentomatic</title>",
        "<h1>Attic &#60;b&#62;</h1>",
        "<p class=\"lines\">Bright &#38;\nquiet</p>",
        &format!("<p class=\"note\">Code <code>{CODE}</code></p>"),
    ] {
        assert!(room.body.contains(part), "{part} is not in {}", room.body);
    }
    assert_eq!(room.body.matches("Attic").count() - room.body.matches("m², Attic").count(), 2);
    let list = page(&server, "/rooms");
    assert!(list.body.contains(&format!("<a href=\"/rooms/{CODE}\">Attic &#60;b&#62;</a>")));
    assert!(!list.body.contains("Bright"), "{}", list.body);
    // The others are called after their places.
    assert_eq!(list.body.matches(" m² room in ").count(), 3);
    // The list can be sorted by it.
    let sorted = page(&server, "/rooms?sort=-name&limit=1");
    assert!(sorted.body.contains("Attic") && sorted.body.contains("aria-sort=\"descending\""));
    let found =
        page(&server, "/rooms?filter_name__contains=ATTIC&filter_description__contains=QUIET");
    assert!(
        found.body.contains("1 room<") && found.body.contains("name contains “ATTIC”"),
        "{}",
        found.body
    );
}

#[test]
fn the_forms_have_a_name_and_a_description_and_change_nothing_else() {
    let server = start(&[]);
    let session = session(&server.client());
    let post = |path: &str, form: &[(&str, &str)]| {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("accept", "text/html"),
            ("cookie", session.as_str()),
            ("sec-fetch-site", "same-origin"),
        ];
        server.client().send("POST", path, &headers, body.as_bytes())
    };
    let form = |path: &str| {
        let headers = [("accept", "text/html"), ("cookie", session.as_str())];
        server.client().ask("GET", path, &headers).body
    };
    let add = form("/rooms/add");
    let at = |part: &str| add.find(part).unwrap_or_else(|| panic!("{part} is not in {add}"));
    assert!(at("<label for=\"name\">") < at("<label for=\"size\">"));
    assert!(at("<textarea id=\"description\"") < at("<label for=\"code\">"));

    let numbers = [("size", "12"), ("price", "30"), ("latitude", "51"), ("longitude", "0")];
    let texts = [("name", " Attic "), ("description", "Two\r\nlines\r\n"), ("code", "")];
    let added = post("/rooms/add", &[&texts[..], &numbers].concat());
    assert_eq!(added.status, 303, "{}", added.body);
    let path = added.header("location").to_owned();
    let room = server.get(&path).json();
    assert_eq!((&room["name"], &room["description"]), (&json!("Attic"), &json!("Two\nlines")));

    // Nothing typed is lost, whatever is wrong with it.
    let wrong = [("name", "a\tb"), ("description", "<b>\r\nx")];
    let refused = post("/rooms/add", &[&wrong[..], &numbers].concat());
    assert_eq!(refused.status, 400);
    assert!(
        refused.body.contains("id=\"name-error-1\">name is &#34;a\\tb&#34;"),
        "{}",
        refused.body
    );
    assert!(refused.body.contains("&#60;b&#62;\r\nx</textarea>"), "{}", refused.body);

    let change = form(&format!("{path}/change"));
    assert!(
        change.contains("name=\"name\" value=\"Attic\"")
            && change.contains(">Two\nlines</textarea>")
    );
    let version =
        change.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let dearer =
        [("version", version), ("name", "Attic"), ("description", "Two\r\nlines"), ("price", "31")];
    assert_eq!(post(&format!("{path}/change"), &dearer).status, 303);
    let mut expected = room;
    expected["price"] = json!(31);
    assert_eq!(server.get(&path).json(), expected);
    // Someone else changes it meanwhile, and is not overwritten.
    let late = post(&format!("{path}/change"), &dearer);
    assert!(
        late.status == 412 && late.body.contains("name Attic, description Two\nlines"),
        "{}",
        late.body
    );
    // An empty entry removes the text.
    let version =
        late.body.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let removed = [("version", version), ("name", ""), ("description", "")];
    assert_eq!(post(&format!("{path}/change"), &removed).status, 303);
    assert_eq!(server.get(&path).json().as_object().unwrap().len(), 5);

    // The longest description, in letters that take the most bytes of a form.
    let long = "😀".repeat(2_000);
    let longest = [("name", "Attic"), ("description", &*long)];
    let added = post("/rooms/add", &[&longest[..], &numbers].concat());
    assert_eq!(added.status, 303, "{}", added.body);
    assert_eq!(server.get(added.header("location")).json()["description"], *long);
}

#[test]
fn a_button_leads_to_whom_the_settings_name() {
    let contact = "mailto:me@rooms.example?subject=About {name} ({code})&body=é";
    let server = start(&[("RENTOMATIC_SITE__CONTACT", contact)]);
    describe(&server, "Attic & \"more\"?", "Bright");
    let name = "Attic%20%26%20%22more%22%3F";
    let link = format!("mailto:me@rooms.example?subject=About%20{name}%20({CODE})&#38;body=%C3%A9");
    let other = "fe2c3195-aeff-487a-a08f-e0bdc0ec6e9a";
    let unnamed =
        format!("mailto:me@rooms.example?subject=About%20{other}%20({other})&#38;body=%C3%A9");
    for (path, link) in [
        (format!("/rooms/{CODE}"), &link),
        (format!("/rooms/{other}"), &unnamed),
        ("/rooms".to_owned(), &link),
        ("/rooms".to_owned(), &unnamed),
    ] {
        let page = page(&server, &path);
        let button =
            format!("<a class=\"button\" href=\"{link}\" rel=\"noreferrer\">Ask about this room<");
        assert!(page.body.contains(&button), "{button} is not in {}", page.body);
    }
    let server = start(&[("RENTOMATIC_SITE__CONTACT", "https://rooms.example/ask?room={code}")]);
    let link = format!("href=\"https://rooms.example/ask?room={CODE}\"");
    assert!(page(&server, &format!("/rooms/{CODE}")).body.contains(&link));
    let server = start(&[]);
    for path in ["/rooms", &format!("/rooms/{CODE}")] {
        assert!(!page(&server, path).body.contains("Ask about"));
    }
}

#[test]
fn every_page_has_the_sites_title_and_the_list_its_introduction() {
    let settings = [
        ("RENTOMATIC_SITE__TITLE", "Zimmer & mehr"),
        ("RENTOMATIC_SITE__INTRO", "Rooms <b>\nin Berlin"),
        ("RENTOMATIC_SITE__CURRENCY", "CHF"),
    ];
    let server = start(&settings);
    let next = log_in(&server.client(), TOKEN, "/rooms");
    assert_eq!(next.status, 303);
    for path in ["/rooms", &format!("/rooms/{CODE}"), "/log-in", "/rooms?limit=0", "/nowhere"] {
        let page = page(&server, path);
        assert!(page.body.contains(" · Zimmer &#38; mehr</title>"), "{path}: {}", page.body);
        assert!(
            page.body.contains("href=\"/rooms\">Zimmer &#38; mehr</a>"),
            "{path}: {}",
            page.body
        );
    }
    let list = page(&server, "/rooms");
    assert!(
        list.body.contains("<p class=\"lines\">Rooms &#60;b&#62;\nin Berlin</p>"),
        "{}",
        list.body
    );
    for path in ["/rooms", &format!("/rooms/{CODE}")] {
        let page = page(&server, path);
        assert!(page.body.contains("CHF\u{a0}39") && !page.body.contains('€'), "{}", page.body);
    }
    // It is a word for pages only.
    assert_eq!(server.get("/rooms").body, start(&[]).get("/rooms").body);
}

#[test]
fn a_page_that_the_settings_changed_has_another_tag() {
    let tag = |settings: &[(&str, &str)]| {
        let server = start(settings);
        let path = format!("/rooms/{CODE}");
        let tag = page(&server, &path).header("etag").to_owned();
        (tag, server.get(&path).header("etag").to_owned())
    };
    let (before, data) = tag(&[]);
    assert_eq!(tag(&[]).0, before);
    for setting in [
        ("RENTOMATIC_SITE__TITLE", "Zimmer"),
        ("RENTOMATIC_SITE__CURRENCY", "$"),
        ("RENTOMATIC_SITE__CONTACT", "mailto:me@rooms.example"),
    ] {
        let (now, data_now) = tag(&[setting]);
        assert_ne!(now, before, "{setting:?}");
        assert_eq!(data_now, data, "{setting:?}");
    }
}

#[test]
fn a_bad_setting_stops_the_start_and_is_named() {
    let mut command = crate::support::rentomatic(&["--database-url", "memory:", "serve"]);
    let said =
        crate::support::failure(command.env("RENTOMATIC_SITE__CONTACT", "me@rooms.example"), 1);
    assert!(said.contains("site.contact") && said.contains("mailto:me@rooms.example"), "{said}");
}
