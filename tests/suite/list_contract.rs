//! The contract of lists: their order, their pages, their places.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rentomatic::entities::Room;
use rentomatic::formats::reading::query::parse;
use rentomatic::repository::storage as open_storage;
use rentomatic::use_cases::{
    ListedRoom, Position, RepositoryError, RoomListRequest, RoomRepository, add_sample_rooms,
    room_count, room_list, sample_rooms,
};

use crate::repository_contract::{
    Repository, default_settings, described, empty, over_every_repository, room,
};
use crate::support::storage::Storage;

over_every_repository! {
    a_list_is_sorted_by_each_field_in_both_directions,
    ties_go_by_the_order_of_insertion,
    rooms_without_a_name_come_before_those_with_one,
    several_keys_decide_one_after_the_other,
    pages_together_are_the_list,
    a_list_may_go_on_without_a_limit,
    a_box_has_its_edges_and_may_cross_the_antimeridian,
    a_circle_lists_the_nearest_first_and_says_how_far_they_are,
    a_circle_may_hold_a_pole_or_cross_the_antimeridian,
    the_nearest_are_found_near_and_far,
    all_rooms_that_are_asked_for_are_counted,
    nothing_is_listed_or_counted_after_the_deadline,
    a_version_stays_until_something_changes,
}

fn request(parameters: &[(&str, &str)]) -> RoomListRequest {
    parse(parameters.iter().copied()).unwrap()
}

fn list(repository: &Repository, parameters: &[(&str, &str)]) -> Vec<ListedRoom> {
    repository.list(&request(parameters), usize::MAX).unwrap()
}

/// The numbers of which [`room`] makes codes.
pub fn numbers(rooms: &[ListedRoom]) -> Vec<u128> {
    rooms.iter().map(|listed| listed.room.code.as_uuid().as_u128()).collect()
}

/// All pages of a list, one after the other.
pub fn pages(repository: &dyn RoomRepository, mut request: RoomListRequest) -> Vec<ListedRoom> {
    let mut all = Vec::new();
    loop {
        let page = room_list(repository, &request).unwrap();
        if let Some(limit) = request.limit {
            assert!(page.rooms.len() <= limit.get());
            assert!(page.next.is_none() || page.rooms.len() == limit.get());
        }
        all.extend(page.rooms.iter().cloned());
        match page.next {
            Some(next) => request.after = Some(next),
            None => return all,
        }
    }
}

fn a_list_is_sorted_by_each_field_in_both_directions(repository: &Repository) {
    let rooms = [
        room(3, 1, 9, 0.5, -7.0),
        room(1, 7, 2, -180.0, 89.5),
        room(4, 5, 5, 179.5, 0.0),
        room(2, 3, 0, -0.25, 51.0),
    ];
    repository.fill_if_empty(&rooms).unwrap();
    for (sort, expected) in [
        ("code", [1, 2, 3, 4]),
        ("size", [3, 2, 4, 1]),
        ("price", [2, 1, 4, 3]),
        ("longitude", [1, 2, 3, 4]),
        ("latitude", [3, 4, 2, 1]),
    ] {
        assert_eq!(numbers(&list(repository, &[("sort", sort)])), expected, "{sort}");
        let mut reversed = expected;
        reversed.reverse();
        let sort = format!("-{sort}");
        assert_eq!(numbers(&list(repository, &[("sort", &sort)])), reversed, "{sort}");
    }
}

fn ties_go_by_the_order_of_insertion(repository: &Repository) {
    let rooms =
        [(5, 2), (4, 1), (3, 2), (2, 1), (1, 2)].map(|(code, n)| room(code, n, n, 0.0, 0.0));
    repository.fill_if_empty(&rooms).unwrap();
    for field in ["size", "price"] {
        assert_eq!(numbers(&list(repository, &[("sort", field)])), [4, 2, 5, 3, 1]);
        let descending = format!("-{field}");
        assert_eq!(numbers(&list(repository, &[("sort", &descending)])), [5, 3, 1, 4, 2]);
    }
    for sort in ["latitude", "-latitude", "longitude", "-longitude"] {
        assert_eq!(numbers(&list(repository, &[("sort", sort)])), [5, 4, 3, 2, 1]);
    }
    let near = [("near", "10,10"), ("radius", "5000000")];
    assert_eq!(numbers(&list(repository, &near)), [5, 4, 3, 2, 1]);
}

