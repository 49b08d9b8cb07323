//! The position where a list continues, as it is written into the link to the next page.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rentomatic::formats::reading::query::parse;
use rentomatic::http::cursor::{read, write};
use rentomatic::use_cases::{ListedRoom, Position, RoomListRequest, sample_rooms};

fn request(parameters: &[(&str, &str)]) -> RoomListRequest {
    parse(parameters.iter().copied()).unwrap()
}

fn position(request: &RoomListRequest) -> Position {
    let room = sample_rooms()[1].clone();
    let last = ListedRoom { room, sequence: i128::MAX / 3, distance: Some(0.1 + 0.2) };
    Position::after(&last, &request.sort)
}

#[test]
fn a_cursor_is_read_as_it_was_written() {
    for parameters in [
        vec![],
        vec![("sort", "price,-size,code,-latitude,longitude")],
        vec![("near", "51.5,-0.12"), ("radius", "5")],
    ] {
        let request = request(&parameters);
        let position = position(&request);
        assert_eq!(read(&request, &write(&request, &position)), Ok(position));
    }
}

#[test]
fn a_cursor_of_another_order_is_refused() {
    let by_price = request(&[("sort", "price")]);
    let cursor = write(&by_price, &position(&by_price));
    for parameters in [
        vec![],
        vec![("sort", "-price")],
        vec![("sort", "price"), ("near", "1,1"), ("radius", "5")],
    ] {
        let error = read(&request(&parameters), &cursor).unwrap_err();
        assert!(error.contains("another order") && error.contains("start again"), "{error}");
    }
}

#[test]
fn a_truncated_or_modified_cursor_is_refused() {
    let request = request(&[]);
    let cursor = write(&request, &position(&request));
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

#[test]
fn a_cursor_of_an_earlier_release_says_to_start_again() {
    let text = "|f853578c-fc0f-4e65-81b8-566c5dffa35a|215|39|-0.09998975|51.75436293||1";
    let mut bytes = crc32fast::hash(text.as_bytes()).to_be_bytes().to_vec();
    bytes.extend(text.as_bytes());
    let error = read(&request(&[]), &BASE64_URL_SAFE_NO_PAD.encode(bytes)).unwrap_err();
    assert!(error.contains("start again"), "{error}");
}
