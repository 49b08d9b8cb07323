//! Places by name: the gazetteer, the owner's own places, and how people write a place.

use std::fs;
use std::path::Path;

use rentomatic::entities::{Latitude, Longitude, Place};
use rentomatic::places::{
    COUNT, NamedPlace, Places, Resolved, fold, parse_distance, parse_location,
};

fn places() -> Places {
    Places::open(Path::new("")).unwrap()
}

fn at(latitude: f64, longitude: f64) -> Place {
    Place {
        latitude: Latitude::new(latitude).unwrap(),
        longitude: Longitude::new(longitude).unwrap(),
    }
}

fn labels(found: &[NamedPlace]) -> Vec<String> {
    found.iter().map(NamedPlace::full_label).collect()
}

#[test]
fn case_accents_scripts_and_punctuation_do_not_matter() {
    for names in [
        &["Zürich", "zurich", "ZUERICH", " Zu\u{308}rich "][..],
        &["Saint-Denis", "saint denis", "SAINT–DENIS"],
        &["L'Aquila", "l’aquila", "LAquila"],
        &["Łódź", "lodz"],
        &["København", "Koebenhavn", "kobenhavn"],
        &["Gießen", "giessen"],
        &["Берлин", "berlin"],
    ] {
        for name in names {
            assert_eq!(fold(name), fold(names[0]), "{name}");
        }
    }
    for nothing in ["", " ", "-", "…"] {
        assert_eq!(fold(nothing), "", "{nothing:?}");
    }
    // The work does not grow with the text.
    assert!(fold(&"ü".repeat(5_000)).len() <= 100);
}

#[test]
fn the_folded_start_of_a_name_is_the_start_of_the_folded_name() {
    for name in ["Zuerich", "Køge", "Aachen", "Frankfurt (Oder)", "Oestrich-Winkel", "Œuf"] {
        let whole = fold(name);
        for (end, _) in name.char_indices() {
            assert!(whole.starts_with(&fold(&name[..end])), "{name} {end}");
        }
    }
}

#[test]
fn the_same_town_is_found_however_its_name_is_written() {
    let places = places();
    for text in ["zurich", "Zürich", "ZUERICH", "Zurigo", "Цюрих", "チューリッヒ"] {
        let found = places.search(text, 10);
        assert_eq!(found[0].full_label(), "Zürich, Switzerland", "{text}");
    }
    assert_eq!(places.search("München", 1)[0].name, "Munich");
}

#[test]
fn a_name_comes_before_a_start_of_a_name_and_a_large_town_before_a_small_one() {
    let places = places();
    // Offenbach is larger, but only an alternative name of it begins so.
    let found = places.search("Frankf", 10);
    assert_eq!((found[0].name, found[1].name), ("Frankfurt am Main", "Frankfurt (Oder)"));
    assert!(found.iter().any(|place| place.name == "Offenbach"), "{found:?}");
    assert_eq!(places.search("Münch", 1)[0].name, "Munich");
    let starts = places.search("sa", 4).iter().map(|place| fold(place.name)).collect::<Vec<_>>();
    assert!(starts.iter().all(|name| name.starts_with("sa")), "{starts:?}");
    // Bathinda has more inhabitants than any place called Bath.
    let found = places.search("Bath", 50);
    assert_eq!(fold(found[0].name), "bath");
    assert!(found.iter().any(|place| place.inhabitants > found[0].inhabitants), "{found:?}");
    let exact = found.iter().take_while(|place| fold(place.name) == "bath");
    let inhabitants: Vec<_> = exact.map(|place| place.inhabitants).collect();
    assert!(inhabitants.is_sorted_by(|left, right| left >= right), "{found:?}");
    // Each place once, although several of its names match.
    let mut labels = labels(&places.search("Ber", 100));
    labels.sort();
    let all = labels.len();
    labels.dedup();
    assert_eq!((labels.len(), all), (100, 100));
    assert_eq!(places.search("Ber", 3).len(), 3);
    assert_eq!(places.search("", 10), []);
    assert_eq!(places.search("xyzzyx", 10), []);
}

