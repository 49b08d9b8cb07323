//! The page of one room.

use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use askama::Template;

use super::html;
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

pub fn respond(
    request: &HttpRequest,
    response: &mut HttpResponseBuilder,
    room: &Room,
) -> Result<HttpResponse, Problem> {
    let settings = AppState::of(request).map(|state| &state.map);
    let map = Map::of([room].into_iter(), settings);
    html::respond(response, &RoomPage { viewer: Viewer::of(request), room, map }, settings)
}
