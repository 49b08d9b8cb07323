//! The page of one room.

use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use askama::Template;

use super::html;
use super::map::Map;
use super::site::Site;
use super::words::open_street_map;
use crate::entities::Room;
use crate::http::auth::Viewer;
use crate::http::problem::Problem;
use crate::http::state::AppState;

#[derive(Template)]
#[template(path = "room.html")]
struct RoomPage<'a> {
    viewer: Viewer,
    site: Site,
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
    let (viewer, site) = (Viewer::of(request), Site::of(request)?);
    html::respond(response, &RoomPage { viewer, site, room, map }, settings)
}
