//! The page of one room.

use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use askama::Template;

use super::html;
use super::map::Map;
use super::words::{location, open_street_map, room_title};
use crate::entities::{FIELDS, Kind, Room};
use crate::http::auth::Viewer;
use crate::http::problem::Problem;
use crate::http::state::AppState;

#[derive(Template)]
#[template(path = "room.html")]
struct RoomPage<'a> {
    viewer: Viewer,
    /// What the room is called.
    title: String,
    room: &'a Room,
    map: Option<Map>,
}

pub fn respond(
    request: &HttpRequest,
    response: &mut HttpResponseBuilder,
    room: &Room,
) -> Result<HttpResponse, Problem> {
    let state = AppState::of(request);
    let settings = state.map(|state| &state.map);
    let map = Map::of([room].into_iter(), settings);
    let title = state.map(|state| room_title(room, &state.places)).unwrap_or_default();
    html::respond(response, &RoomPage { viewer: Viewer::of(request), title, room, map }, settings)
}
