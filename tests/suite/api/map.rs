//! The map of the rooms on a page: its points, its graticule, its scale bar, and the tiles below it.

use std::f64::consts::PI;

use crate::support::owner;
use crate::support::server::Server;
use crate::support::storage::Storage;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 480.0;

/// The empty margin around the rooms, in pixels, but for the rounding.
const MARGIN: f64 = 40.0 - 0.05;

struct Map {
    points: Vec<(f64, f64)>,
    meridians: Vec<(f64, String)>,
    parallels: Vec<(f64, String)>,
    bar: (f64, String),
    /// West, north, width, height.
    tiles: Vec<[f64; 4]>,
}

/// The page with these rooms: each with a price, a latitude and a longitude.
fn page(rooms: &[(i32, f64, f64)]) -> String {
    let environment = [
        owner::WRITES,
        ("RENTOMATIC_MAP__TILE_URL", "https://tile.example/{z}/{x}/{y}"),
        ("RENTOMATIC_MAP__TILE_ATTRIBUTION", "somebody"),
    ];
    let server = Server::start(&Storage::Memory.url(), &[], &environment);
    let row = |(price, latitude, longitude): &(i32, f64, f64)| {
        format!("12345,{price},{latitude},{longitude}\n")
    };
    let rows: String = rooms.iter().map(row).collect();
    let file = format!("size,price,latitude,longitude\n{rows}");
    let authorization = owner::bearer();
    let headers = [("authorization", authorization.as_str()), ("content-type", "text/csv")];
    let added = server.client().send("POST", "/rooms/import", &headers, file.as_bytes());
    assert_eq!(added.status, 200, "{}", added.body);
    server.client().get_as("/rooms?filter_size__eq=12345", "text/html").body
}

/// The map of rooms at these places, each a latitude and a longitude.
fn map(places: &[(f64, f64)]) -> Map {
    let rooms: Vec<_> = places.iter().map(|(north, east)| (1, *north, *east)).collect();
    let page = page(&rooms);
    let line = |(text, end): (&str, char)| {
        let (at, rest) = text.split_once(end).unwrap();
        let (_, label) = rest.split_once("<text").unwrap().1.split_once('>').unwrap();
        (at.parse().unwrap(), label.split('<').next().unwrap().to_owned())
    };
    let parts = |start| page.split(start).skip(1);
    let (_, bar) = page.split_once("v6h-").unwrap();
    let parallels = parts("<path d=\"M0 ");
    let meridians = parts("<path d=\"M").filter(|path| path.contains(" 0V480\""));
    Map {
        points: parts("<circle class=\"price-")
            .filter(|circle| circle.contains("r=\"8\""))
            .map(|circle| (number(circle, " cx"), number(circle, " cy")))
            .collect(),
        meridians: meridians.map(|path| line((path, ' '))).collect(),
        parallels: parallels.map(|path| line((path, 'H'))).collect(),
        bar: line((bar, 'v')),
        tiles: parts("<image ")
            .map(|image| [" x", " y", " width", " height"].map(|name| number(image, name)))
            .collect(),
    }
}

/// The number in an attribute.
fn number(element: &str, name: &str) -> f64 {
    let (_, value) = element.split_once(&format!("{name}=\"")).unwrap();
    value.split('"').next().unwrap().parse().unwrap()
}

fn is_close(left: f64, right: f64) -> bool {
    (left - right).abs() < 0.11
}

