//! Pages for people, from the templates in `templates/`.

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::{HttpResponse, HttpResponseBuilder};
use askama::Template;

use super::owner::Viewer;
use super::problem::Problem;
use crate::entities::Room;
use crate::use_cases::ListedRoom;

/// Nothing but what this server sends: no script, no frame, no other host.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
                      form-action 'self'; frame-ancestors 'none'";

/// A form with a room's fields.
pub struct RoomForm {
    /// What it is for.
    pub heading: String,
    /// Where it is sent.
    pub action: String,
    /// The state of the room when the form was made; empty for a new room.
    pub version: String,
    /// What to say above it, if anything.
    pub notice: String,
    /// Its fields.
    pub entries: Vec<Entry>,
    /// What is wrong, but with none of these fields.
    pub elsewhere: Vec<String>,
    /// What the button says.
    pub submit: &'static str,
    /// Where to go without sending it.
    pub back: String,
}

/// A field of a form.
pub struct Entry {
    /// As in `price`.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// What to write.
    pub hint: &'static str,
    /// Which keys a telephone shows (HTML's `inputmode`).
    pub mode: &'static str,
    /// What is written there.
    pub value: String,
    /// What is wrong with it.
    pub errors: Vec<String>,
}

#[derive(Template)]
#[template(path = "room_form.html")]
struct FormPage<'a> {
    viewer: Viewer,
    form: &'a RoomForm,
}

#[derive(Template)]
#[template(path = "remove.html")]
struct RemovalPage<'a> {
    viewer: Viewer,
    room: &'a Room,
    version: &'a str,
    notice: &'a str,
}

#[derive(Template)]
#[template(path = "log_in.html")]
struct LogInPage<'a> {
    viewer: Viewer,
    next: &'a str,
    error: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "rooms.html")]
struct RoomsPage<'a> {
    viewer: Viewer,
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
    viewer: Viewer,
    room: &'a Room,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    viewer: Viewer,
    status: u16,
    title: &'a str,
    detail: &'a str,
    request_id: &'a str,
}

/// A page of a list, and where the next one is.
pub fn list(viewer: Viewer, rooms: &[ListedRoom], next: Option<&str>) -> Result<String, Problem> {
    render(&RoomsPage { viewer, rooms, next })
}

/// The page of one room.
pub fn one(viewer: Viewer, room: &Room) -> Result<String, Problem> {
    render(&RoomPage { viewer, room })
}

/// The page on which a room is added or changed.
pub fn form(viewer: Viewer, form: &RoomForm) -> Result<String, Problem> {
    render(&FormPage { viewer, form })
}

/// The page that asks whether to remove a room.
pub fn removal(
    viewer: Viewer,
    room: &Room,
    version: &str,
    notice: &str,
) -> Result<String, Problem> {
    render(&RemovalPage { viewer, room, version, notice })
}

/// The page on which the owner logs in.
pub fn log_in(viewer: Viewer, next: &str, error: Option<&str>) -> Result<String, Problem> {
    render(&LogInPage { viewer, next, error })
}

/// The page of a problem.
pub fn problem(
    viewer: Viewer,
    status: StatusCode,
    title: &str,
    detail: &str,
    request_id: &str,
) -> Result<String, Problem> {
    render(&ProblemPage { viewer, status: status.as_u16(), title, detail, request_id })
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
