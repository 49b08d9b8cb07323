//! The contract of the port, held over every repository by the same tests.

use std::sync::{Arc, Barrier};
use std::thread;

use rentomatic::entities::{
    Description, Latitude, Longitude, Name, Place, Price, Room, RoomCode, Size,
};
use rentomatic::formats::reading::query::{FILTER, parse};
use rentomatic::repository::{MemoryRepository, storage as open_storage};
use rentomatic::settings::{self, Settings, Sources};
use rentomatic::use_cases::{
    self, RepositoryError, RoomListRequest, RoomRepository, add_sample_rooms, room_add,
    sample_rooms,
};

use crate::support::storage::Storage;

/// A repository without rooms, migrated.
pub fn empty(storage: &Storage) -> Repository {
    if matches!(storage, Storage::Memory) {
        return Arc::new(MemoryRepository::default());
    }
    let storage = open_storage(&storage.url()).unwrap();
    storage.migrate().unwrap();
    storage.open(&default_settings())
}

pub fn default_settings() -> Settings {
    settings::load(&Sources::default()).unwrap().0
}

pub fn room(number: u32, size: i32, price: i32, longitude: f64, latitude: f64) -> Room {
    Room {
        code: RoomCode::from_u128(u128::from(number)),
        size: Size::new(size).unwrap(),
        price: Price::new(price).unwrap(),
        place: Place {
            latitude: Latitude::new(latitude).unwrap(),
            longitude: Longitude::new(longitude).unwrap(),
        },
        name: None,
        description: None,
    }
}

/// The same room with a name and a description; an empty one is none.
pub fn described(room: &Room, name: &str, description: &str) -> Room {
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Room {
        name: given(name).map(|name| Name::new(name).unwrap()),
        description: given(description).map(|text| Description::new(text).unwrap()),
        ..room.clone()
    }
}

/// A request with these filters.
pub fn asking(filters: &[(&str, &str)]) -> RoomListRequest {
    let filters: Vec<_> =
        filters.iter().map(|(key, value)| (format!("{FILTER}{key}"), *value)).collect();
    requesting(filters.iter().map(|(name, value)| (name.as_str(), *value)))
}

/// A request with these parameters.
pub fn requesting<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> RoomListRequest {
    parse(parameters).unwrap()
}

/// The whole list.
pub fn listed(repository: &dyn RoomRepository, request: &RoomListRequest) -> Vec<Room> {
    let listing = repository.list(request, usize::MAX).unwrap();
    listing.into_iter().map(|listed| listed.room).collect()
}

/// Makes of each function here one test over each storage.
macro_rules! over_every_repository {
    ($($name:ident),* $(,)?) => {
        mod memory {
            use crate::repository_contract::empty;
            use crate::support::storage::Storage;
            $(#[test] fn $name() { super::$name(&empty(&Storage::Memory)); })*
        }
        mod sqlite {
            use crate::repository_contract::empty;
            use crate::support::storage::Storage;
            $(#[test] fn $name() { let storage = Storage::sqlite(); super::$name(&empty(&storage)); })*
        }
        mod postgres {
            use crate::repository_contract::empty;
            use crate::support::storage::Storage;
            $(#[test] fn $name() {
                if let Some(storage) = Storage::postgres() { super::$name(&empty(&storage)); }
            })*
        }
        mod mongo {
            use crate::repository_contract::empty;
            use crate::support::storage::Storage;
            $(#[test] fn $name() {
                if let Some(storage) = Storage::mongo() { super::$name(&empty(&storage)); }
            })*
        }
    };
}

pub(crate) use over_every_repository;

over_every_repository! {
    an_empty_repository_lists_nothing_and_finds_nothing,
    rooms_are_listed_in_the_order_of_insertion,
    a_room_comes_back_as_it_went_in,
    a_room_is_found_by_its_code_and_no_other,
    each_filter_narrows_the_list,
    all_filters_must_hold,
    a_bound_may_lie_outside_the_range_of_a_room,
    a_text_is_found_whatever_its_case,
    only_an_empty_repository_is_filled,
    of_many_who_fill_at_once_one_does,
    rooms_that_cannot_all_go_in_leave_it_empty,
    a_repository_that_answers_says_so,
    many_threads_may_ask_at_once,
}

