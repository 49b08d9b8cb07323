//! Pages for people, from the templates in `templates/`.

mod map;
mod prices;

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::{HttpResponse, HttpResponseBuilder};
use askama::Template;

use self::map::Map;
use super::owner::Viewer;
use super::problem::Problem;
use crate::entities::{Place, Room};
use crate::settings::MapSettings;
use crate::use_cases::{ImportReport, InvalidRow, ListedRoom, OnConflict};

/// A list of rooms, and where to go from there.
pub struct RoomsView<'a> {
    /// Those on this page.
    pub rooms: &'a [ListedRoom],
    /// How many there are on all pages.
    pub total: u64,
    /// What they were asked by.
    pub filter: FilterForm,
    /// The columns.
    pub headings: Vec<Heading>,
    /// Where the first page is, if this is another.
    pub first: Option<String>,
    /// Where the next page is, if there is one.
    pub next: Option<String>,
    /// The rooms as data.
    pub downloads: Vec<Download>,
    /// Why there is no room, if there is none.
    pub emptiness: Emptiness,
}

impl RoomsView<'_> {
    /// How many rooms there are, as in `100 of 1,234 rooms`.
    fn caption(&self) -> String {
        let shown = self.rooms.len() as u64;
        let noun = if self.total == 1 { "room" } else { "rooms" };
        if shown == self.total {
            format!("{} {noun}", grouped(self.total))
        } else {
            format!("{} of {} {noun}", grouped(shown), grouped(self.total))
        }
    }
}

/// The form by which rooms are asked for.
pub struct FilterForm {
    /// Whether it shows from the start.
    pub is_open: bool,
    /// Its fields.
    pub entries: Vec<Entry>,
    /// Its orders.
    pub orders: Vec<Choice>,
    /// What is wrong with the order.
    pub order_errors: Vec<String>,
    /// What else was asked for.
    pub conditions: Vec<Condition>,
    /// What is wrong, but with none of the fields.
    pub elsewhere: Vec<String>,
}

/// One of several values.
pub struct Choice {
    /// As it is sent.
    pub value: String,
    /// What people call it.
    pub label: String,
    /// Whether it is the one.
    pub is_chosen: bool,
}

/// A parameter that was asked for, and has no field in the form.
pub struct Condition {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// As people read it.
    pub words: String,
    /// The list without it.
    pub without: String,
}

/// The head of a column.
pub struct Heading {
    /// Whether there are numbers below it.
    pub is_number: bool,
    /// What the list can be sorted by there.
    pub sorts: Vec<SortLink>,
}

impl Heading {
    /// The direction in which the list is sorted by this column, if it is (`aria-sort`).
    fn direction(&self) -> Option<&'static str> {
        self.sorts.iter().find_map(|sort| sort.direction)
    }
}

/// Sorts a list.
pub struct SortLink {
    /// By what.
    pub label: &'static str,
    /// Where the list is in this order.
    pub href: String,
    /// Which way it is in this order already: `ascending` or `descending`.
    pub direction: Option<&'static str>,
}

/// Rooms as data.
pub struct Download {
    /// Which rooms.
    pub what: String,
    /// Formats, and where they are.
    pub links: Vec<(&'static str, String)>,
}

/// Why a list has no rooms.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Emptiness {
    /// There are none at all.
    Catalogue,
    /// None meets the conditions.
    Conditions,
    /// None comes after those that were on the pages before.
    End,
}

/// The form by which a file is imported, and what became of it.
#[derive(Default)]
pub struct ImportView<'a> {
    /// What was done, if anything was.
    pub done: Option<ImportReport>,
    /// What to say above the form, if anything.
    pub notice: &'a str,
    /// What is chosen for rooms whose code is taken.
    pub on_conflict: OnConflict,
    /// The first rows that are wrong.
    pub rows: &'a [InvalidRow],
    /// How many more there are.
    pub more: u64,
}

