//! Every repository gives the same answer to the same question, whatever the rooms.

use std::cell::RefCell;
use std::num::NonZeroUsize;

use diesel::connection::SimpleConnection;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rentomatic::entities::{
    FIELDS, Field, Folded, Latitude, Longitude, Place, Room, RoomCode, Value,
};
use rentomatic::formats::reading::room::{FieldValue, parse_draft};
use rentomatic::repository::MemoryRepository;
use rentomatic::use_cases::{
    BoundingBox, Change, Circle, Comparison, Expectation, Failure, Filter, ImportRow,
    InvalidParameter, InvalidRow, OnConflict, RoomListRequest, RoomRepository, SortBy, SortKey,
    TextComparison, room_add, room_change, room_import, room_list, room_remove, room_replace,
    rooms_version,
};

use crate::list_contract::pages;
use crate::repository_contract::{Repository, described, empty, room};
use crate::support::storage::{Session, Storage};

/// Few values, so that rooms and bounds often meet, and the ends of the ranges among them.
fn whole(least: i32) -> impl Strategy<Value = i32> {
    prop_oneof![Just(least), 1..6_i32, Just(i32::MAX)]
}

fn degrees(most: f64) -> impl Strategy<Value = f64> {
    prop_oneof![Just(-most), (-3..3_i32).prop_map(|n| f64::from(n) / 3.0), Just(most), -most..most]
}

/// A few texts, some of which differ only in case, with characters that have a meaning in patterns. An empty text stands
/// for a room without one.
fn text() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        "",
        "a",
        "A",
        "Attic",
        "ATTIC 50%",
        "a_b",
        "a\\b",
        "[a]",
        "A.*",
        "Straße",
        "STRASSE",
        "straẞe",
        "Σ",
        "ςσ",
        "İ",
        "i\u{307}",
        "ı",
        "$name",
        "😀",
        "ﬃ",
        "SSS",
        "sß",
    ])
}

fn rooms() -> impl Strategy<Value = Vec<Room>> {
    let numbers = (whole(1), whole(0), degrees(180.0), degrees(90.0));
    vec((numbers, text(), text()), 0..30).prop_map(|rooms| {
        (1..)
            .zip(rooms)
            .map(|(code, ((size, price, longitude, latitude), name, description))| {
                described(&room(code, size, price, longitude, latitude), name, description)
            })
            .collect()
    })
}

fn filter() -> impl Strategy<Value = Filter> {
    use Comparison::{Eq, Gt, Gte, Lt, Lte, Ne};
    let comparison = || prop::sample::select(vec![Eq, Ne, Lt, Lte, Gt, Gte]);
    let compared = |name: &'static str, values: BoxedStrategy<Value<'static>>| {
        let field = Field::named(name).unwrap();
        (comparison(), values).prop_map(move |(how, value)| Filter::Compared(field, how, value))
    };
    let codes = vec((0..40_u128).prop_map(RoomCode::from_u128), 1..20);
    prop_oneof![
        codes.prop_map(Filter::CodeIn),
        compared("size", whole(i32::MIN).prop_map(Value::Whole).boxed()),
        compared("price", whole(-1).prop_map(Value::Whole).boxed()),
        compared("longitude", degrees(180.0).prop_map(Value::Decimal).boxed()),
        compared("latitude", degrees(f64::MAX).prop_map(Value::Decimal).boxed()),
        bounding_box().prop_map(Filter::Within),
        text_filter(),
    ]
}

fn text_filter() -> impl Strategy<Value = Filter> {
    let fields = FIELDS.iter().flat_map(|field| {
        let comparisons = TextComparison::of_kind(&field.kind).iter();
        comparisons.map(move |comparison| (field, *comparison))
    });
    let parts = prop::sample::select(vec![
        "s", "ss", "SS", "tt", "\\", ".", "ff", "i", "%", "_", "ẞE", "fi",
    ]);
    let wanted = prop_oneof![text().prop_filter("none", |text| !text.is_empty()), parts];
    (prop::sample::select(fields.collect::<Vec<_>>()), wanted).prop_map(
        |((field, comparison), wanted)| Filter::Text(field, comparison, Folded::new(wanted)),
    )
}

fn bounding_box() -> impl Strategy<Value = BoundingBox> {
    (degrees(180.0), degrees(90.0), degrees(180.0), degrees(90.0)).prop_map(
        |(west, one, east, other)| {
            let (south, north) = (one.min(other), one.max(other));
            BoundingBox { west, south, east, north }
        },
    )
}

fn circle() -> impl Strategy<Value = Circle> {
    let radius = prop_oneof![Just(0.0), 0.0..100_000.0, 0.0..20_100_000.0];
    (degrees(90.0), degrees(180.0), radius).prop_map(|(latitude, longitude, radius)| {
        let centre = Place {
            latitude: Latitude::new(latitude).unwrap(),
            longitude: Longitude::new(longitude).unwrap(),
        };
        Circle { centre, radius }
    })
}