fn rooms_without_a_name_come_before_those_with_one(repository: &Repository) {
    let names = ["b", "", "a", "B", "", "é", "b", "😀", "\u{fffd}"];
    let rooms: Vec<Room> = (1..)
        .zip(names)
        .map(|(number, name)| described(&room(number, 1, 1, 0.0, 0.0), name, ""))
        .collect();
    repository.fill_if_empty(&rooms).unwrap();
    for (sort, expected) in
        [("name", [2, 5, 4, 3, 1, 7, 6, 9, 8]), ("-name", [8, 9, 6, 1, 7, 3, 4, 2, 5])]
    {
        assert_eq!(numbers(&list(repository, &[("sort", sort)])), expected, "{sort}");
        for limit in ["1", "2", "3"] {
            let request = request(&[("sort", sort), ("limit", limit)]);
            assert_eq!(
                numbers(&pages(repository.as_ref(), request)),
                expected,
                "{sort} by {limit}"
            );
        }
    }
}

fn several_keys_decide_one_after_the_other(repository: &Repository) {
    let rooms = [(1, 1), (2, 1), (1, 2), (2, 2), (1, 1)];
    let rooms: Vec<Room> =
        (1..).zip(rooms).map(|(code, (size, price))| room(code, size, price, 0.0, 0.0)).collect();
    repository.fill_if_empty(&rooms).unwrap();
    for (sort, expected) in [
        ("price,-size", [2, 1, 5, 4, 3]),
        ("-price,size", [3, 4, 1, 5, 2]),
        ("size,price,-code", [5, 1, 3, 2, 4]),
    ] {
        assert_eq!(numbers(&list(repository, &[("sort", sort)])), expected, "{sort}");
    }
}

/// Rooms with many ties, spread over the Earth.
fn many(number: u32) -> Vec<Room> {
    (1..=number)
        .map(|n| {
            let i = i32::try_from(n).unwrap();
            let (longitude, latitude) =
                (f64::from(i * 37 % 361 - 180), f64::from(i * 53 % 181 - 90));
            room(number - n, 1 + i % 3, i % 4, longitude, latitude)
        })
        .collect()
}

pub const ORDERS: [&[(&str, &str)]; 11] = [
    &[],
    &[("sort", "price")],
    &[("sort", "-price,size")],
    &[("sort", "size,-price,longitude")],
    &[("sort", "-code")],
    &[("sort", "latitude")],
    &[("bbox", "-100,-80,150,85"), ("sort", "-size")],
    &[("bbox", "150,-90,-100,90")],
    &[("near", "51.5,0"), ("radius", "20100000")],
    &[("near", "-90,0"), ("radius", "9000000"), ("sort", "-distance")],
    &[
        ("bbox", "170,-90,-170,90"),
        ("near", "0,180"),
        ("radius", "1e8"),
        ("sort", "price,distance"),
    ],
];

fn pages_together_are_the_list(repository: &Repository) {
    repository.fill_if_empty(&many(120)).unwrap();
    for parameters in ORDERS {
        let whole = list(repository, parameters);
        assert!(whole.len() > 2, "{parameters:?}");
        for limit in ["1", "7", "120", "121"] {
            let request = request(&[parameters, &[("limit", limit)]].concat());
            assert_eq!(pages(repository.as_ref(), request), whole, "{parameters:?} by {limit}");
        }
    }
}

fn a_list_may_go_on_without_a_limit(repository: &Repository) {
    repository.fill_if_empty(&many(1_234)).unwrap();
    for parameters in ORDERS {
        let whole = list(repository, parameters);
        assert_eq!(pages(repository.as_ref(), request(parameters)), whole, "{parameters:?}");
    }
}

