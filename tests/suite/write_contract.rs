//! The contract of writes, held over every repository.

use std::io::Cursor;
use std::sync::{Arc, Barrier};
use std::thread;

use rentomatic::entities::{Price, Room, RoomCode, RoomDraft};
use rentomatic::formats::reading::room::{FieldValue, parse_draft};
use rentomatic::formats::reading::{Columns, ROW_FORMATS, Rows, query};
use rentomatic::repository::storage as open_storage;
use rentomatic::use_cases::{
    Change, Failure, ImportReport, Imported, OnConflict, Replaced, add_sample_rooms,
    no_precondition, room_add, room_change, room_import, room_remove, room_replace, sample_rooms,
};

use crate::repository_contract::{
    Repository, asking, default_settings, listed, over_every_repository, room,
};
use crate::support::storage::Storage;

over_every_repository! {
    a_room_that_is_added_comes_last,
    a_code_is_taken_once,
    a_room_is_replaced_where_it_is,
    some_fields_are_changed_and_the_others_stay,
    a_room_that_is_removed_is_gone,
    what_is_not_there_cannot_be_changed_or_removed,
    what_is_not_as_expected_stays_as_it_is,
    what_stays_as_it_is_is_no_new_version,
    of_many_who_add_the_same_code_one_does,
    no_change_of_many_at_once_is_lost,
    all_rooms_of_an_import_come_in_their_order,
    an_import_with_one_wrong_row_changes_nothing,
    every_wrong_row_is_told_with_its_line,
    codes_that_are_taken_are_refused_skipped_or_replaced,
    codes_that_are_twice_in_a_file_are_refused_skipped_or_replaced,
}

fn fields(fields: &[(&str, f64)]) -> RoomDraft {
    let field = |(name, value): &(&str, f64)| ((*name).to_owned(), FieldValue::Number(*value));
    parse_draft(fields.iter().map(field)).unwrap()
}

fn all(repository: &Repository) -> Vec<Room> {
    listed(repository.as_ref(), &asking(&[]))
}

fn a_room_that_is_added_comes_last(repository: &Repository) {
    add_sample_rooms(repository.as_ref()).unwrap();
    let added = room(1, 2, 3, 4.5, -6.5);
    room_add(repository.as_ref(), &added).unwrap();
    assert_eq!(all(repository), [sample_rooms(), vec![added]].concat());
}

fn a_code_is_taken_once(repository: &Repository) {
    let first = room(1, 2, 3, 4.0, 5.0);
    room_add(repository.as_ref(), &first).unwrap();
    let outcome = room_add(repository.as_ref(), &room(1, 9, 9, 9.0, 9.0));
    assert!(matches!(outcome, Err(Failure::Conflict(_))), "{outcome:?}");
    assert_eq!(all(repository), [first]);
}

fn a_room_is_replaced_where_it_is(repository: &Repository) {
    for number in 1..=3 {
        let added = room(number, 1, 1, 0.0, 0.0);
        let replaced = room_replace(repository.as_ref(), &added, &no_precondition).unwrap();
        assert_eq!(replaced, Replaced::Nothing);
    }
    let second = room(2, 7, 8, 9.0, 10.0);
    for _ in 0..2 {
        let replaced = room_replace(repository.as_ref(), &second, &no_precondition).unwrap();
        assert_eq!(replaced, Replaced::Room);
    }
    assert_eq!(all(repository), [room(1, 1, 1, 0.0, 0.0), second, room(3, 1, 1, 0.0, 0.0)]);
    // It is found at its new place.
    let near = [("bbox", "8,9,10,11")];
    let request = query::parse(near).unwrap();
    assert_eq!(listed(repository.as_ref(), &request).len(), 1);
}

fn some_fields_are_changed_and_the_others_stay(repository: &Repository) {
    room_add(repository.as_ref(), &room(1, 2, 3, 4.0, 5.0)).unwrap();
    let code = RoomCode::from_u128(1);
    let some = fields(&[("price", 7.0), ("latitude", -5.0)]);
    let after = room_change(repository.as_ref(), code, &some, &no_precondition).unwrap();
    assert_eq!(after, room(1, 2, 7, 4.0, -5.0));
    assert_eq!(all(repository), [after]);
}

