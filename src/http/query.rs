//! The list's query string, read once, into a use case's request.

use std::borrow::Cow;

use percent_encoding::percent_decode;

use crate::use_cases::{Failure, InvalidParameter, RoomListRequest};

/// What a filter's name begins with.
pub const FILTER: &str = "filter_";

/// Reads `filter_FIELD__OP=VALUE` and so on; a parameter that is not ours is ignored.
pub fn room_list_request(query: &str) -> Result<RoomListRequest, Failure> {
    let mut filters = Vec::new();
    let mut unreadable = Vec::new();
    for (name, value) in parameters(query) {
        let Some(key) = name.strip_prefix(FILTER) else {
            continue;
        };
        match value {
            Some(value) => filters.push((key.to_owned(), value)),
            None => unreadable.push(InvalidParameter {
                parameter: "filters",
                key: key.to_owned(),
                message: format!("Value of {key} cannot be used: it is not UTF-8"),
            }),
        }
    }
    let request =
        RoomListRequest::parse(filters.iter().map(|(key, value)| (key.as_str(), value.as_ref())));
    match request {
        Ok(request) if unreadable.is_empty() => Ok(request),
        Ok(_) => Err(Failure::Parameters(unreadable)),
        Err(Failure::Parameters(mut errors)) => {
            errors.append(&mut unreadable);
            Err(Failure::Parameters(errors))
        }
        Err(failure) => Err(failure),
    }
}

/// The name of the longest parameter, for a query that is too long to be read.
pub fn longest(query: &str) -> String {
    let parameter = query.split('&').max_by_key(|parameter| parameter.len()).unwrap_or_default();
    decoded(parameter.split('=').next().unwrap_or_default()).1.into_owned()
}

/// Names and values, decoded (WHATWG URL, "application/x-www-form-urlencoded parsing"); a value is
/// `None` where it is not UTF-8, while in a name the replacement character shows what is not.
fn parameters(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Option<Cow<'_, str>>)> {
    query.split('&').filter(|parameter| !parameter.is_empty()).map(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let (whole, value) = decoded(value);
        (decoded(name).1, whole.then_some(value))
    })
}

/// The text, and whether it was UTF-8.
fn decoded(text: &str) -> (bool, Cow<'static, str>) {
    let spaced = text.replace('+', " ");
    let bytes: Vec<u8> = percent_decode(spaced.as_bytes()).collect();
    match String::from_utf8(bytes) {
        Ok(text) => (true, text.into()),
        Err(error) => (false, String::from_utf8_lossy(error.as_bytes()).into_owned().into()),
    }
}