fn a_box_has_its_edges_and_may_cross_the_antimeridian(repository: &Repository) {
    let rooms = [
        room(1, 1, 1, -180.0, 0.0),
        room(2, 1, 1, 180.0, 10.0),
        room(3, 1, 1, 179.0, -10.0),
        room(4, 1, 1, 0.1, 0.2),
        room(5, 1, 1, 0.0, 90.0),
    ];
    repository.fill_if_empty(&rooms).unwrap();
    for (bounds, expected) in [
        ("-180,-90,180,90", vec![1, 2, 3, 4, 5]),
        ("179,-10,180,10", vec![2, 3]),
        ("179,-90,-180,90", vec![1, 2, 3]),
        ("179.0000001,-90,-179,90", vec![1, 2]),
        ("0.1,0.2,0.1,0.2", vec![4]),
        ("0.1000001,0.2,1,1", vec![]),
        ("0,89.9999999,0,90", vec![5]),
    ] {
        assert_eq!(numbers(&list(repository, &[("bbox", bounds)])), expected, "{bounds}");
    }
    let narrowed = [("bbox", "-180,-90,180,90"), ("filter_longitude__gt", "0"), ("sort", "-code")];
    assert_eq!(numbers(&list(repository, &narrowed)), [4, 3, 2]);
}

fn a_circle_lists_the_nearest_first_and_says_how_far_they_are(repository: &Repository) {
    add_sample_rooms(repository.as_ref()).unwrap();
    let near = [("near", "51.5074,-0.1278"), ("radius", "29000")];
    let found = list(repository, &near);
    let rooms = sample_rooms();
    assert_eq!(found.iter().map(|listed| &listed.room).collect::<Vec<_>>(), [&rooms[0], &rooms[2]]);
    for (listed, metres) in found.iter().zip([27_528.1, 28_653.3]) {
        let distance = listed.distance.unwrap();
        assert!((distance - metres).abs() < 1.0, "{distance}");
    }
    // The edge is in, and what is beyond is not.
    let edge = found[1].distance.unwrap();
    for (radius, number) in [(edge, 2), (edge.next_down(), 1), (0.0, 0)] {
        let radius = radius.to_string();
        assert_eq!(list(repository, &[near[0], ("radius", &radius)]).len(), number, "{radius}");
    }
    let by_price = [near[0], near[1], ("sort", "-price")];
    assert_eq!(list(repository, &by_price)[0].room, rooms[2]);
    assert!(list(repository, &[]).iter().all(|listed| listed.distance.is_none()));
}

fn a_circle_may_hold_a_pole_or_cross_the_antimeridian(repository: &Repository) {
    let rooms = [
        room(1, 1, 1, 0.0, 89.5),
        room(2, 1, 1, 180.0, 89.0),
        room(3, 1, 1, -90.0, 90.0),
        room(4, 1, 1, 179.9, 0.0),
        room(5, 1, 1, -179.8, 0.0),
        room(6, 1, 1, 179.0, 0.0),
        room(7, 1, 1, 33.0, -90.0),
    ];
    repository.fill_if_empty(&rooms).unwrap();
    for (near, radius, expected) in [
        ("89.8,0", "140000", vec![3, 1, 2]),
        ("90,123", "60000", vec![3, 1]),
        ("0,180", "30000", vec![4, 5]),
        ("0,-180", "30000", vec![4, 5]),
        ("0,-179.96", "20000", vec![4, 5]),
        ("-90,0", "1", vec![7]),
        ("-89.999,180", "200", vec![7]),
    ] {
        let found = list(repository, &[("near", near), ("radius", radius)]);
        assert_eq!(numbers(&found), expected, "{near} {radius}");
    }
}

/// Far more than one ring around the centre.
fn the_nearest_are_found_near_and_far(repository: &Repository) {
    let latitudes = [0.001, 0.008, 0.01, 0.1, 1.0, 10.0, 60.0, 90.0];
    let mut rooms: Vec<Room> =
        (1..).zip(latitudes).map(|(code, latitude)| room(code, 1, 1, 0.0, latitude)).collect();
    rooms.reverse();
    repository.fill_if_empty(&rooms).unwrap();
    let near = [("near", "0,0"), ("radius", "30000000")];
    assert_eq!(numbers(&list(repository, &near)), [1, 2, 3, 4, 5, 6, 7, 8]);
    for most in 0..=8 {
        let first = repository.list(&request(&near), most).unwrap();
        assert_eq!(numbers(&first), (1..=most as u128).collect::<Vec<_>>());
    }
}