fn sort() -> impl Strategy<Value = Vec<SortKey>> {
    let fields = prop::sample::subsequence(SortBy::all().collect::<Vec<_>>(), 0..=3).prop_shuffle();
    (fields, vec(any::<bool>(), 3)).prop_map(|(fields, directions)| {
        let keys = fields.into_iter().zip(directions);
        keys.map(|(by, descending)| SortKey { by, descending }).collect()
    })
}

fn request() -> impl Strategy<Value = RoomListRequest> {
    let limit = prop::option::of((1..8_usize).prop_map(|limit| NonZeroUsize::new(limit).unwrap()));
    let near = prop::option::of(circle());
    (vec(filter(), 0..3), near, sort(), limit).prop_map(|(filters, near, mut sort, limit)| {
        if near.is_none() {
            sort.retain(|key| key.by != SortBy::Distance);
        }
        RoomListRequest { filters, near, sort, after: None, limit }
    })
}

/// Each database, empty, and what empties it again.
type Databases = RefCell<Vec<(Repository, Session, Storage)>>;

fn databases() -> Databases {
    let databases = Storage::databases();
    RefCell::new(
        databases.map(|storage| (empty(&storage), Session::of(&storage), storage)).collect(),
    )
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() })
}

#[test]
fn all_repositories_give_the_same_pages_in_the_same_order() {
    let databases = databases();
    let mut runner = runner(150);
    let cases = (rooms(), vec(request(), 1..20));
    let run = |(rooms, requests): (Vec<Room>, Vec<RoomListRequest>)| {
        let databases = &mut *databases.borrow_mut();
        let memory = MemoryRepository::default();
        memory.fill_if_empty(&rooms).unwrap();
        for (repository, emptier, _) in databases.iter_mut() {
            remove_all(emptier);
            repository.fill_if_empty(&rooms).unwrap();
        }
        for request in requests {
            let expected = pages(&memory, request.clone());
            let number = memory.count(&request, u64::MAX).unwrap();
            prop_assert_eq!(number, expected.len() as u64);
            for (repository, _, storage) in databases.iter() {
                let found = pages(repository.as_ref(), request.clone());
                prop_assert_eq!(&found, &expected, "{} disagrees on {:?}", storage.url(), request);
                prop_assert_eq!(repository.count(&request, u64::MAX).unwrap(), number);
            }
        }
        Ok(())
    };
    runner.run(&cases, run).unwrap();
}

/// What becomes of the other rooms between two pages: which, and whether it is there afterwards.
fn changes() -> impl Strategy<Value = Vec<(u32, bool, i32)>> {
    vec((100..130_u32, any::<bool>(), 0..6_i32), 0..6)
}

#[test]
fn rooms_that_stay_are_on_the_pages_once_whatever_comes_and_goes() {
    let databases = databases();
    let mut runner = runner(60);
    let limited = request().prop_map(|request| {
        let limit = request.limit.unwrap_or(NonZeroUsize::new(3).unwrap());
        RoomListRequest { limit: Some(limit), ..request }
    });
    let cases = (rooms(), limited, vec(changes(), 1..12));
    let run = |(stay, request, changes): (Vec<Room>, RoomListRequest, Vec<Vec<_>>)| {
        let databases = &mut *databases.borrow_mut();
        let memory = MemoryRepository::default();
        for (_, emptier, _) in databases.iter_mut() {
            remove_all(emptier);
        }
        let mut repositories: Vec<&dyn RoomRepository> = vec![&memory];
        for (repository, ..) in databases.iter() {
            repositories.push(repository.as_ref());
        }
        for repository in repositories {
            repository.fill_if_empty(&stay).unwrap();
            let expected = pages(repository, RoomListRequest { limit: None, ..request.clone() });
            let mut seen = Vec::new();
            let mut request = request.clone();
            // Then nothing comes any more, so that the list has an end.
            for changes in changes.iter().map(Vec::as_slice).chain(std::iter::repeat(&[][..])) {
                let page = room_list(repository, &request).unwrap();
                seen.extend(page.rooms.iter().map(|listed| listed.room.code));
                let Some(next) = page.next else { break };
                request.after = Some(next);
                for (code, is_there, value) in changes {
                    let other =
                        room(*code, value + 1, *value, f64::from(*value), f64::from(-value));
                    let change =
                        if *is_there { Change::Put(other.clone()) } else { Change::Remove };
                    repository.change(other.code, &mut |_| change.clone()).unwrap();
                }
            }
            for listed in expected {
                let times = seen.iter().filter(|code| **code == listed.room.code).count();
                prop_assert_eq!(times, 1, "{:?} of {:?}", listed, request);
            }
        }
        Ok(())
    };
    runner.run(&cases, run).unwrap();
}

/// One write, as a caller would ask for it.
#[derive(Debug, Clone)]
enum Write {
    Add(Room),
    Replace(Room, Option<i32>),
    Change(RoomCode, i32, Option<i32>),
    Remove(RoomCode, Option<i32>),
    Import(Vec<(Room, bool)>, OnConflict),
}