fn a_room_that_is_removed_is_gone(repository: &Repository) {
    add_sample_rooms(repository.as_ref()).unwrap();
    let rooms = sample_rooms();
    room_remove(repository.as_ref(), rooms[1].code, &no_precondition).unwrap();
    assert_eq!(repository.find(&[rooms[1].code]).unwrap(), []);
    assert_eq!(all(repository), [&rooms[..1], &rooms[2..]].concat());
    // The same room again is a new one.
    room_add(repository.as_ref(), &rooms[1]).unwrap();
    assert_eq!(all(repository).last(), Some(&rooms[1]));
}

fn what_is_not_there_cannot_be_changed_or_removed(repository: &Repository) {
    let code = RoomCode::from_u128(1);
    let changed =
        room_change(repository.as_ref(), code, &fields(&[("price", 1.0)]), &no_precondition);
    assert!(matches!(changed, Err(Failure::Resource(_))), "{changed:?}");
    let removed = room_remove(repository.as_ref(), code, &no_precondition);
    assert!(matches!(removed, Err(Failure::Resource(_))), "{removed:?}");
}

fn what_is_not_as_expected_stays_as_it_is(repository: &Repository) {
    let there = room(1, 2, 3, 4.0, 5.0);
    room_add(repository.as_ref(), &there).unwrap();
    let other = room(1, 9, 9, 9.0, 9.0);
    let seen = other.clone();
    let expected = move |now: Option<&Room>| now == Some(&seen);
    let outcomes = [
        room_replace(repository.as_ref(), &other, &expected).map(drop),
        room_change(repository.as_ref(), there.code, &fields(&[("price", 1.0)]), &expected)
            .map(drop),
        room_remove(repository.as_ref(), there.code, &expected),
    ];
    for outcome in outcomes {
        assert!(matches!(outcome, Err(Failure::Precondition)), "{outcome:?}");
    }
    assert_eq!(all(repository), [there]);
}

fn what_stays_as_it_is_is_no_new_version(repository: &Repository) {
    let there = room(1, 2, 3, 4.0, 5.0);
    let empty = repository.version().unwrap();
    room_add(repository.as_ref(), &there).unwrap();
    let version = repository.version().unwrap();
    assert!(version.is_none() || version != empty);
    room_replace(repository.as_ref(), &there, &no_precondition).unwrap();
    room_change(repository.as_ref(), there.code, &fields(&[("size", 2.0)]), &no_precondition)
        .unwrap();
    repository.change(there.code, &mut |_| Change::Keep).unwrap();
    assert_eq!(repository.version().unwrap(), version);
    room_remove(repository.as_ref(), there.code, &no_precondition).unwrap();
    let removed = repository.version().unwrap();
    assert!(removed.is_none() || removed != version);
}

/// Runs the same at once in several threads; what each gave.
fn at_once<T: Send + 'static>(
    number: usize,
    repository: &Repository,
    work: impl Fn(&Repository) -> T + Copy + Send + 'static,
) -> Vec<T> {
    let barrier = Arc::new(Barrier::new(number));
    let threads: Vec<_> = (0..number)
        .map(|_| {
            let (repository, barrier) = (Arc::clone(repository), Arc::clone(&barrier));
            thread::spawn(move || {
                barrier.wait();
                work(&repository)
            })
        })
        .collect();
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}

fn of_many_who_add_the_same_code_one_does(repository: &Repository) {
    let outcomes = at_once(8, repository, |repository| {
        room_add(repository.as_ref(), &room(1, 1, 1, 1.0, 1.0))
    });
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for outcome in outcomes {
        assert!(matches!(outcome, Ok(()) | Err(Failure::Conflict(_))), "{outcome:?}");
    }
    assert_eq!(all(repository).len(), 1);
}

fn no_change_of_many_at_once_is_lost(repository: &Repository) {
    const TIMES: i32 = 25;
    room_add(repository.as_ref(), &room(1, 1, 0, 1.0, 1.0)).unwrap();
    at_once(4, repository, |repository| {
        for _ in 0..TIMES {
            let raise = &mut |now: Option<&Room>| {
                let now = now.unwrap();
                let price = Price::new(now.price.get() + 1).unwrap();
                Change::Put(Room { price, ..now.clone() })
            };
            repository.change(RoomCode::from_u128(1), raise).unwrap();
        }
    });
    assert_eq!(all(repository)[0].price.get(), 4 * TIMES);
}