pub type Repository = Arc<dyn use_cases::Repository>;

fn an_empty_repository_lists_nothing_and_finds_nothing(repository: &Repository) {
    assert_eq!(listed(repository.as_ref(), &asking(&[])), []);
    assert_eq!(repository.find(&[RoomCode::from_u128(1)]).unwrap(), []);
}

fn rooms_are_listed_in_the_order_of_insertion(repository: &Repository) {
    let rooms: Vec<Room> =
        [3, 1, 2].map(|number| room(number, 10, 10, 0.0, 0.0)).into_iter().collect();
    repository.fill_if_empty(&rooms).unwrap();
    assert_eq!(listed(repository.as_ref(), &asking(&[])), rooms);
}

fn a_room_comes_back_as_it_went_in(repository: &Repository) {
    let rooms = [
        room(1, 1, 0, -180.0, -90.0),
        room(2, i32::MAX, i32::MAX, 180.0, 90.0),
        room(3, 1, 1, 5e-324, -0.1),
        room(4, 1, 1, 0.1 + 0.2, 1.0 / 3.0),
        described(&room(5, 1, 1, 0.0, 0.0), "Attic", ""),
        described(&room(6, 1, 1, 0.0, 0.0), "", " Two\r\nlines\n"),
        described(&room(7, 1, 1, 0.0, 0.0), &"Ä".repeat(120), &"𝄞".repeat(2000)),
        described(&room(8, 1, 1, 0.0, 0.0), "'=\"1,2\";$x\\", "\r=1\u{2028}\u{a0}"),
    ];
    repository.fill_if_empty(&rooms).unwrap();
    assert_eq!(listed(repository.as_ref(), &asking(&[])), rooms);
}

fn a_room_is_found_by_its_code_and_no_other(repository: &Repository) {
    add_sample_rooms(repository.as_ref()).unwrap();
    let rooms = sample_rooms();
    assert_eq!(repository.find(&[rooms[2].code]).unwrap(), [rooms[2].clone()]);
    let missing = RoomCode::from_u128(1);
    assert_eq!(repository.find(&[missing]).unwrap(), []);
    assert_eq!(repository.find(&[]).unwrap(), []);
    let mut found = repository.find(&[rooms[3].code, missing, rooms[0].code]).unwrap();
    found.sort_by_key(|room| room.price.get());
    assert_eq!(found, [rooms[0].clone(), rooms[3].clone()]);
}

fn each_filter_narrows_the_list(repository: &Repository) {
    add_sample_rooms(repository.as_ref()).unwrap();
    // Of the four rooms, in order, which remain.
    for (key, value, expected) in [
        ("code__eq", "fe2c3195-aeff-487a-a08f-e0bdc0ec6e9a", "1"),
        ("code__eq", "FE2C3195-AEFF-487A-A08F-E0BDC0EC6E9A", "1"),
        ("code__eq", "00000000-0000-0000-0000-000000000000", ""),
        ("size__eq", "93", "3"),
        ("size__ne", "93", "012"),
        ("size__lt", "93", "2"),
        ("size__lte", "93", "23"),
        ("size__gt", "215", "1"),
        ("size__gte", "215", "01"),
        ("price__eq", "60", "2"),
        ("price__ne", "60", "013"),
        ("price__lt", "60", "03"),
        ("price__lte", "60", "023"),
        ("price__gt", "48", "12"),
        ("price__gte", "48", "123"),
        ("longitude__eq", "0.18228006", "1"),
        ("longitude__ne", "0.18228006", "023"),
        ("longitude__lt", "0", "0"),
        ("longitude__gte", "0.27891577", "23"),
        ("latitude__eq", "51.45994069", "2"),
        ("latitude__gt", "51.5", "01"),
        ("latitude__lte", "51.39916678", "3"),
    ] {
        let rooms = sample_rooms();
        let expected: Vec<Room> =
            expected.bytes().map(|index| rooms[usize::from(index - b'0')].clone()).collect();
        assert_eq!(
            listed(repository.as_ref(), &asking(&[(key, value)])),
            expected,
            "{key}={value}"
        );
    }
}