#[test]
fn work_ends_in_the_database_at_the_deadline() {
    for storage in Storage::sql() {
        storage.fill(200_000);
        let repository = open_storage(&storage.url()).unwrap().open(&default_settings());
        // No index helps: every room's distance has to be computed.
        let farthest = request(&[
            ("filter_latitude__ne", "0.5"),
            ("near", "51.5,0"),
            ("radius", "20000000"),
            ("sort", "-distance"),
        ]);
        // The connection is open, and the time is enough to begin, but not to look at every room.
        assert_eq!(repository.list(&farthest, 10).unwrap().len(), 10);
        let number = repository.count(&farthest, u64::MAX).unwrap();
        assert!(number > 190_000, "{number}");
        let hurried = || Arc::clone(&repository).until(Instant::now() + Duration::from_millis(4));
        for outcome in [
            hurried().list(&farthest, 10).map(drop),
            hurried().count(&farthest, u64::MAX).map(drop),
        ] {
            assert!(matches!(outcome, Err(RepositoryError::TimedOut(_))), "{outcome:?}");
        }
        // The time-out does not stay with the connection.
        assert_eq!(repository.count(&farthest, u64::MAX).unwrap(), number);
    }
}

fn nothing_is_listed_or_counted_after_the_deadline(repository: &Repository) {
    repository.fill_if_empty(&many(50)).unwrap();
    let near = request(&[("near", "0,0"), ("radius", "30000000"), ("sort", "price")]);
    let late = Arc::clone(repository).until(Instant::now());
    let in_time = Arc::clone(repository).until(Instant::now() + Duration::from_mins(1));
    assert_eq!(in_time.list(&near, 100).unwrap().len(), 50);
    assert_eq!(in_time.count(&near, u64::MAX).unwrap(), 50);
    // Memory is quick enough.
    for error in
        [late.list(&near, 100).err(), late.count(&near, u64::MAX).err()].into_iter().flatten()
    {
        assert!(matches!(error, RepositoryError::TimedOut(_)), "{error:?}");
    }
}

fn all_rooms_that_are_asked_for_are_counted(repository: &Repository) {
    repository.fill_if_empty(&many(50)).unwrap();
    for parameters in ORDERS {
        let mut request = request(parameters);
        let number = list(repository, parameters).len() as u64;
        assert_eq!(
            room_count(repository.as_ref(), &request, u64::MAX).unwrap(),
            number,
            "{parameters:?}"
        );
        let page = repository.list(&request, 2).unwrap();
        for most in [1, number, number + 1] {
            let counted = room_count(repository.as_ref(), &request, most).unwrap();
            assert_eq!(counted, number.min(most), "{parameters:?} up to {most}");
        }
        request.after = page.last().map(|last| Position::after(last, &request.sort));
        assert_eq!(
            room_count(repository.as_ref(), &request, u64::MAX).unwrap(),
            number,
            "{parameters:?}"
        );
    }
}

fn a_version_stays_until_something_changes(repository: &Repository) {
    let empty = repository.version().unwrap();
    assert_eq!(repository.version().unwrap(), empty);
    add_sample_rooms(repository.as_ref()).unwrap();
    let filled = repository.version().unwrap();
    assert!(filled.is_none() || filled != empty);
    repository.list(&request(&[("sort", "price")]), 9).unwrap();
    assert_eq!(repository.version().unwrap(), filled);
}

#[test]
fn all_but_mongodb_can_tell_that_nothing_was_changed() {
    for storage in Storage::all() {
        let is_able = !matches!(storage, Storage::Mongo { .. });
        let version = empty(&storage).version().unwrap();
        assert_eq!(version.is_some(), is_able, "{}", storage.url());
    }
}

/// A database that understands SQL, and the same as a repository.
fn databases() -> Vec<(Storage, Repository)> {
    Storage::sql()
        .map(|storage| {
            let opened = open_storage(&storage.url()).unwrap();
            opened.migrate().unwrap();
            let repository = opened.open(&default_settings());
            (storage, repository)
        })
        .collect()
}

