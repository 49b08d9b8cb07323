//! `GET /rooms` in some order, page by page, by place.

use crate::support::client::{Answer, Client};
use crate::support::server::Server;
use crate::support::storage::Storage;

/// The place that `Link` gives for the next page (RFC 8288).
fn next(answer: &Answer) -> Option<String> {
    let link = answer.header("link");
    let target = link.strip_prefix('<').and_then(|rest| rest.split_once(">; rel=\"next\""));
    assert!(link.is_empty() || target.is_some(), "{link}");
    target.map(|(target, _)| target.to_owned())
}

/// The codes on each page, from the first to the last.
fn pages(client: &Client, first: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut path = Some(first.to_owned());
    while let Some(here) = path {
        let answer = client.get(&here);
        pages.push(answer.codes());
        path = next(&answer);
        assert!(pages.len() < 10, "no end of pages after {here}");
    }
    pages
}

#[test]
fn a_list_is_sorted_as_asked() {
    for storage in Storage::all() {
        let server = Server::with_sample_rooms(&storage);
        for (sort, codes) in [
            ("price", ["f853578c", "eed76e77", "913694c6", "fe2c3195"]),
            ("-size", ["fe2c3195", "f853578c", "eed76e77", "913694c6"]),
            ("-latitude,price", ["f853578c", "fe2c3195", "913694c6", "eed76e77"]),
            ("%2Dcode", ["fe2c3195", "f853578c", "eed76e77", "913694c6"]),
        ] {
            assert_eq!(server.get(&format!("/rooms?sort={sort}")).codes(), codes, "{sort}");
        }
    }
}

#[test]
fn the_links_lead_through_every_page_once() {
    for storage in Storage::all() {
        let server = Server::with_sample_rooms(&storage);
        let client = server.client();
        assert_eq!(
            pages(&client, "/rooms?limit=3"),
            [vec!["f853578c", "fe2c3195", "913694c6"], vec!["eed76e77"]]
        );
        assert_eq!(
            pages(&client, "/rooms?sort=-price&limit=1&filter_price__lt=66&x=%26&x=1"),
            [["913694c6"], ["eed76e77"], ["f853578c"]]
        );
        assert_eq!(
            pages(&client, "/rooms?near=51.5,0.2&radius=30000&limit=2"),
            [vec!["913694c6", "eed76e77"], vec!["fe2c3195"]]
        );
        assert_eq!(pages(&client, "/rooms?limit=4").len(), 1);
        assert_eq!(pages(&client, "/rooms?limit=2&filter_price__lt=0"), [Vec::<String>::new()]);
    }
}

#[test]
fn the_next_page_is_in_the_same_representation() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    let answer = server.get("/rooms.ndjson?limit=3");
    let next = next(&answer).unwrap();
    assert!(next.starts_with("/rooms.ndjson?limit=3&cursor="), "{next}");
    assert_eq!(server.get(&next).body.lines().count(), 1);
    let page = server.client().get_as("/rooms?limit=3", "text/html");
    let link = page.body.split("<a href=\"").find(|rest| rest.contains("rel=\"next\"")).unwrap();
    let link = link.split('"').next().unwrap().replace("&#38;", "&");
    let page = server.client().get_as(&link, "text/html");
    assert!(page.body.contains("eed76e77") && !page.body.contains("rel=\"next\""), "{}", page.body);
}

#[test]
fn a_cursor_without_a_limit_leads_to_all_the_rest() {
    for storage in Storage::all() {
        let server = Server::with_sample_rooms(&storage);
        let next = next(&server.get("/rooms?limit=1")).unwrap().replace("limit=1&", "");
        assert_eq!(server.get(&next).codes(), ["fe2c3195", "913694c6", "eed76e77"]);
    }
}

#[test]
fn a_cursor_that_does_not_fit_is_refused() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    let next = next(&server.get("/rooms?sort=price&limit=1")).unwrap();
    let cut = &next[..next.len() - 3];
    let unsorted = next.replace("sort=price&", "");
    let other = next.replace("sort=price", "sort=-price");
    let twice = format!("{next}&cursor=x");
    let forged = next.split("cursor=").next().unwrap().to_owned() + "cursor=MjAwfHByaWNl";
    for path in [cut, &unsorted, &other, &twice, &forged, "/rooms?cursor="] {
        let answer = server.get(path);
        assert_eq!(answer.status, 400, "{path}");
        assert_eq!(answer.json()["errors"][0]["parameter"], "cursor", "{path}");
    }
    assert_eq!(server.get(&next).status, 200);
}

#[test]
fn all_pages_are_counted_on_each() {
    for storage in Storage::all() {
        let server = Server::with_sample_rooms(&storage);
        let answer = server.get("/rooms?count=exact&limit=1&filter_price__gt=40");
        assert_eq!(answer.header("x-total-count"), "3");
        assert_eq!(server.get("/rooms?count=exact").header("x-total-count"), "4");
        let second = server.get(&next(&answer).unwrap());
        assert_eq!((second.codes().len(), second.header("x-total-count")), (1, "3"));
        assert_eq!(server.get("/rooms").header("x-total-count"), "");
    }
}

