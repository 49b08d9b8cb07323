//! The page of one room.

use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::{HttpRequest, HttpResponseBuilder};
use askama::Template;

use super::html;
use super::map::Map;
use super::site::Site;
use super::words::{location, open_street_map, room_title};
use crate::entities::Room;
use crate::http::auth::Viewer;
use crate::http::problem::Problem;
use crate::http::state::AppState;

#[derive(Template)]
#[template(path = "room.html")]
struct RoomPage<'a> {
    viewer: Viewer,
    site: Site,
    /// What the room is called.
    title: String,
    room: &'a Room,
    map: Option<Map>,
}

/// The page, whose policy is added to the response.
pub fn render(
    request: &HttpRequest,
    response: &mut HttpResponseBuilder,
    room: &Room,
) -> Result<String, Problem> {
    let state = AppState::of(request);
    let settings = state.map(|state| &state.map);
    let map = Map::of([room].into_iter(), settings);
    let title = state.map(|state| room_title(room, &state.places)).unwrap_or_default();
    let (viewer, site) = (Viewer::of(request), Site::of(request)?);
    response.insert_header((CONTENT_SECURITY_POLICY, html::policy(settings)));
    html::render(&RoomPage { viewer, site, title, room, map })
}
