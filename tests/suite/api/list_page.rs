//! The page at `/rooms`: its form, its order, its pages, its links, its map.

use crate::support::client::Answer;
use crate::support::server::Server;
use crate::support::storage::Storage;

const TOKEN: &str = "0f8fad5bd9cb469fa16570867728950e";

fn page(server: &Server, path: &str) -> Answer {
    server.client().get_as(path, "text/html")
}

/// The addresses of all links with this text.
fn links(page: &Answer, text: &str) -> Vec<String> {
    let links = page.body.split("<a href=\"").skip(1);
    links
        .filter(|link| link.split_once('>').is_some_and(|(_, rest)| rest.starts_with(text)))
        .map(|link| link.split('"').next().unwrap().replace("&#38;", "&"))
        .collect()
}

/// The first eight digits of the rooms' codes, in the table.
fn codes(page: &Answer) -> Vec<String> {
    page.body
        .split("<code class=\"code\" title=\"")
        .skip(1)
        .map(|code| code[..8].to_owned())
        .collect()
}

#[test]
fn what_is_left_empty_in_the_form_is_not_asked_for() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    for (sent, asked) in [
        ("", "/rooms"),
        ("?filter_price__gte=&filter_price__lte=&near=&radius=&sort=&limit=", "/rooms"),
        (
            "?filter_price__gte=&filter_price__lte=60&sort=-price",
            "/rooms?filter_price__lte=60&sort=-price",
        ),
        ("?near=51.5%2C+-0.12&radius=+2000+", "/rooms?near=51.5,-0.12&radius=2000"),
        ("?cursor=x&limit=3", "/rooms?limit=3"),
        ("?near=51.5+-0.12", "/rooms?near=51.5,-0.12"),
        ("?near=&radius=&sort=distance", "/rooms"),
        ("?near=&sort=-distance&foo=a+b", "/rooms?foo=a+b"),
        ("?filter_price__lte=a%0D%0AX-Evil:1", "/rooms?filter_price__lte=a%0D%0AX-Evil%3A1"),
        ("?filter_code__eq=//evil.example", "/rooms?filter_code__eq=%2F%2Fevil.example"),
    ] {
        let answer = server.get(&format!("/rooms/find{sent}"));
        assert_eq!((answer.status, answer.header("location")), (303, asked), "{sent}");
    }
}

#[test]
fn the_form_keeps_what_was_asked() {
    for storage in Storage::all() {
        let server = Server::with_sample_rooms(&storage);
        let asked = "filter_price__lte=60&near=51.5,0.2&radius=30000&sort=-size&limit=2\
                     &filter_size__lt=400&bbox=-1,51,1,52";
        let page = page(&server, &format!("/rooms?{asked}"));
        assert_eq!(page.status, 200, "{}", page.body);
        for kept in [
            "<details class=\"filter\" open>",
            "name=\"filter_price__lte\" value=\"60\"",
            "name=\"place\" value=\"51.5,0.2\"",
            "name=\"within\" value=\"30\"",
            "name=\"limit\" value=\"2\"",
            "<option value=\"-size\" selected>",
            "type=\"hidden\" name=\"filter_size__lt\" value=\"400\">size &#60; 400 <a",
            "type=\"hidden\" name=\"bbox\" value=\"-1,51,1,52\">bbox -1,51,1,52 <a",
        ] {
            assert!(page.body.contains(kept), "{kept} is not in {}", page.body);
        }
        let without = &links(&page, "Clear")[0];
        assert!(!without.contains("size__lt") && without.contains("bbox="), "{without}");
        assert_eq!(server.get(without).status, 200);
        // An order that is none of the form's own is kept as well.
        let page = self::page(&server, "/rooms?sort=price,-code");
        assert!(page.body.contains("<option value=\"price,-code\" selected>"), "{}", page.body);
    }
}

#[test]
fn each_mistake_is_told_at_its_field_and_nothing_is_lost() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    let wrong = "/rooms?filter_price__gte=cheap&filter_size__lte=9&near=51&sort=id&bbox=1\
                 &filter_foo=%3Cscript%3E";
    let page = page(&server, wrong);
    assert_eq!((page.status, page.header("cache-control")), (400, "no-store"));
    for text in [
        "id=\"filter_price__gte-error-1\">Value &#34;cheap&#34;",
        "value=\"cheap\" inputmode=\"numeric\" autocomplete=\"off\" aria-invalid=\"true\" \
         aria-describedby=\"filter_price__gte-hint filter_price__gte-error-1\"",
        "name=\"filter_size__lte\" value=\"9\"",
        "id=\"place-error-2\">near needs radius as well",
        "id=\"sort-error-1\">",
        "<li class=\"error\">bbox: ",
        "Key foo cannot be used",
        page.header("x-request-id"),
    ] {
        assert!(page.body.contains(text), "{text} is not in {}", page.body);
    }
    assert!(!page.body.contains("<script"), "{}", page.body);
    // A program is told of the same in its own way.
    assert_eq!(server.get(wrong).header("content-type"), "application/problem+json");
    assert_eq!(server.get("/rooms.csv?limit=0").header("content-type"), "application/problem+json");
}

