//! Queries and forms (WHATWG URL, `application/x-www-form-urlencoded`), and the query of a list: a request,
//! a cursor, and whether to count.

use actix_web::http::Uri;
use actix_web::http::uri::PathAndQuery;
use url::form_urlencoded;

use super::cursor;
use crate::formats::reading::query::{given_again, is_known, parse, unusable};
use crate::places::LONGEST_NAME;
use crate::use_cases::{Failure, InvalidParameter, RoomListRequest};

/// The parameter with the position where a page begins.
pub const CURSOR: &str = "cursor";

/// The parameter with the name of the place at `near`, for the page's heading.
pub const PLACE: &str = "place";

const COUNT: &str = "count";

/// The names and values of a query or a form. Bytes that are not UTF-8 become the replacement character,
/// which no valid name or value contains.
pub fn pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    form_urlencoded::parse(query.as_bytes()).into_owned()
}

/// A query with these names and values.
pub fn join(pairs: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    // A query may contain commas (RFC 3986, section 3.4), and lists of codes have many.
    query.replace("%2C", ",")
}

/// The first value of this name in a query, or an empty text.
#[must_use]
pub fn value_of(query: &str, name: &str) -> String {
    pairs(query).find(|(known, _)| known == name).map(|(_, value)| value).unwrap_or_default()
}

/// The query of a list.
pub struct ListQuery {
    /// Which rooms.
    pub request: RoomListRequest,
    /// Whether to count the rooms on all pages.
    pub is_counted: bool,
}

impl ListQuery {
    /// Reads a query; unknown parameters are ignored.
    ///
    /// # Errors
    ///
    /// [`Failure::Parameters`] with every invalid parameter.
    pub fn parse(query: &str) -> Result<Self, Failure> {
        let known: Vec<_> = pairs(query).filter(|(name, _)| matters(name)).collect();
        let parsed = parse(known.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let (mut request, mut errors) = match parsed {
            Ok(request) => (request, Vec::new()),
            Err(Failure::Parameters(errors)) => (RoomListRequest::default(), errors),
            Err(failure) => return Err(failure),
        };
        let mut single = |name: &str| {
            let mut values =
                known.iter().filter(|(known, _)| known == name).map(|(_, value)| value);
            let value = values.next();
            if values.next().is_some() {
                errors.push(InvalidParameter { name: name.into(), message: given_again(name) });
            }
            value
        };
        let count = single(COUNT);
        let cursor = single(CURSOR);
        let place = single(PLACE);
        if count.is_some_and(|count| count != "exact") {
            let message = "Value of count cannot be used: write exact, or leave it out".to_owned();
            errors.push(InvalidParameter { name: COUNT.into(), message });
        }
        let is_name = |place: &&String| (1..=LONGEST_NAME).contains(&place.chars().count());
        if let Some(place) = place.filter(|place| !is_name(place)) {
            let instruction = format!("write a name of 1 to {LONGEST_NAME} characters");
            let message = unusable(PLACE, place, &instruction);
            errors.push(InvalidParameter { name: PLACE.into(), message });
        }
        // Whether a cursor fits can only be checked with a valid request.
        if let Some(cursor) = cursor.filter(|_| errors.is_empty()) {
            match cursor::read(&request, cursor) {
                Ok(position) => request.after = Some(position),
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

/// Whether a parameter of this name has a meaning for a list.
#[must_use]
pub fn matters(name: &str) -> bool {
    is_known(name) || [CURSOR, COUNT, PLACE].contains(&name)
}

/// The path and those parameters of a list that matter: two lists that agree in them are the same.
#[must_use]
pub fn known_part(url: &Uri) -> PathAndQuery {
    let whole = url.path_and_query().cloned();
    let whole = whole.unwrap_or_else(|| PathAndQuery::from_static("/"));
    let Some(query) = whole.query() else { return whole };
    let is_known = |pair: &&str| pairs(pair).any(|(name, _)| matters(&name));
    if query.split('&').all(|pair| is_known(&pair)) {
        return whole;
    }
    let known: Vec<&str> = query.split('&').filter(is_known).collect();
    let mark = if known.is_empty() { "" } else { "?" };
    format!("{}{mark}{}", whole.path(), known.join("&")).parse().unwrap_or(whole)
}

/// The query of the next page: the same with another cursor.
#[must_use]
pub fn with_cursor(query: &str, cursor: &str) -> String {
    let others = pairs(query).filter(|(name, _)| name != CURSOR);
    join(others.chain([(CURSOR.to_owned(), cursor.to_owned())]))
}
