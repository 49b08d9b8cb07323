//! Every repository gives the same answer to the same question, whatever the rooms.

use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rentomatic::entities::Room;
use rentomatic::repository::MemoryRepository;
use rentomatic::use_cases::{Comparison, Filter, RoomListRequest, RoomRepository};

use crate::repository_contract::{empty, room};
use crate::support::storage::Storage;

/// Few values, so that rooms and bounds often meet, and the ends of the ranges among them.
fn whole(least: i32) -> impl Strategy<Value = i32> {
    prop_oneof![Just(least), 1..6_i32, Just(i32::MAX)]
}

fn degrees(most: f64) -> impl Strategy<Value = f64> {
    prop_oneof![Just(-most), (-3..3_i32).prop_map(|n| f64::from(n) / 3.0), Just(most), -most..most]
}

fn rooms() -> impl Strategy<Value = Vec<Room>> {
    let numbers = (whole(1), whole(0), degrees(180.0), degrees(90.0));
    vec(numbers, 0..30).prop_map(|rooms| {
        (1..)
            .zip(rooms)
            .map(|(code, (size, price, longitude, latitude))| {
                room(code, size, price, longitude, latitude)
            })
            .collect()
    })
}

fn filter() -> impl Strategy<Value = Filter> {
    use Comparison::{Eq, Gt, Gte, Lt, Lte, Ne};
    let comparison = || prop::sample::select(vec![Eq, Ne, Lt, Lte, Gt, Gte]);
    prop_oneof![
        (0..40_u128)
            .prop_map(|code| Filter::Code(vec![rentomatic::entities::RoomCode::from_u128(code)])),
        (comparison(), whole(i32::MIN)).prop_map(|(how, value)| Filter::Size(how, value)),
        (comparison(), whole(-1)).prop_map(|(how, value)| Filter::Price(how, value)),
        (comparison(), degrees(180.0)).prop_map(|(how, value)| Filter::Longitude(how, value)),
        (comparison(), degrees(f64::MAX)).prop_map(|(how, value)| Filter::Latitude(how, value)),
    ]
}

#[test]
fn all_repositories_give_the_same_list() {
    let databases: Vec<_> = Storage::databases()
        .into_iter()
        .map(|storage| (empty(&storage), Emptier::of(&storage), storage))
        .collect();
    let mut databases = databases;
    let mut runner =
        TestRunner::new(Config { cases: 100, failure_persistence: None, ..Config::default() });
    let cases = (rooms(), vec(vec(filter(), 0..4), 1..20));
    let mut run = |rooms: Vec<Room>, questions: Vec<Vec<Filter>>| {
        let memory = MemoryRepository::default();
        memory.fill_if_empty(&rooms).unwrap();
        for (repository, emptier, _) in &mut databases {
            emptier.empty();
            repository.fill_if_empty(&rooms).unwrap();
        }
        for filters in questions {
            let request = RoomListRequest { filters, ..RoomListRequest::default() };
            let expected = memory.list(&request, usize::MAX).unwrap().rooms;
            for (repository, _, storage) in &databases {
                let list = Arc::clone(repository).list(&request, usize::MAX).unwrap().rooms;
                prop_assert_eq!(&list, &expected, "{} disagrees on {:?}", storage.url(), request);
            }
        }
        Ok(())
    };
    let run = std::cell::RefCell::new(&mut run);
    runner.run(&cases, |(rooms, questions)| run.borrow_mut()(rooms, questions)).unwrap();
}

/// Takes all rooms out of a database, past the repository.
enum Emptier {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Emptier {
    fn of(storage: &Storage) -> Self {
        let url = storage.url();
        match storage {
            Storage::Postgres { .. } => Self::Postgres(PgConnection::establish(&url).unwrap()),
            _ => Self::Sqlite(
                SqliteConnection::establish(url.strip_prefix("sqlite:").unwrap()).unwrap(),
            ),
        }
    }

    fn empty(&mut self) {
        match self {
            // Numbered from 1 again, as memory does.
            Self::Sqlite(connection) => connection
                .batch_execute("DELETE FROM room; DELETE FROM sqlite_sequence WHERE name = 'room'")
                .unwrap(),
            Self::Postgres(connection) => {
                connection.batch_execute("TRUNCATE room RESTART IDENTITY").unwrap();
            }
        }
    }
}