#[test]
fn a_heading_sorts_by_its_column_and_once_more_the_other_way_round() {
    for storage in Storage::all() {
        let server = Server::with_sample_rooms(&storage);
        let first = page(&server, "/rooms?filter_price__lt=66&limit=2");
        assert!(!first.body.contains("aria-sort"));
        let by_price = &links(&first, "Price per day")[0];
        let cheapest = page(&server, by_price);
        assert_eq!(codes(&cheapest), ["f853578c", "eed76e77"]);
        assert!(cheapest.body.contains("class=\"number\" aria-sort=\"ascending\"><a"));
        // Sorting again begins at the first page.
        let second = page(&server, &links(&cheapest, "Next page")[0]);
        assert_eq!(codes(&second), ["913694c6"]);
        let dearest = page(&server, &links(&second, "Price per day")[0]);
        assert_eq!(codes(&dearest), ["913694c6", "eed76e77"]);
        assert_eq!(dearest.body.matches("aria-sort").count(), 1);
        for heading in ["Code", "Size", "Latitude", "Longitude"] {
            assert_eq!(page(&server, &links(&first, heading)[0]).status, 200, "{heading}");
        }
        let near = page(&server, "/rooms?near=51.5,0.2&radius=30000");
        assert_eq!(codes(&page(&server, &links(&near, "Distance")[0]))[0], "fe2c3195");
    }
}

#[test]
fn the_pages_are_counted_and_lead_on_and_back() {
    for storage in Storage::all() {
        let server = Server::with_sample_rooms(&storage);
        let first = page(&server, "/rooms?limit=3&filter_price__gt=39");
        assert!(first.body.contains(">3 rooms</caption>"), "{}", first.body);
        let first = page(&server, "/rooms?limit=2&filter_price__gt=39");
        assert!(first.body.contains(">2 of 3 rooms</caption>"), "{}", first.body);
        assert_eq!(links(&first, "First page"), Vec::<String>::new());
        let second = page(&server, &links(&first, "Next page")[0]);
        assert!(second.body.contains(">1 of 3 rooms</caption>"), "{}", second.body);
        assert_eq!(links(&second, "Next page"), Vec::<String>::new());
        let back = page(&server, &links(&second, "First page")[0]);
        assert_eq!(codes(&back), codes(&first));
        assert_eq!(page(&server, "/rooms?limit=1&count=exact").header("x-total-count"), "4");
        let one = page(&server, "/rooms?filter_price__gt=60");
        assert!(one.body.contains(">1 room</caption>"), "{}", one.body);
    }
}

#[test]
fn the_same_rooms_are_offered_as_data() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    let whole = page(&server, "/rooms?filter_price__gt=39&sort=price");
    assert_eq!(links(&whole, "JSON"), ["/rooms.json?filter_price__gt=39&sort=price"]);
    assert_eq!(links(&page(&server, "/rooms"), "CSV"), ["/rooms.csv"]);
    let first = page(&server, "/rooms?filter_price__gt=39&sort=price&limit=1");
    let second = page(&server, &links(&first, "Next page")[0]);
    let [this, all] = &links(&second, "CSV")[..] else { panic!("{}", second.body) };
    assert!(second.body.contains("Download all 3 rooms:"));
    let this = server.get(this).body;
    assert!(this.lines().count() == 2 && this.contains("913694c6"), "{this}");
    assert_eq!(server.get(all).body.lines().count(), 4);
    let features = server.get(&links(&first, "GeoJSON")[1]).json();
    assert_eq!(features["features"].as_array().unwrap().len(), 3);
}

#[test]
fn a_list_without_rooms_says_why_and_what_to_do() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    let filtered = page(&server, "/rooms?filter_price__lt=0");
    assert!(filtered.body.contains("No rooms match your filters"), "{}", filtered.body);
    let last = page(&server, "/rooms?limit=3");
    let next = links(&last, "Next page")[0].clone();
    assert!(page(&server, &next).body.contains("eed76e77"));
    for (environment, text) in [
        (vec![], "--sample-data"),
        (vec![("RENTOMATIC_WRITES__ADMIN_TOKEN", TOKEN)], "Log in</a> to"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("rooms.db").display());
        let server = Server::start(&url, &[], &environment);
        let empty = page(&server, "/rooms");
        assert!(empty.body.contains("There are no rooms here yet"), "{}", empty.body);
        assert!(empty.body.contains(text), "{text} is not in {}", empty.body);
        let end = page(&server, &next);
        assert!(end.body.contains("You have reached the end"), "{}", end.body);
    }
}