#[test]
fn a_place_changed_by_hand_is_found_where_it_is() {
    for (storage, repository) in databases() {
        add_sample_rooms(repository.as_ref()).unwrap();
        let found = |bounds: &str| list(&repository, &[("bbox", bounds)]).len();
        let Some(_) =
            storage.by_hand("UPDATE room SET longitude = 100, latitude = 10 WHERE id = 1")
        else {
            continue;
        };
        assert_eq!((found("99,9,101,11"), found("-1,51,1,52")), (1, 3));
        storage.by_hand("UPDATE room SET id = 99 WHERE id = 2");
        assert_eq!(found("-1,51,1,52"), 3);
        let upsert = "INSERT INTO room (code, size, price, longitude, latitude)
             VALUES ('eed76e77-55c1-41ce-985d-ca49bf6c0585', 1, 1, 100, 10)
             ON CONFLICT (code) DO UPDATE SET longitude = 50, latitude = 5";
        storage.by_hand(upsert);
        assert_eq!((found("49,4,51,6"), found("-1,51,1,52")), (1, 2));
        storage.by_hand("UPDATE room SET longitude = 0.3, latitude = 51.4 WHERE longitude = 50");
        assert_eq!((found("49,4,51,6"), found("-1,51,1,52")), (0, 3));
        if let Storage::Sqlite(_) = storage {
            for or in ["IGNORE", "ABORT", "FAIL", "ROLLBACK", "REPLACE"] {
                let away = format!("UPDATE OR {or} room SET longitude = 60 WHERE id = 4");
                storage.by_hand(&away);
                assert_eq!((found("59,51,61,52"), found("-1,51,1,52")), (1, 2), "{or}");
                storage.by_hand("UPDATE room SET longitude = 0.3 WHERE id = 4");
            }
            storage.by_hand(
                "INSERT OR REPLACE INTO room (code, size, price, longitude, latitude)
                 VALUES ('913694c6-435a-4366-ba0d-da5334a611b2', 1, 1, 100, 10)",
            );
            assert_eq!((found("99,9,101,11"), found("-1,51,1,52")), (2, 2));
        }
        storage.by_hand("DELETE FROM room WHERE longitude = 100");
        assert_eq!(found("99,9,101,11"), 0);
    }
}

#[test]
fn rooms_that_stay_are_on_the_pages_once_while_others_come_and_go() {
    for (storage, repository) in databases() {
        let insert = |code: u32, value: u32| {
            let (size, price) = (1 + value % 5, value % 7);
            let (longitude, latitude) = (value % 180, value % 90);
            format!(
                "INSERT INTO room (code, size, price, longitude, latitude) VALUES
                 ('00000000-0000-0000-0000-{code:012}', {size}, {price}, {longitude}, {latitude});"
            )
        };
        let stay: String = (0..60).map(|n| insert(1000 + n, n * 31)).collect();
        if storage.by_hand(&stay).is_none() {
            continue;
        }
        let mut next = 2000;
        for parameters in ORDERS {
            let mut request = request(&[parameters, &[("limit", "7")]].concat());
            let expected = list(&repository, parameters);
            let mut seen = Vec::new();
            loop {
                let page = room_list(repository.as_ref(), &request).unwrap();
                seen.extend(numbers(&page.rooms));
                let Some(next_page) = page.next else { break };
                request.after = Some(next_page);
                // Some come before the place where the list goes on, some after it; others go.
                let come: String = (next..next + 6).map(|n| insert(n, n * 17)).collect();
                let go = format!(
                    "DELETE FROM room WHERE code >= '00000000-0000-0000-0000-000000002000'
                     AND id % 3 = {};",
                    next % 3
                );
                storage.by_hand(&format!("{go}{come}"));
                next += 6;
            }
            for code in numbers(&expected) {
                let times = seen.iter().filter(|seen| **seen == code).count();
                assert_eq!(times, 1, "{code:x} in {parameters:?} of {}", storage.url());
            }
            storage
                .by_hand("DELETE FROM room WHERE code >= '00000000-0000-0000-0000-000000002000'");
        }
    }
}