#[test]
fn rooms_are_found_by_box_and_by_circle() {
    for storage in Storage::all() {
        let server = Server::with_sample_rooms(&storage);
        for (query, codes) in [
            ("bbox=-0.2,51.3,0.3,51.8", vec!["f853578c", "fe2c3195", "913694c6"]),
            ("bbox=-0.09998975,51.75436293,-0.09998975,51.75436293", vec!["f853578c"]),
            ("bbox=170,-90,-170,90", vec![]),
            ("near=51.46,0.28&radius=100", vec!["913694c6"]),
            ("near=51.46,0.28&radius=1e8", vec!["913694c6", "eed76e77", "fe2c3195", "f853578c"]),
            ("near=51.46,0.28&radius=1e8&sort=price&limit=2", vec!["f853578c", "eed76e77"]),
            (
                "near=51.46,0.28&radius=1e8&sort=-distance&bbox=0,51,1,51.5",
                vec!["eed76e77", "913694c6"],
            ),
            (
                "filter_code__in=eed76e77-55c1-41ce-985d-ca49bf6c0585,F853578C-FC0F-4E65-81B8-566C5DFFA35A",
                vec!["f853578c", "eed76e77"],
            ),
        ] {
            assert_eq!(server.get(&format!("/rooms?{query}")).codes(), codes, "{query}");
        }
        let page = server.client().get_as("/rooms?near=51.46,0.28&radius=9000", "text/html").body;
        for text in
            [">Distance <span aria-hidden=\"true\">▲</span></a></th>", ">75 m</td>", ">7.9 km</td>"]
        {
            assert!(page.contains(text), "{text} is not in {page}");
        }
        let features = server.get("/rooms.geojson?near=51.46,0.28&radius=100").json();
        let metres = features["features"][0]["properties"]["distance"].as_f64().unwrap();
        assert!((metres - 75.4).abs() < 1.0, "{metres}");
    }
}

#[test]
fn each_wrong_parameter_of_a_list_is_named() {
    let server = Server::with_sample_rooms(&Storage::Memory);
    for (query, parameter, word) in [
        ("limit=0", "limit", "from 1 to 10000"),
        ("limit=10001", "limit", "from 1 to 10000"),
        ("limit=-1", "limit", "from 1 to 10000"),
        ("limit=ten", "limit", "Value \"ten\""),
        ("limit=", "limit", "Value \"\""),
        ("limit=1&limit=1", "limit", "more than once"),
        ("sort=", "sort", "Value \"\""),
        ("sort=id", "sort", "code, size, price"),
        ("sort=price,price", "sort", "once"),
        ("sort=price&sort=size", "sort", "more than once"),
        ("sort=distance", "sort", "near"),
        ("count=", "count", "exact"),
        ("count=planned", "count", "exact"),
        ("count=exact&count=exact", "count", "more than once"),
        ("bbox=1,2,3", "bbox", "MINLON,MINLAT,MAXLON,MAXLAT"),
        ("bbox=0,1,0,0", "bbox", "MINLAT <= MAXLAT"),
        ("bbox=0,0,181,0", "bbox", "degrees"),
        ("bbox=NaN,0,1,1", "bbox", "degrees"),
        ("near=51,0", "near", "radius"),
        ("radius=5", "radius", "near"),
        ("near=91,0&radius=5", "near", "LAT,LON"),
        ("near=1,0&radius=-5", "radius", "metres"),
        ("near=1,0&radius=inf", "radius", "metres"),
        ("filter_code__in=", "filter_code__in", "UUID"),
        ("filter_code__in=x,y", "filter_code__in", "UUID"),
        ("cursor=%00", "cursor", "cannot be used"),
        ("limit=%ff", "limit", "from 1 to 10000"),
    ] {
        let answer = server.get(&format!("/rooms?{query}"));
        assert_eq!(answer.status, 400, "{query}");
        let body = answer.json();
        assert_eq!(body["errors"][0]["parameter"], parameter, "{query}");
        assert_eq!(body["errors"].as_array().unwrap().len(), 1, "{query}");
        let message = body["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(word), "{query}: {message}");
        let whole = body["message"].as_str().unwrap();
        let kind = if parameter.starts_with("filter_") { "filters" } else { parameter };
        assert_eq!(whole, format!("{kind}: {message}"));
    }
}

#[test]
fn the_largest_circle_is_the_whole_earth() {
    for storage in Storage::all() {
        let server = Server::with_sample_rooms(&storage);
        for radius in ["20100000", "1e9", "1e300"] {
            let query = format!("near=-51.5,179.9&radius={radius}");
            assert_eq!(server.get(&format!("/rooms?{query}")).codes().len(), 4, "{radius}");
        }
    }
}

#[test]
fn a_page_of_many_rooms_does_not_count_them_all() {
    for storage in Storage::sql() {
        storage.fill(10_050);
        let server = Server::over(&storage);
        let page = server.client().get_as("/rooms", "text/html").body;
        assert!(page.contains(">100 of more than 10,000 rooms</caption>"), "{page}");
        assert!(page.contains("Download all rooms (more than 10,000 rooms):"), "{page}");
        let counted = server.client().get_as("/rooms?count=exact", "text/html");
        assert_eq!(counted.header("x-total-count"), "10050");
        assert!(counted.body.contains(">100 of 10,050 rooms</caption>"), "{}", counted.body);
    }
}

#[test]
fn a_count_that_takes_too_long_is_a_504_that_says_what_to_do() {
    for storage in Storage::sql() {
        storage.fill(200_000);
        let limit = [("RENTOMATIC_SERVER__REQUEST_TIMEOUT_MS", "110")];
        let server = Server::start(&storage.url(), &[], &limit);
        // Quick to list, by an index, and slow to count.
        let path = "/rooms?sort=price&limit=1&near=51,0&radius=20000000&filter_size__ne=0";
        // On a loaded machine, even the list may take too long.
        let answered = |path: &str| loop {
            let answer = server.get(path);
            if answer.status != 503 {
                return answer;
            }
        };
        assert_eq!(answered(path).status, 200);
        let answer = answered(&format!("{path}&count=exact"));
        assert_eq!(answer.status, 504, "{}", answer.body);
        let problem = answer.json();
        assert_eq!(problem["type"], "SystemError");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("Leave count out"), "{detail}");
        assert_eq!(answer.header("retry-after"), "");
    }
}
