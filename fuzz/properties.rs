//! Properties that hold for any input. The fuzzer generates the input; `tests/suite/seeds.rs` checks each
//! property for the files in `fuzz/seeds/`.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rentomatic::entities::Room;
use rentomatic::formats::reading::ROW_FORMATS;
use rentomatic::formats::{FORMATS, ListPart};
use rentomatic::http::cursor;
use rentomatic::http::query::{CURSOR, ListQuery, with_cursor};
use rentomatic::repository::MemoryRepository;
use rentomatic::use_cases::{
    Failure, ListedRoom, OnConflict, Position, RoomListRequest, RoomRepository, room_count,
    room_import, room_list,
};

/// A list's query string is either rejected with a message for each error, or it is valid, and so is the
/// query string of its next page.
pub fn query(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let query = match ListQuery::parse(text) {
        Ok(query) => query,
        Err(Failure::Parameters(errors)) => {
            assert!(!errors.is_empty());
            return assert!(errors.iter().all(|error| !error.message.is_empty()), "{errors:?}");
        }
        Err(failure) => panic!("{failure:?}"),
    };
    let rooms = MemoryRepository::with_sample_rooms();
    let page = room_list(&rooms, &query.request).unwrap();
    let all = room_count(&rooms, &query.request, u64::MAX).unwrap();
    assert!(page.rooms.len() as u64 <= all);
    if let Some(last) = page.rooms.last() {
        let position = Position::after(last, &query.request.sort);
        let next = with_cursor(text, &cursor::write(&query.request, &position));
        let next = ListQuery::parse(&next).unwrap().request;
        assert_eq!(next.after.as_ref(), Some(&position));
        assert_eq!(
            RoomListRequest { after: None, ..next },
            RoomListRequest { after: None, ..query.request }
        );
    }
}

/// A cursor with a correct checksum is either rejected, or is a valid position in its list.
pub fn cursor(data: &[u8]) {
    let (order, text) = data.split_at(data.iter().position(|byte| *byte == 0).unwrap_or(0));
    let Ok(order) = std::str::from_utf8(order) else { return };
    let text = text.strip_prefix(&[0]).unwrap_or(text);
    let mut bytes = crc32fast::hash(text).to_be_bytes().to_vec();
    bytes.extend(text);
    let written = BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let Ok(query) = ListQuery::parse(&with_cursor(order, &written)) else { return };
    let after = query.request.after.as_ref().unwrap();
    let again = cursor::write(&query.request, after);
    assert_eq!(cursor::read(&query.request, &again).as_ref(), Ok(after), "{CURSOR}={written}");
    room_list(&MemoryRepository::with_sample_rooms(), &query.request).unwrap();
}

/// A file is imported completely or not at all. Exporting the imported rooms and importing that file again
/// gives the same rooms.
pub fn import(data: &[u8]) {
    let Some((choice, file)) = data.split_first() else { return };
    let format = ROW_FORMATS[usize::from(*choice) % ROW_FORMATS.len()];
    let (_, on_conflict) = OnConflict::NAMES[usize::from(*choice) / ROW_FORMATS.len() % 3];
    let first = MemoryRepository::default();
    match room_import(&first, || format.rows(Box::new(file)), on_conflict) {
        Ok(report) => {
            let rooms = all(&first);
            assert_eq!(rooms.len() as u64, report.added);
            let out = FORMATS.iter().find(|one| one.name() == format.name()).unwrap();
            let mut written = Vec::new();
            let listed =
                |room: &Room| ListedRoom { room: room.clone(), sequence: 0, distance: None };
            let listed: Vec<_> = rooms.iter().map(listed).collect();
            let list = ListPart { rooms: &listed, is_first: true, is_last: true };
            out.rooms(&mut written, list).unwrap();
            let second = MemoryRepository::default();
            let again =
                room_import(&second, || format.rows(Box::new(&written[..])), OnConflict::Refuse)
                    .unwrap();
            assert_eq!(again.added, report.added);
            assert_eq!(all(&second), rooms);
        }
        Err(Failure::Rows(wrong)) => {
            assert!(!wrong.first.is_empty());
            assert_eq!(all(&first), []);
        }
        Err(failure) => panic!("{failure:?}"),
    }
}

fn all(repository: &MemoryRepository) -> Vec<Room> {
    let listing = repository.list(&RoomListRequest::default(), usize::MAX).unwrap();
    listing.into_iter().map(|listed| listed.room).collect()
}