#[test]
fn every_room_is_on_the_map_wherever_it_is() {
    for places in [
        vec![(51.5, -0.1)],
        vec![(90.0, 180.0), (-90.0, -180.0)],
        vec![(0.0, -180.0), (0.0, -60.0), (0.0, 60.0), (0.0, 179.9)],
        vec![(-17.0, 179.9), (-17.1, -179.9)],
        vec![(51.5, -0.1), (51.5, -0.1)],
        vec![(10.0, 0.0), (-80.0, 0.0)],
    ] {
        let map = map(&places);
        assert_eq!(map.points.len(), places.len());
        for (x, y) in &map.points {
            let is_inside = |at: &f64, size: f64| (MARGIN..=size - MARGIN).contains(at);
            assert!(is_inside(x, WIDTH) && is_inside(y, HEIGHT), "{places:?}: {x}, {y}");
        }
        assert!((1..=8).contains(&map.meridians.len()), "{places:?}");
        assert!((1..=8).contains(&map.parallels.len()), "{places:?}");
        assert!(map.bar.0 > 40.0 && map.bar.0 <= 150.0, "{places:?}");
        assert!((1..=40).contains(&map.tiles.len()), "{places:?} {}", map.tiles.len());
        for [x, y, width, height] in &map.tiles {
            assert!(x + width >= 0.0 && *x <= WIDTH && y + height >= 0.0 && *y <= HEIGHT);
        }
    }
}

#[test]
fn rooms_on_both_sides_of_the_antimeridian_lie_together() {
    let map = map(&[(-17.0, 179.9), (-17.1, -179.9)]);
    // The first room of the list is drawn last, on top.
    let [second, first] = &map.points[..] else { panic!("{:?}", map.points) };
    assert!(first.0 < second.0, "the western one is west");
    let labels: Vec<_> = map.meridians.iter().map(|(_, label)| label.as_str()).collect();
    assert!(labels.contains(&"179.95° E") && labels.contains(&"179.95° W"), "{labels:?}");
}

#[test]
fn the_graticule_is_where_its_labels_say() {
    let map = map(&[(51.5, -0.5), (51.8, 0.5)]);
    let [(east, _), (west, _)] = &map.points[..] else { panic!("{:?}", map.points) };
    let (zero, _) = map.meridians.iter().find(|(_, label)| label == "0.0°").unwrap();
    assert!(is_close(*zero, f64::midpoint(*west, *east)));
    let labels: Vec<_> = map.parallels.iter().map(|(_, label)| label.as_str()).collect();
    assert!(labels.contains(&"51.6° N"), "{labels:?}");
}

#[test]
fn the_bar_is_as_long_as_it_says() {
    // A degree of longitude on the equator of Web Mercator's sphere, in metres.
    let degree = PI * 6_378_137.0 / 180.0;
    let map = map(&[(0.0, 0.0), (0.0, 1.0)]);
    let [(east, _), (west, _)] = &map.points[..] else { panic!("{:?}", map.points) };
    let (bar, label) = &map.bar;
    assert_eq!(label, "20 km");
    assert!(is_close(*bar, 20_000.0 * (east - west) / degree));
}

#[test]
fn price_classes_have_about_the_same_number_of_rooms() {
    let classes = |prices: &[i32]| -> Vec<String> {
        let rooms: Vec<_> = prices.iter().map(|price| (*price, 0.0, 0.0)).collect();
        let page = page(&rooms);
        let circles = page.split("<circle class=\"price-").skip(1);
        let class = |circle: &str| {
            let (_, prices) = circle.split_once("</svg> ")?;
            Some(format!("{} {}", &circle[..1], prices.split("</li>").next()?))
        };
        circles.filter(|circle| circle.contains("r=\"7\"")).filter_map(class).collect()
    };
    assert_eq!(classes(&[7]), ["3 €7"]);
    assert_eq!(classes(&[66, 39, 48, 60]), ["1 €39", "2 €48", "3 €60", "5 €66"]);
    assert_eq!(classes(&[5, 5, 5, 5, 5, 5, 5, 5, 5, 9]), ["1 €5", "5 €9"]);
    let many: Vec<i32> = (1..=100).collect();
    let fifths = ["1 €1 to €20", "2 €21 to €40", "3 €41 to €60", "4 €61 to €80", "5 €81 to €100"];
    assert_eq!(classes(&many), fifths);
}