fn all_filters_must_hold(repository: &Repository) {
    add_sample_rooms(repository.as_ref()).unwrap();
    let between = asking(&[("price__gt", "39"), ("price__lt", "66"), ("size__lte", "60")]);
    assert_eq!(listed(repository.as_ref(), &between), [sample_rooms()[2].clone()]);
    let contradiction = asking(&[("price__eq", "39"), ("price__ne", "39")]);
    assert_eq!(listed(repository.as_ref(), &contradiction), []);
}

fn a_bound_may_lie_outside_the_range_of_a_room(repository: &Repository) {
    add_sample_rooms(repository.as_ref()).unwrap();
    for (key, value, number) in [
        ("price__gt", "-1", 4),
        ("size__lt", "-2147483648", 0),
        ("size__lt", "2147483647", 4),
        ("longitude__lt", "1e308", 4),
        ("latitude__gt", "-1000", 4),
    ] {
        assert_eq!(listed(repository.as_ref(), &asking(&[(key, value)])).len(), number, "{key}");
    }
}

fn a_text_is_found_whatever_its_case(repository: &Repository) {
    let names = [
        "Große Straße 5",
        "GROSSE STRASSE 5",
        "groẞe straẞe 5",
        "Σίσυφος",
        "ΣΊΣΥΦΟΣ",
        "İstanbul",
        "ISTANBUL",
        "ıstanbul",
        "50%_off",
        "50 off",
        "a\\b.*[c]",
        "ﬃ",
        "Kelvin \u{212a}",
        "E\u{301}tage",
        "Étage",
        "",
    ];
    let rooms: Vec<Room> = (1..)
        .zip(names)
        .map(|(number, name)| {
            described(&room(number, 1, 1, 0.0, 0.0), name, &format!("One\n{name}\r\n."))
        })
        .collect();
    repository.fill_if_empty(&rooms).unwrap();
    for (operator, value, expected) in [
        ("eq", "grosse STRASSE 5", &[1, 2, 3][..]),
        ("eq", "große straße 5", &[1, 2, 3]),
        ("eq", "straße", &[]),
        ("contains", "STRASSE", &[1, 2, 3]),
        ("contains", "ẞ", &[1, 2, 3]),
        // Half of a letter that is folded to two.
        ("contains", "ras", &[1, 2, 3]),
        ("contains", "s", &[1, 2, 3, 6, 7, 8]),
        ("contains", "σίσυφος", &[4, 5]),
        ("contains", "ς", &[4, 5]),
        // Unicode's İ is an i with a dot, and nothing else.
        ("eq", "i\u{307}stanbul", &[6]),
        ("eq", "istanbul", &[7, 8]),
        ("contains", "STANBUL", &[6, 7, 8]),
        ("contains", "%", &[9]),
        ("contains", "0_o", &[]),
        ("contains", "%_O", &[9]),
        ("contains", "\\B.*[C]", &[11]),
        ("contains", ".", &[11]),
        ("eq", "FFI", &[12]),
        ("contains", "f", &[9, 10, 12]),
        ("contains", "n k", &[13]),
        ("eq", "étage", &[15]),
        ("contains", "tage", &[14, 15]),
        ("contains", " ", &[1, 2, 3, 10, 13]),
    ] {
        let numbers = |key: &str, value: &str| -> Vec<u128> {
            let found = listed(repository.as_ref(), &asking(&[(key, value)]));
            found.iter().map(|room| room.code.as_uuid().as_u128()).collect()
        };
        assert_eq!(numbers(&format!("name__{operator}"), value), expected, "{operator} {value}");
        if operator == "contains" && ![".", "s"].contains(&value) {
            let found = numbers("description__contains", value);
            assert_eq!(found, expected, "description contains {value}");
        }
    }
    let lines = listed(repository.as_ref(), &asking(&[("description__contains", "ONE\ngroße")]));
    assert_eq!(lines.len(), 3);
    assert_eq!(listed(repository.as_ref(), &asking(&[("description__contains", "o")])).len(), 16);
    // As long as they can be, of letters with many spellings.
    let long = [("т", "Т"), ("ß", "SS"), ("ﬃ", "FFI"), ("ι", "Ι"), ("k", "\u{212a}")];
    for (number, (one, other)) in (20..).zip(long) {
        let text = one.repeat(2_000);
        let described = described(&room(number, 1, 1, 0.0, 0.0), &one.repeat(120), &text);
        room_add(repository.as_ref(), &described).unwrap();
        let wanted = |longest: usize| other.repeat(longest / other.chars().count());
        let eq = [("name__contains", &*wanted(120)), ("description__contains", &*wanted(120))];
        assert_eq!(listed(repository.as_ref(), &asking(&eq)), [described], "{one}");
    }
}