fn csv(file: &str) -> impl FnMut() -> Rows<'static> {
    let file = file.to_owned();
    let csv = ROW_FORMATS.into_iter().find(|format| format.name() == "csv").unwrap();
    let columns: &Columns = Box::leak(Box::default());
    move || csv.rows(Box::new(Cursor::new(file.clone().into_bytes())), columns)
}

/// Rows with these numbers as codes, and a price each.
fn rows(rooms: &[(u32, i32)]) -> String {
    let row =
        |(code, price): &(u32, i32)| format!("00000000-0000-0000-0000-{code:012x},1,{price},0,0\n");
    let header = "code,size,price,latitude,longitude\n".to_owned();
    std::iter::once(header).chain(rooms.iter().map(row)).collect()
}

fn prices(repository: &Repository) -> Vec<(u128, i32)> {
    let pair = |room: &Room| (room.code.as_uuid().as_u128(), room.price.get());
    all(repository).iter().map(pair).collect()
}

fn all_rooms_of_an_import_come_in_their_order(repository: &Repository) {
    // More than one batch.
    let rooms: Vec<(u32, i32)> = (1..=2_500).rev().map(|code| (code, 5)).collect();
    let report = room_import(repository.as_ref(), csv(&rows(&rooms)), OnConflict::Refuse).unwrap();
    assert_eq!(report, ImportReport { added: 2_500, replaced: 0, skipped: 0 });
    let codes: Vec<u128> = prices(repository).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, (1..=2_500).rev().collect::<Vec<_>>());
    // Without a code, one is made up.
    let report = room_import(
        repository.as_ref(),
        csv("price,size,latitude,longitude,code\n1,2,3,4,\n1,2,3,4,\n"),
        OnConflict::Refuse,
    );
    assert_eq!(report.unwrap().added, 2);
}

fn an_import_with_one_wrong_row_changes_nothing(repository: &Repository) {
    room_add(repository.as_ref(), &room(1, 1, 1, 0.0, 0.0)).unwrap();
    let before = all(repository);
    let mut many: Vec<(u32, i32)> = (10..2_000).map(|code| (code, 5)).collect();
    many.push((2_000, -1));
    let wrong = room_import(repository.as_ref(), csv(&rows(&many)), OnConflict::Replace);
    assert!(matches!(wrong, Err(Failure::Rows(_))), "{wrong:?}");
    // Here it is the last that is taken.
    many.pop();
    many.push((1, 5));
    let taken = room_import(repository.as_ref(), csv(&rows(&many)), OnConflict::Refuse);
    let Err(Failure::Rows(rows)) = taken else { panic!("{taken:?}") };
    assert_eq!((rows.first.len(), rows.first[0].line), (1, 1_992));
    assert_eq!(all(repository), before);
}

fn every_wrong_row_is_told_with_its_line(repository: &Repository) {
    let file = "code,size,price,latitude,longitude\n\
                x,1,1,1,1\n,0,-1,1,1\n,1,1,1\n,1,1,91,cheap\n,1,1,1,1\n";
    let wrong = room_import(repository.as_ref(), csv(file), OnConflict::Refuse);
    let Err(Failure::Rows(rows)) = wrong else { panic!("{wrong:?}") };
    let told: Vec<_> = rows
        .first
        .iter()
        .map(|row| (row.line, row.error.name.as_str(), row.value.as_deref().unwrap_or("-")))
        .collect();
    assert_eq!(
        told,
        [
            (2, "code", "x"),
            (3, "size", "0"),
            (3, "price", "-1"),
            (4, "row", "-"),
            (5, "latitude", "91"),
            (5, "longitude", "cheap"),
        ]
    );
    let many = ["size,price,latitude,longitude\n", &"0,1,1,1\n".repeat(250)].concat();
    let wrong = room_import(repository.as_ref(), csv(&many), OnConflict::Refuse);
    let Err(Failure::Rows(rows)) = wrong else { panic!("{wrong:?}") };
    assert_eq!((rows.first.len(), rows.more), (100, 150));
}