#[test]
fn a_region_or_a_country_can_follow_the_name() {
    let places = places();
    for text in ["Berlin, New Jersey", "berlin,new j", "Berlin, New Jersey, United States"] {
        let Resolved::One(one) = places.resolve(text) else { panic!("{text}") };
        assert_eq!(one.full_label(), "Berlin, New Jersey, United States");
    }
    assert_eq!(places.resolve("Berlin, France"), Resolved::None);
    let Resolved::Several(several) = places.resolve("Frankfurt") else { panic!("one Frankfurt") };
    // What the choice shows leads to one place.
    for place in &several {
        assert_eq!(places.resolve(&place.full_label()), Resolved::One(*place));
    }
    assert_eq!(several[0].name, "Frankfurt am Main");
}

#[test]
fn a_text_resolves_to_a_point_one_place_several_or_none() {
    let places = places();
    assert_eq!(places.resolve("52.52, 13.40"), Resolved::Point(at(52.52, 13.4)));
    let Resolved::One(kreuzberg) = places.resolve("kreuzberg") else { panic!("no Kreuzberg") };
    assert_eq!(kreuzberg.label(), "Kreuzberg, Berlin");
    // Most people who write Munich do not mean places for which that is another name.
    assert!(matches!(places.resolve("Frankfurt am Main"), Resolved::One(_)));
    assert_eq!(places.resolve("Kreuzbreg"), Resolved::None);
    assert_eq!(places.suggestions("Kreuzbreg")[0].name, "Kreuzberg");
    assert_eq!(places.suggestions("Kreutzberk")[0].name, "Kreuzberg");
    assert_eq!(places.suggestions("Muenchn")[0].name, "Munich");
    assert_eq!(places.suggestions("Frankfurtistan")[0].name, "Frankfurt am Main");
    assert_eq!(places.suggestions(""), []);
    assert!(places.suggestions(&"x".repeat(5_000)).is_empty());
}

#[test]
fn each_place_of_the_gazetteer_is_found_by_its_name_and_is_nearest_to_itself() {
    let places = places();
    let mut seen = 0;
    for latitude in -60..80 {
        for longitude in -180..180 {
            let middle = at(f64::from(latitude) + 0.5, f64::from(longitude) + 0.5);
            let Some(place) = places.nearest(middle) else { continue };
            assert!(place.location.distance_to(middle) <= 50_000.0, "{place:?}");
            let Some(same) = places.nearest(place.location) else { panic!("{place:?} is lost") };
            assert!(same.location.distance_to(place.location) <= 0.1, "{place:?} {same:?}");
            let region = [place.name, place.region, place.country].join(",");
            let found = places.search(&region, 100);
            assert!(found.contains(&place), "{place:?} is not in {found:?}");
            assert!(!place.name.is_empty() && !place.country.is_empty(), "{place:?}");
            seen += 1;
        }
    }
    assert!(COUNT > 60_000 && seen > 3_000, "{COUNT} {seen}");
}

#[test]
fn the_nearest_place_is_found_on_both_sides_of_the_antimeridian_and_in_deserts_none() {
    let places = places();
    assert_eq!(places.nearest(at(52.434, 13.2585)).unwrap().label(), "Zehlendorf, Berlin");
    assert_eq!(places.nearest(at(52.5243, 13.4105)).unwrap().country, "Germany");
    for nowhere in [at(0.0, -30.0), at(90.0, 0.0), at(-90.0, 180.0), at(0.0, 180.0)] {
        assert_eq!(places.nearest(nowhere), None, "{nowhere:?}");
    }
    // Labasa in Fiji, at 179.36 degrees east, and a point near it, described from the other side.
    let labasa = places.search("Labasa", 1)[0];
    let beyond = at(labasa.location.latitude.get(), -180.0);
    let distance = labasa.location.distance_to(beyond);
    assert_eq!(places.nearest(beyond).is_some(), distance <= 50_000.0, "{distance}");
}