impl ImportView<'_> {
    /// What was done, as people read it.
    fn done(&self) -> Option<String> {
        let ImportReport { added, replaced, skipped } = self.done?;
        let [added, replaced, skipped] = [added, replaced, skipped].map(grouped);
        Some(format!("Done: {added} added, {replaced} replaced, {skipped} left out."))
    }

    /// What can be chosen for rooms whose code is taken.
    fn choices(&self) -> [Choice; 3] {
        OnConflict::NAMES.map(|(name, on_conflict)| Choice {
            value: name.to_owned(),
            label: match on_conflict {
                OnConflict::Refuse => "Import nothing, and tell me of them",
                OnConflict::Skip => "Leave them out",
                OnConflict::Replace => "Put them in place of those that are there",
            }
            .to_owned(),
            is_chosen: on_conflict == self.on_conflict,
        })
    }
}

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
#[template(path = "import.html")]
struct ImportPage<'a> {
    viewer: Viewer,
    view: &'a ImportView<'a>,
    /// The most that a file may have.
    most_mib: usize,
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
    view: &'a RoomsView<'a>,
    map: Option<Map>,
}

#[derive(Template)]
#[template(path = "bad_query.html")]
struct BadQueryPage<'a> {
    viewer: Viewer,
    filter: &'a FilterForm,
    request_id: &'a str,
}

#[derive(Template)]
#[template(path = "room.html")]
struct RoomPage<'a> {
    viewer: Viewer,
    room: &'a Room,
    map: Option<Map>,
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

/// A page of a list.
pub fn list(
    viewer: Viewer,
    view: &RoomsView,
    map: Option<&MapSettings>,
) -> Result<String, Problem> {
    let map = Map::of(view.rooms.iter().map(|listed| &listed.room), map);
    render(&RoomsPage { viewer, view, map })
}

/// The page of a list that cannot be, with what is wrong.
pub fn bad_query(viewer: Viewer, filter: &FilterForm, request_id: &str) -> Result<String, Problem> {
    render(&BadQueryPage { viewer, filter, request_id })
}

/// The page of one room.
pub fn one(viewer: Viewer, room: &Room, map: Option<&MapSettings>) -> Result<String, Problem> {
    render(&RoomPage { viewer, room, map: Map::of([room].into_iter(), map) })
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

/// The page on which a file is imported.
pub fn import(viewer: Viewer, view: &ImportView, most_mib: usize) -> Result<String, Problem> {
    render(&ImportPage { viewer, view, most_mib })
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
    write_with_map(response, page, None)
}

/// Completes an answer with a page that has a map.
///
/// A browser may fetch for it what this server sends, no script and no frame, and pictures from the
/// server of the map's tiles, if there is one.
pub fn write_with_map(
    response: &mut HttpResponseBuilder,
    page: String,
    map: Option<&MapSettings>,
) -> HttpResponse {
    response
        .content_type(mime::TEXT_HTML_UTF_8)
        .insert_header((CONTENT_SECURITY_POLICY, policy(map)))
        .body(page)
}

/// What a browser may fetch for such a page.
pub fn policy(map: Option<&MapSettings>) -> String {
    let tiles = map.and_then(|map| map.tile_url.as_ref());
    let origin = tiles.map(|tiles| format!(" {}", tiles.origin())).unwrap_or_default();
    format!(
        "default-src 'none'; style-src 'self'; img-src 'self'{origin}; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    )
}

/// A number as people read it, as in `1,234`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A distance as people read it.
fn distance(listed: &ListedRoom) -> Option<String> {
    let metres = listed.distance?;
    let is_near = metres < 1_000.0;
    Some(if is_near { format!("{metres:.0} m") } else { format!("{:.1} km", metres / 1_000.0) })
}

/// A coordinate as people read it: to about a metre.
fn degrees(number: f64) -> String {
    // No zero is negative.
    format!("{:.5}°", (number * 1e5).round() / 1e5 + 0.0)
}

/// Where OpenStreetMap shows a place.
fn open_street_map(place: Place) -> String {
    let (latitude, longitude) = (place.latitude.get(), place.longitude.get());
    format!(
        "https://www.openstreetmap.org/?mlat={latitude:.7}&mlon={longitude:.7}\
         #map=16/{latitude:.7}/{longitude:.7}"
    )
}

fn render(page: &impl Template) -> Result<String, Problem> {
    page.render().map_err(|error| Problem::internal(&error))
}