fn codes_that_are_taken_are_refused_skipped_or_replaced(repository: &Repository) {
    for code in 1..=3 {
        room_add(repository.as_ref(), &room(code, 1, 1, 0.0, 0.0)).unwrap();
    }
    let file = rows(&[(4, 9), (2, 9), (5, 9), (3, 9)]);
    let refused = room_import(repository.as_ref(), csv(&file), OnConflict::Refuse);
    let Err(Failure::Rows(rows)) = refused else { panic!("{refused:?}") };
    assert_eq!(rows.first.iter().map(|row| row.line).collect::<Vec<_>>(), [3, 5]);
    assert_eq!(prices(repository), [(1, 1), (2, 1), (3, 1)]);
    let report = room_import(repository.as_ref(), csv(&file), OnConflict::Skip).unwrap();
    assert_eq!(report, ImportReport { added: 2, replaced: 0, skipped: 2 });
    assert_eq!(prices(repository), [(1, 1), (2, 1), (3, 1), (4, 9), (5, 9)]);
    let report = room_import(repository.as_ref(), csv(&file), OnConflict::Replace).unwrap();
    assert_eq!(report, ImportReport { added: 0, replaced: 4, skipped: 0 });
    assert_eq!(prices(repository), [(1, 1), (2, 9), (3, 9), (4, 9), (5, 9)]);
}

fn codes_that_are_twice_in_a_file_are_refused_skipped_or_replaced(repository: &Repository) {
    let file = rows(&[(1, 1), (2, 2), (1, 3)]);
    let refused = room_import(repository.as_ref(), csv(&file), OnConflict::Refuse);
    let Err(Failure::Rows(rows)) = refused else { panic!("{refused:?}") };
    assert_eq!(rows.first.iter().map(|row| row.line).collect::<Vec<_>>(), [4]);
    let report = room_import(repository.as_ref(), csv(&file), OnConflict::Skip).unwrap();
    assert_eq!(report, ImportReport { added: 2, replaced: 0, skipped: 1 });
    assert_eq!(prices(repository), [(1, 1), (2, 2)]);
    for code in [1, 2] {
        room_remove(repository.as_ref(), RoomCode::from_u128(code), &no_precondition).unwrap();
    }
    let report = room_import(repository.as_ref(), csv(&file), OnConflict::Replace).unwrap();
    assert_eq!(report, ImportReport { added: 2, replaced: 1, skipped: 0 });
    assert_eq!(prices(repository), [(1, 3), (2, 2)]);
}

/// On PostgreSQL, others write while an import runs, even the rooms that it is about to write.
#[test]
fn others_write_while_an_import_runs() {
    let Some(storage) = Storage::postgres() else { return };
    let opened = open_storage(&storage.url()).unwrap();
    opened.migrate().unwrap();
    let repository = opened.open(&default_settings());
    let numbered = |code: u32| room(code, 1, 5, 1.0, 1.0);
    for (on_conflict, start) in
        [(OnConflict::Refuse, 0), (OnConflict::Skip, 100_000), (OnConflict::Replace, 200_000)]
    {
        let (first, last) = (start + 1, start + 20_000);
        room_add(repository.as_ref(), &numbered(last)).unwrap();
        let mut rooms = (first..last).map(|code| {
            // Rooms before this one are already in the table.
            if code == start + 15_000 {
                room_add(repository.as_ref(), &numbered(code + 1)).unwrap();
                room_remove(repository.as_ref(), numbered(last).code, &no_precondition).unwrap();
            }
            numbered(code)
        });
        let imported = repository.import(&mut rooms, on_conflict).unwrap();
        let added = 19_998;
        let report = match on_conflict {
            OnConflict::Refuse => Imported::Taken(vec![numbered(start + 15_001).code]),
            OnConflict::Skip => Imported::Done(ImportReport { added, skipped: 1, replaced: 0 }),
            OnConflict::Replace => Imported::Done(ImportReport { added, skipped: 0, replaced: 1 }),
        };
        assert_eq!(imported, report);
    }
}
