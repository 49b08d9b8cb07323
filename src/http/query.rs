//! The list's query string, read once, into a use case's request.

use percent_encoding::percent_decode;

use super::cursor;
use crate::use_cases::{Failure, InvalidParameter, RoomListRequest, given_again};

const CURSOR: &str = "cursor";
const COUNT: &str = "count";

/// What a list's query asks for.
pub struct ListQuery {
    /// The rooms.
    pub request: RoomListRequest,
    /// Whether to say how many there are on all pages.
    pub is_counted: bool,
}

impl ListQuery {
    /// Reads a query; a parameter that is not ours is ignored.
    pub fn parse(query: &str) -> Result<Self, Failure> {
        let mut errors = Vec::new();
        let mut ours = Vec::new();
        for (name, value) in parameters(query) {
            if RoomListRequest::knows(&name) || [CURSOR, COUNT].contains(&name.as_str()) {
                ours.push((name, value));
            }
        }
        let read = RoomListRequest::parse(
            ours.iter().map(|(name, value)| (name.as_str(), value.as_str())),
        );
        let mut request = read.unwrap_or_else(|failure| {
            if let Failure::Parameters(mut wrong) = failure {
                errors.append(&mut wrong);
            }
            RoomListRequest::default()
        });
        let mut one = |name: &str| {
            let mut values = ours.iter().filter(|(known, _)| known == name).map(|(_, value)| value);
            let value = values.next();
            if values.next().is_some() {
                errors.push(InvalidParameter { name: name.into(), message: given_again(name) });
            }
            value
        };
        let (count, cursor) = (one(COUNT), one(CURSOR));
        if count.is_some_and(|count| count != "exact") {
            let message = "Value of count cannot be used: write exact, or leave it out".to_owned();
            errors.push(InvalidParameter { name: COUNT.into(), message });
        }
        // Whether a cursor fits can only be said of a request that can be understood.
        if let Some(cursor) = cursor.filter(|_| errors.is_empty()) {
            match cursor::read(&request, cursor) {
                Ok(room) => request.after = Some(room),
                Err(message) => errors.push(InvalidParameter { name: CURSOR.into(), message }),
            }
        }
        if errors.is_empty() {
            Ok(Self { request, is_counted: count.is_some() })
        } else {
            Err(Failure::Parameters(errors))
        }
    }
}

/// The query of the next page: the same but for its cursor.
pub fn with_cursor(query: &str, cursor: &str) -> String {
    let is_kept = |pair: &&str| !pair.is_empty() && decoded(name_of(pair)) != CURSOR;
    let mut pairs: Vec<&str> = query.split('&').filter(is_kept).collect();
    let cursor = format!("{CURSOR}={cursor}");
    pairs.push(&cursor);
    pairs.join("&")
}

/// The name of the longest parameter, for a query that is too long to be read.
pub fn longest(query: &str) -> String {
    let pair = query.split('&').max_by_key(|pair| pair.len()).unwrap_or_default();
    decoded(name_of(pair))
}

fn name_of(pair: &str) -> &str {
    pair.split_once('=').map_or(pair, |(name, _)| name)
}

/// Names and values, decoded (WHATWG URL, "application/x-www-form-urlencoded parsing"): what is not
/// UTF-8 becomes the replacement character, which is in no name and no value that can be used.
pub fn parameters(query: &str) -> impl Iterator<Item = (String, String)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}

fn decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode(spaced.as_bytes()).decode_utf8_lossy().into_owned()
}