/// Few codes, so that most writes meet a room, and few prices, so that most expectations are met.
fn one_of_few() -> impl Strategy<Value = Room> {
    let numbers = (1..6_u32, whole(1), 0..3_i32, degrees(180.0), degrees(90.0));
    (numbers, text(), text()).prop_map(|((code, size, price, longitude, latitude), name, text)| {
        described(&room(code, size, price, longitude, latitude), name, text)
    })
}

fn write() -> impl Strategy<Value = Write> {
    let code = || (1..6_u128).prop_map(RoomCode::from_u128);
    let price = || prop::option::of(0..3_i32);
    let on_conflict = prop::sample::select(OnConflict::NAMES.map(|(_, choice)| choice).to_vec());
    // One row in sixteen is wrong.
    let rows = vec((one_of_few(), prop::bool::weighted(15.0 / 16.0)), 0..5);
    prop_oneof![
        one_of_few().prop_map(Write::Add),
        (one_of_few(), price()).prop_map(|(room, price)| Write::Replace(room, price)),
        (code(), -1..3_i32, price()).prop_map(|(code, to, price)| Write::Change(code, to, price)),
        (code(), price()).prop_map(|(code, price)| Write::Remove(code, price)),
        (rows, on_conflict).prop_map(|(rows, choice)| Write::Import(rows, choice)),
    ]
}

impl Write {
    /// What the caller is told, but for words.
    fn ask(&self, repository: &dyn RoomRepository) -> String {
        let expects = |price: Option<i32>| -> Box<Expectation> {
            Box::new(move |now| {
                price.is_none_or(|price| now.is_some_and(|room| room.price.get() == price))
            })
        };
        let number = |name: &str, number: f64| (name.to_owned(), FieldValue::Number(number));
        match self {
            Self::Add(room) => told(room_add(repository, room)),
            Self::Replace(room, price) => told(room_replace(repository, room, &expects(*price))),
            Self::Change(code, to, price) => match parse_draft([number("price", (*to).into())]) {
                Ok(fields) => told(room_change(repository, *code, &fields, &expects(*price))),
                Err(errors) => format!("{errors:?}"),
            },
            Self::Remove(code, price) => told(room_remove(repository, *code, &expects(*price))),
            Self::Import(rows, on_conflict) => {
                let invalid = |line| InvalidRow {
                    line,
                    value: None,
                    error: InvalidParameter { name: "size".to_owned(), message: String::new() },
                };
                let row = |(line, (room, is_right)): (u64, &(Room, bool))| ImportRow {
                    line,
                    has_new_code: false,
                    room: if *is_right { Ok(room.clone()) } else { Err(vec![invalid(line)]) },
                };
                told(room_import(repository, || (2..).zip(rows).map(row), *on_conflict))
            }
        }
    }
}

fn told<T: std::fmt::Debug>(outcome: Result<T, Failure>) -> String {
    match outcome {
        Err(Failure::System(error)) => panic!("{error}: {:?}", std::error::Error::source(&error)),
        outcome => format!("{outcome:?}"),
    }
}

#[test]
fn the_same_writes_give_the_same_rooms_everywhere() {
    let databases = databases();
    let mut runner = runner(150);
    let run = |history: Vec<Write>| {
        let databases = &mut *databases.borrow_mut();
        let memory = MemoryRepository::default();
        for (_, emptier, _) in databases.iter_mut() {
            remove_all(emptier);
        }
        let rooms = |repository: &dyn RoomRepository| -> Vec<Room> {
            let listed = pages(repository, RoomListRequest::default());
            listed.into_iter().map(|listed| listed.room).collect()
        };
        for write in history {
            let before = rooms(&memory);
            let version = rooms_version(&memory).unwrap();
            let expected = write.ask(&memory);
            let after = rooms(&memory);
            // Nobody misses a change, and nothing changes for one who was refused.
            prop_assert!(before == after || rooms_version(&memory).unwrap() != version);
            prop_assert!(before == after || expected.starts_with("Ok"), "{}", expected);
            for (repository, _, storage) in databases.iter() {
                let version = rooms_version(repository.as_ref()).unwrap();
                let outcome = write.ask(repository.as_ref());
                prop_assert_eq!(&outcome, &expected, "{} on {:?}", storage.url(), write);
                let now = rooms(repository.as_ref());
                prop_assert_eq!(&now, &after, "{} after {:?}", storage.url(), write);
                let is_new =
                    version.is_none() || rooms_version(repository.as_ref()).unwrap() != version;
                prop_assert!(before == after || is_new, "{} after {:?}", storage.url(), write);
            }
        }
        Ok(())
    };
    runner.run(&vec(write(), 1..25), run).unwrap();
}

/// Takes all rooms out of a database, past the repository.
fn remove_all(session: &mut Session) {
    match session {
        // Numbered from 1 again, as memory does.
        Session::Sqlite(connection) => connection
            .batch_execute("DELETE FROM room; DELETE FROM sqlite_sequence WHERE name = 'room'")
            .unwrap(),
        Session::Postgres(connection) => {
            connection.batch_execute("TRUNCATE room RESTART IDENTITY").unwrap();
        }
        Session::Mongo(hand) => hand.empty(),
    }
}
