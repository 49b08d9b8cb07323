//! The list's query string, read once, into a use case's request.

use url::form_urlencoded;

use super::cursor;
use crate::use_cases::{Failure, InvalidParameter, RoomListRequest, given_again};

/// The parameter that says where a page begins.
pub const CURSOR: &str = "cursor";

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
    ///
    /// # Errors
    ///
    /// [`Failure::Parameters`] with everything that is wrong.
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
#[must_use]
pub fn with_cursor(query: &str, cursor: &str) -> String {
    let others = parameters(query).filter(|(name, _)| name != CURSOR);
    written(others.chain([(CURSOR.to_owned(), cursor.to_owned())]))
}

/// The name of the longest parameter, for a query that is too long to be read.
#[must_use]
pub fn longest(query: &str) -> String {
    let longest = parameters(query).max_by_key(|(name, value)| name.len() + value.len());
    longest.map(|(name, _)| name).unwrap_or_default()
}

/// Names and values. What is not UTF-8 becomes the replacement character, which is in no name and no
/// value that can be used.
pub fn parameters(query: &str) -> impl Iterator<Item = (String, String)> {
    form_urlencoded::parse(query.as_bytes()).into_owned()
}

/// A query with these names and values.
pub fn written(parameters: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>) -> String {
    let written = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    // A query may have commas as they are (RFC 3986, section 3.4), and lists of codes have many.
    written.replace("%2C", ",")
}