#[test]
fn coordinates_and_links_to_maps_are_read() {
    for text in [
        "52.5,13.25",
        " 52.5 , 13.25 ",
        "52.5 13.25",
        "52.5; 13.25",
        "52.5°, 13.25°",
        "geo:52.5,13.25",
        "geo:52.5,13.25;u=35?z=16",
        "https://www.openstreetmap.org/#map=16/52.5/13.25",
        "https://www.openstreetmap.org/?mlat=52.5&mlon=13.25#map=16/1.0/2.0",
        "https://www.openstreetmap.org/node/240109189#map=12/52.5/13.25&layers=H",
        "https://www.google.com/maps/@52.5,13.25,15z",
        "https://www.google.de/maps/place/Berlin/@1.0,2.0,10z/data=!3m1!4b1!4m6!3d52.5!4d13.25!16z",
        "https://www.google.com/maps/search/?api=1&query=52.5%2C13.25",
        "https://www.google.com/maps?q=52.5,13.25&z=3",
        "https://maps.google.com/?ll=52.5,13.25",
    ] {
        assert_eq!(parse_location(text), Some(at(52.5, 13.25)), "{text}");
    }
    for text in [
        "",
        "52.5",
        "52.5,13.25,7",
        "91,0",
        "0,181",
        "Berlin",
        "NaN,0",
        "https://maps.app.goo.gl/abc",
        "https://www.openstreetmap.org/#map=16/91/0",
        "https://example.org/?q=Berlin",
    ] {
        assert_eq!(parse_location(text), None, "{text}");
    }
    assert_eq!(parse_location("-33.9 -151.2"), Some(at(-33.9, -151.2)));
}

#[test]
fn a_distance_is_in_kilometres_unless_it_has_another_unit() {
    for (text, metres) in [
        ("3", 3_000.0),
        ("3 km", 3_000.0),
        ("3KM", 3_000.0),
        ("3,5", 3_500.0),
        (" 2.3 km ", 2_300.0),
        ("500 m", 500.0),
        ("500m", 500.0),
        ("0", 0.0),
    ] {
        assert_eq!(parse_distance(text), Some(metres), "{text}");
    }
    for text in ["", "km", "far", "-1", "3 miles", "1,000,000", "inf", "NaN", "1e999"] {
        assert_eq!(parse_distance(text), None, "{text}");
    }
}

#[test]
fn the_owners_own_places_come_first() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.csv");
    fs::write(
        &file,
        "\u{feff}Latitude, longitude,NAME\n1.5,2.5,Campus Süd\n3,4,\"Berlin, Halle 7\"\n",
    )
    .unwrap();
    let places = Places::open(&file).unwrap();
    let Resolved::One(campus) = places.resolve("campus sued") else { panic!("no campus") };
    assert_eq!((campus.name, campus.location), ("Campus Süd", at(1.5, 2.5)));
    assert_eq!((campus.full_label().as_str(), campus.inhabitants), ("Campus Süd", None));
    let found = places.search("berlin", 50);
    assert_eq!(found[0].full_label(), "Berlin, Germany");
    assert!(found.iter().any(|place| place.name == "Berlin, Halle 7"), "{found:?}");
    assert_eq!(places.search("Campus S", 5)[0].name, "Campus Süd");
}

#[test]
fn a_file_of_places_that_cannot_be_used_is_refused_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.csv");
    let header = "name,latitude,longitude\n";
    for (text, told) in [
        (String::new(), "the first line is \"\": it must be name,latitude,longitude"),
        ("name;latitude;longitude\n".into(), "it must be name,latitude,longitude"),
        (format!("{header}Campus,1,2\nHall,x,2\n"), "line 3: latitude is \"x\": write a decimal"),
        (format!("{header}Hall,91,2\n"), "line 2: latitude is 91: it must be from -90 to 90"),
        (format!("{header}Hall,1\n"), "line 2: longitude is \"\": write a decimal number"),
        (format!("{header}-,1,2\n"), "line 2: name is \"-\": write a name of 1 to 100"),
        (format!("{header}{},1,2\n", "x".repeat(101)), "write a name of 1 to 100 characters"),
        (format!("{header}{}", "a,1,2\n".repeat(10_001)), "more than 10000 places: leave some"),
    ] {
        fs::write(&file, text).unwrap();
        let error = Places::open(&file).err().unwrap().to_string();
        assert!(error.starts_with("places.file: ") && error.contains(told), "{error}");
        assert!(error.contains("own.csv") && error.len() < 400, "{error}");
    }
    let error = Places::open(&folder.path().join("absent.csv")).err().unwrap().to_string();
    assert!(error.contains("absent.csv: No such file"), "{error}");
}
