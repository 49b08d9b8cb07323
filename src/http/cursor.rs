//! Where a list goes on: an opaque text for the last room of a page.
//!
//! It holds the room's values, by which the next page is found, and the order that they belong to. A
//! checksum finds what was cut or changed on its way. It is no secret and gives no right: whoever
//! makes one up gets another page of the same public list.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::entities::{Latitude, Longitude, Price, Room, Size};
use crate::use_cases::{ListedRoom, RoomListRequest};

const CHECKSUM: usize = size_of::<u32>();

/// Writes the place after `last` in the list that was asked for.
pub fn write(request: &RoomListRequest, last: &ListedRoom) -> String {
    let room = &last.room;
    let text = format!(
        "{}|{}|{}|{}|{}|{}|{}|{}",
        order(request),
        room.code,
        room.size.get(),
        room.price.get(),
        room.longitude.get(),
        room.latitude.get(),
        last.distance.map_or_else(String::new, |metres| metres.to_string()),
        last.sequence,
    );
    let mut bytes = crc32fast::hash(text.as_bytes()).to_be_bytes().to_vec();
    bytes.extend(text.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a place in the list that is asked for.
///
/// # Errors
///
/// A sentence, if it is none, or one in a list of another order.
pub fn read(request: &RoomListRequest, cursor: &str) -> Result<ListedRoom, String> {
    let broken = || {
        "this cursor cannot be used: take it whole from the link to the next page, or leave it out \
         to begin with the first"
            .to_owned()
    };
    let text = unpack(cursor).ok_or_else(broken)?;
    let (written_order, values) = text.split_once('|').ok_or_else(broken)?;
    if written_order != order(request) {
        return Err(
            "this cursor belongs to a list in another order: give the sort and near that it \
                    came with"
                .to_owned(),
        );
    }
    listed_room(values).ok_or_else(broken)
}

/// What the values of a room mean depends on: the sort, and the centre of distances.
fn order(request: &RoomListRequest) -> String {
    let sort: Vec<String> = request.sort.iter().map(ToString::to_string).collect();
    let near = request.near.map_or_else(String::new, |circle| {
        let place = circle.centre;
        format!("@{},{}", place.latitude.get(), place.longitude.get())
    });
    sort.join(",") + &near
}

fn unpack(cursor: &str) -> Option<String> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (checksum, text) = bytes.split_at_checked(CHECKSUM)?;
    let is_whole = checksum == crc32fast::hash(text).to_be_bytes();
    is_whole.then(|| String::from_utf8(text.to_vec()).ok()).flatten()
}

fn listed_room(values: &str) -> Option<ListedRoom> {
    let values: Vec<&str> = values.split('|').collect();
    let [code, size, price, longitude, latitude, distance, sequence] = values[..] else {
        return None;
    };
    let room = Room {
        code: code.parse().ok()?,
        size: Size::new(size.parse().ok()?).ok()?,
        price: Price::new(price.parse().ok()?).ok()?,
        longitude: Longitude::new(longitude.parse().ok()?).ok()?,
        latitude: Latitude::new(latitude.parse().ok()?).ok()?,
    };
    let distance = match distance {
        "" => None,
        metres => Some(metres.parse().ok().filter(|metres: &f64| metres.is_finite())?),
    };
    Some(ListedRoom { room, sequence: sequence.parse().ok()?, distance })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::use_cases::sample_rooms;

    fn request(parameters: &[(&str, &str)]) -> RoomListRequest {
        RoomListRequest::parse(parameters.iter().copied()).unwrap()
    }

    fn last() -> ListedRoom {
        ListedRoom { room: sample_rooms()[1].clone(), sequence: 7, distance: Some(0.1 + 0.2) }
    }

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        for parameters in
            [vec![], vec![("sort", "price,-size")], vec![("near", "51.5,-0.12"), ("radius", "5")]]
        {
            let request = request(&parameters);
            assert_eq!(read(&request, &write(&request, &last())), Ok(last()));
        }
    }

    #[test]
    fn a_cursor_of_another_order_is_refused() {
        let cursor = write(&request(&[("sort", "price")]), &last());
        for parameters in [
            vec![],
            vec![("sort", "-price")],
            vec![("sort", "price"), ("near", "1,1"), ("radius", "5")],
        ] {
            let error = read(&request(&parameters), &cursor).unwrap_err();
            assert!(error.contains("another order"), "{error}");
        }
    }

    #[test]
    fn a_cursor_that_was_cut_or_changed_is_refused() {
        let request = request(&[]);
        let cursor = write(&request, &last());
        for length in 0..cursor.len() {
            assert!(read(&request, &cursor[..length]).is_err(), "{length}");
        }
        for at in 0..cursor.len() {
            let mut changed = cursor.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(read(&request, &changed).is_err(), "{at}");
        }
        for text in ["", "x", "====", "ünï", "../../etc/passwd"] {
            assert!(read(&request, text).is_err(), "{text}");
        }
    }
}
