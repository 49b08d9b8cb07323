//! Pages for people, from the templates in `templates/`.

use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::{HttpResponse, HttpResponseBuilder};
use askama::Template;

use super::problem::Problem;
use crate::entities::Room;
use crate::use_cases::ListedRoom;

/// Nothing but what this server sends: no script, no frame, no other host.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";

#[derive(Template)]
#[template(path = "rooms.html")]
struct RoomsPage<'a> {
    rooms: &'a [ListedRoom],
    next: Option<&'a str>,
}

impl RoomsPage<'_> {
    /// As people read it.
    fn distance(listed: &ListedRoom) -> Option<String> {
        let metres = listed.distance?;
        let is_near = metres < 1_000.0;
        Some(if is_near { format!("{metres:.0} m") } else { format!("{:.1} km", metres / 1_000.0) })
    }
}

#[derive(Template)]
#[template(path = "room.html")]
struct RoomPage<'a> {
    room: &'a Room,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    status: u16,
    title: &'a str,
    detail: &'a str,
}

/// A page of a list, and where the next one is.
pub fn list(rooms: &[ListedRoom], next: Option<&str>) -> Result<String, Problem> {
    render(&RoomsPage { rooms, next })
}

/// The page of one room.
pub fn one(room: &Room) -> Result<String, Problem> {
    render(&RoomPage { room })
}

/// The page of a problem.
pub fn problem(status: u16, title: &str, detail: &str) -> Result<String, Problem> {
    render(&ProblemPage { status, title, detail })
}

/// Completes an answer with a page.
pub fn write(response: &mut HttpResponseBuilder, page: String) -> HttpResponse {
    response
        .content_type(mime::TEXT_HTML_UTF_8)
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .body(page)
}

fn render(page: &impl Template) -> Result<String, Problem> {
    page.render().map_err(|error| Problem::internal(&error))
}