#[test]
fn a_code_is_whole_and_a_place_is_on_open_street_map() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    let page = page(&server, "/rooms");
    let code = "f853578c-fc0f-4e65-81b8-566c5dffa35a";
    assert!(page.body.contains(&format!(">{code}</code>")), "{}", page.body);
    assert_eq!(links(&page, "215 m² room in ")[0], format!("/rooms/{code}"));
    assert_eq!(
        links(&page, "51.75436°, -0.09999°")[0],
        "https://www.openstreetmap.org/?mlat=51.7543629&mlon=-0.0999898#map=16/51.7543629/-0.0999898"
    );
}

#[test]
fn the_map_has_each_room_and_asks_no_other_server() {
    for storage in Storage::all() {
        let server = Server::with_sample_rooms(&storage);
        let list = page(&server, "/rooms");
        for text in [
            "<title>€39 per day, 215 m², room f853578c-fc0f-4e65-81b8-566c5dffa35a</title>",
            "aria-label=\"Scale: 10 km\"",
            ">51.5° N</text>",
            ">0.2° W</text>",
            "</svg> €66</li>",
        ] {
            assert!(list.body.contains(text), "{text} is not in {}", list.body);
        }
        assert_eq!(list.body.matches("<circle class=\"price-").count(), 4 + 4);
        assert!(!list.body.contains("<image") && !list.body.contains("style="), "{}", list.body);
        let policy = list.header("content-security-policy");
        assert!(policy.contains("img-src 'self';"), "{policy}");
        let one = page(&server, "/rooms/f853578c-fc0f-4e65-81b8-566c5dffa35a");
        assert!(one.body.contains("aria-label=\"Scale: "), "{}", one.body);
    }
}

#[test]
fn tiles_of_the_server_that_is_set_lie_under_the_rooms() {
    let start = |tiles: &str| {
        let environment = [
            ("RENTOMATIC_MAP__TILE_URL", tiles),
            ("RENTOMATIC_MAP__TILE_ATTRIBUTION", "by <somebody>"),
        ];
        Server::start("memory:", &[], &environment)
    };
    let server = start("http://127.0.0.1:9/{z}/{x}/{y}.png?key=a&b");
    let list = page(&server, "/rooms");
    assert!(list.body.contains("<image href=\"http://127.0.0.1:9/10/"), "{}", list.body);
    assert!(list.body.contains(".png?key=a&#38;b\""), "{}", list.body);
    assert!(list.body.contains("by &#60;somebody&#62;"), "{}", list.body);
    let policy = list.header("content-security-policy");
    assert!(policy.contains("img-src 'self' http://127.0.0.1:9;"), "{policy}");
    // A browser that kept the page gets the new one once there are other tiles.
    let tag = [("accept", "text/html"), ("if-none-match", list.header("etag"))];
    assert_eq!(server.client().ask("GET", "/rooms", &tag).status, 304);
    assert_eq!(start("").client().ask("GET", "/rooms", &tag).status, 200);
}

#[test]
fn no_page_is_much_longer_than_what_was_asked() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    let names: Vec<_> = (0..700).map(|number| format!("filter_{number}")).collect();
    let refused = page(&server, &format!("/rooms?{}", names.join("&")));
    assert_eq!(refused.status, 400);
    assert!(refused.body.len() < 100_000, "{} bytes", refused.body.len());
}

/// A query that can be read has a next page that can be read, however long.
#[test]
fn the_next_page_of_a_long_query_can_be_asked_for() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    let codes = "f853578c-fc0f-4e65-81b8-566c5dffa35a,fe2c3195-aeff-487a-a08f-e0bdc0ec6e9a,";
    let query = format!("limit=1&sort=price&filter_code__in={}", codes.repeat(109));
    let first = format!("/rooms?{}", query.trim_end_matches(','));
    assert!((8_000..8_192).contains(&first.len()), "{}", first.len());
    let page = page(&server, &first);
    let next = page.header("link").split('>').next().unwrap()[1..].to_owned();
    assert_eq!(server.get(&next).codes(), ["fe2c3195"]);
    assert_eq!(server.get(&format!("/rooms/find?{query}")).status, 303);
}
