//! The page of one room.

use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use askama::Template;

use super::html::{render, respond_with_map};
use super::map::Map;
use super::words::open_street_map;
use crate::entities::{FIELDS, Room};
use crate::http::auth::Viewer;
use crate::http::problem::Problem;
use crate::http::state::AppState;

#[derive(Template)]
#[template(path = "room.html")]
struct RoomPage<'a> {
    viewer: Viewer,
    room: &'a Room,
    map: Option<Map>,
}

/// Completes a response with the page of a room.
pub fn respond(
    request: &HttpRequest,
    response: &mut HttpResponseBuilder,
    room: &Room,
) -> Result<HttpResponse, Problem> {
    let settings = AppState::of(request).map(|state| &state.map);
    let map = Map::of([room].into_iter(), settings);
    let page = render(&RoomPage { viewer: Viewer::of(request), room, map })?;
    Ok(respond_with_map(response, page, settings))
}
