//! What the templates of the list show.

use askama::Template;

use crate::entities::Field;
use crate::http::auth::Viewer;
use crate::http::pages::form::Entry;
use crate::http::pages::map::Map;
use crate::http::pages::site::Site;
use crate::http::pages::words::{
    coordinates, counted, distance, grouped, open_street_map, room_title,
};
use crate::places::Places;
use crate::use_cases::{ListedRoom, RoomListRequest};

#[derive(Template)]
#[template(path = "rooms.html")]
pub struct RoomsPage<'a> {
    pub viewer: Viewer,
    pub site: Site,
    /// The heading, if the search has one of its own.
    pub heading: Option<String>,
    pub places: &'a Places,
    pub rooms: &'a [ListedRoom],
    /// The number of rooms on all pages.
    pub total: Total,
    pub filter: FilterForm,
    pub columns: Vec<Column>,
    /// The first page, if this is another.
    pub first: Option<String>,
    pub next: Option<String>,
    pub downloads: Vec<Download>,
    pub emptiness: Emptiness,
    pub map: Option<Map>,
}

impl RoomsPage<'_> {
    /// For example `100 of 1,234 rooms`.
    fn caption(&self) -> String {
        let shown = self.rooms.len() as u64;
        let total = self.total.in_words();
        match self.total {
            Total::Exactly(number) if shown == number => total,
            _ => format!("{} of {total}", grouped(shown)),
        }
    }
}

/// The number of rooms on all pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Total {
    Exactly(u64),
    MoreThan(u64),
}

impl Total {
    /// For example `1,234 rooms`, or `more than 10,000 rooms`.
    pub fn in_words(self) -> String {
        match self {
            Self::Exactly(number) => counted(number, "room"),
            Self::MoreThan(number) => format!("more than {}", counted(number, "room")),
        }
    }
}

#[derive(Template)]
#[template(path = "bad_query.html")]
pub struct BadQueryPage {
    pub viewer: Viewer,
    pub site: Site,
    pub filter: FilterForm,
    /// Places with a similar name to one that is not known.
    pub suggestions: Vec<PlaceLink>,
    pub request_id: String,
}

/// The choice between several places of the same name.
#[derive(Template)]
#[template(path = "which.html")]
pub struct WhichPage {
    pub viewer: Viewer,
    pub site: Site,
    /// What was entered.
    pub text: String,
    pub links: Vec<PlaceLink>,
}

/// A link to the rooms around a place.
pub struct PlaceLink {
    pub label: String,
    pub inhabitants: Option<u64>,
    pub url: String,
}

pub struct FilterForm {
    /// Whether it is open when the page is loaded.
    pub is_open: bool,
    pub entries: Vec<Entry>,
    /// The coordinates of the place in the form, if it was found by its name.
    pub chosen_place: Option<String>,
    pub orders: Vec<Choice>,
    pub order_errors: Vec<String>,
    /// Conditions for which the form has no entry, each with the list without it.
    pub conditions: Vec<Condition>,
    /// Errors in parameters for which the form has no entry.
    pub other_errors: Vec<String>,
}

pub struct Choice {
    pub value: String,
    pub label: String,
    pub is_chosen: bool,
}

pub struct Condition {
    pub name: String,
    pub value: String,
    /// For example `price < 60`.
    pub words: String,
    pub without: String,
}

pub struct Column {
    pub content: Content,
    pub sorts: Vec<SortLink>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Content {
    Code,
    Field(&'static Field),
    Location,
    /// The distance from the requested place.
    Distance,
}

impl Column {
    /// The label of a cell on a phone, where the headings are hidden.
    fn label(&self) -> &'static str {
        match self.content {
            Content::Code => "Room",
            Content::Field(field) => field.label,
            Content::Location => "Location",
            Content::Distance => "Distance",
        }
    }

    /// The direction in which the list is sorted by this column, if it is (`aria-sort`).
    fn direction(&self) -> Option<&'static str> {
        self.sorts.iter().find_map(|sort| sort.direction)
    }
}

pub struct SortLink {
    pub label: &'static str,
    pub href: String,
    /// The current direction, if the list is sorted so: `ascending` or `descending`.
    pub direction: Option<&'static str>,
}

/// Links to the rooms in formats for programs.
pub struct Download {
    pub what: String,
    /// The names of formats, and their URLs.
    pub links: Vec<(&'static str, String)>,
}

/// Why a list has no rooms.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Emptiness {
    Catalogue,
    Conditions,
    /// No room follows the previous page.
    End,
}

impl Emptiness {
    pub fn of(list: &RoomListRequest) -> Self {
        match list {
            RoomListRequest { after: Some(_), .. } => Self::End,
            RoomListRequest { filters, near: None, .. } if filters.is_empty() => Self::Catalogue,
            _ => Self::Conditions,
        }
    }
}