fn only_an_empty_repository_is_filled(repository: &Repository) {
    assert!(repository.fill_if_empty(&[room(1, 1, 1, 0.0, 0.0)]).unwrap());
    assert!(!add_sample_rooms(repository.as_ref()).unwrap());
    assert_eq!(listed(repository.as_ref(), &asking(&[])).len(), 1);
}

fn of_many_who_fill_at_once_one_does(repository: &Repository) {
    let barrier = Arc::new(Barrier::new(8));
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let (repository, barrier) = (Arc::clone(repository), Arc::clone(&barrier));
            thread::spawn(move || {
                barrier.wait();
                add_sample_rooms(repository.as_ref()).unwrap()
            })
        })
        .collect();
    let filled = threads.into_iter().map(|thread| thread.join().unwrap());
    assert_eq!(filled.filter(|filled| *filled).count(), 1);
    assert_eq!(listed(repository.as_ref(), &asking(&[])), sample_rooms());
}

fn rooms_that_cannot_all_go_in_leave_it_empty(repository: &Repository) {
    let twins = [room(1, 1, 1, 0.0, 0.0), room(2, 2, 2, 0.0, 0.0), room(1, 3, 3, 0.0, 0.0)];
    assert!(matches!(repository.fill_if_empty(&twins), Err(RepositoryError::Failed(_))));
    assert_eq!(listed(repository.as_ref(), &asking(&[])), []);
}

fn a_repository_that_answers_says_so(repository: &Repository) {
    repository.check().unwrap();
}

fn many_threads_may_ask_at_once(repository: &Repository) {
    add_sample_rooms(repository.as_ref()).unwrap();
    let threads: Vec<_> = (0..32)
        .map(|_| {
            let repository = Arc::clone(repository);
            thread::spawn(move || {
                for _ in 0..20 {
                    assert_eq!(listed(repository.as_ref(), &asking(&[])).len(), 4);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn a_database_that_lacks_a_migration_says_which() {
    for storage in Storage::databases() {
        let storage = open_storage(&storage.url()).unwrap();
        storage.migrate().unwrap();
        let reverted = storage.revert().unwrap();
        match storage.open(&default_settings()).check() {
            Err(RepositoryError::NotMigrated(missing)) => {
                assert_eq!(Some(missing), reverted.map(|name| vec![name]));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_storage_that_is_not_there_is_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}/none.db", folder.path().display());
    for url in ["postgres://rentomatic@127.0.0.1:1/rooms", "mongodb://127.0.0.1:1/rooms", &file] {
        let repository = open_storage(url).unwrap().open(&default_settings());
        let outcome = repository.list(&asking(&[]), 1);
        assert!(matches!(outcome, Err(RepositoryError::Unavailable(_))), "{url}: {outcome:?}");
    }
    assert!(folder.path().read_dir().unwrap().next().is_none(), "a reader made a file");
}
