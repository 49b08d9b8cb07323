//! What a write expects of the room that it changes: optimistic locking (RFC 9110, section 13.1).

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{EntityTag, Header, IfMatch, IfNoneMatch};
use actix_web::{FromRequest, HttpRequest};

use super::room_tag::room_state;
use crate::http::problem::Problem;
use crate::use_cases::Expectation;

/// `If-Match` and `If-None-Match` of a write: the room has one of the first tags, in any format, and
/// none of the second.
///
/// A tag in `If-Match` may be weak, and may have a suffix, because a proxy that compresses a response changes
/// its tag so: what identifies the state of a room is the start of the tag.
pub struct Expected(pub Box<Expectation>);

impl FromRequest for Expected {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(expectation(request).map(Self))
    }
}

impl Expected {
    /// Expects the room to be in the state that a form was made for. A room that no longer exists is
    /// reported as such.
    pub fn unchanged(state: String) -> Self {
        Self(Box::new(move |now| now.is_none_or(|room| room_state(room) == state)))
    }
}

fn expectation(request: &HttpRequest) -> Result<Box<Expectation>, Problem> {
    let wanted = sent(request, "If-Match", &IfMatch::Items(Vec::new()))?;
    let unwanted = sent(request, "If-None-Match", &IfNoneMatch::Items(Vec::new()))?;
    Ok(Box::new(move |now| {
        let now_is = now.map(room_state);
        let has = |tag: &EntityTag| {
            let state = tag.tag().split_once('-').map(|(state, _)| state);
            state.is_some() && state == now_is.as_deref()
        };
        let is_wanted = match &wanted {
            None => true,
            Some(IfMatch::Any) => now.is_some(),
            Some(IfMatch::Items(tags)) => tags.iter().any(has),
        };
        let is_unwanted = match &unwanted {
            None => false,
            Some(IfNoneMatch::Any) => now.is_some(),
            Some(IfNoneMatch::Items(tags)) => tags.iter().any(has),
        };
        is_wanted && !is_unwanted
    }))
}

/// A header, if the client sent it. It must not be `empty`.
fn sent<H: Header + PartialEq>(
    request: &HttpRequest,
    name: &str,
    empty: &H,
) -> Result<Option<H>, Problem> {
    match H::parse(request) {
        _ if !request.headers().contains_key(H::name()) => Ok(None),
        Ok(header) if header != *empty => Ok(Some(header)),
        _ => Err(Problem::bad_request(&format!(
            "{name}: write * or quoted tags, separated by commas"
        ))),
    }
}
