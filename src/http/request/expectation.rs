//! What a write expects of the room that it changes: optimistic locking (RFC 9110, section 13.1).

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{EntityTag, Header, IF_MATCH, IF_NONE_MATCH, IfMatch, IfNoneMatch};
use actix_web::{FromRequest, HttpRequest};

use super::room_tag::room_state;
use crate::entities::Room;
use crate::http::problem::Problem;
use crate::use_cases::Expectation;

/// `If-Match` and `If-None-Match` of a write: the room has one of the first tags, in any format, and
/// none of the second.
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
    let headers = request.headers();
    let wanted = match IfMatch::parse(request) {
        _ if !headers.contains_key(IF_MATCH) => None,
        Ok(IfMatch::Items(tags)) if tags.is_empty() => return Err(unreadable("If-Match")),
        wanted => Some(wanted.map_err(|_| unreadable("If-Match"))?),
    };
    let unwanted = match IfNoneMatch::parse(request) {
        _ if !headers.contains_key(IF_NONE_MATCH) => None,
        Ok(IfNoneMatch::Items(tags)) if tags.is_empty() => return Err(unreadable("If-None-Match")),
        unwanted => Some(unwanted.map_err(|_| unreadable("If-None-Match"))?),
    };
    Ok(Box::new(move |now| {
        let is_wanted = match &wanted {
            None => true,
            Some(IfMatch::Any) => now.is_some(),
            Some(IfMatch::Items(tags)) => {
                now.is_some_and(|room| tags.iter().any(|tag| !tag.weak && is_of(tag, room)))
            }
        };
        let is_unwanted = match &unwanted {
            None => false,
            Some(IfNoneMatch::Any) => now.is_some(),
            Some(IfNoneMatch::Items(tags)) => {
                now.is_some_and(|room| tags.iter().any(|tag| is_of(tag, room)))
            }
        };
        is_wanted && !is_unwanted
    }))
}

fn unreadable(header: &str) -> Problem {
    Problem::bad_request(&format!("{header}: write * or quoted tags, separated by commas"))
}

fn is_of(tag: &EntityTag, room: &Room) -> bool {
    tag.tag().split_once('-').is_some_and(|(state, _)| state == room_state(room))
}
