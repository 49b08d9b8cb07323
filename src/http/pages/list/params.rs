//! The parameters of the list as they were sent, and what the page makes of them: the form, the headings,
//! and links to other lists.

use std::num::NonZeroUsize;

use actix_web::HttpRequest;

use super::view::{Choice, Column, Condition, Content, Download, FilterForm, SortLink, Total};
use crate::entities::{FIELDS, Field, Kind, Name};
use crate::formats::FORMATS;
use crate::formats::reading::query::is_known;
use crate::formats::reading::room::parse_decimal;
use crate::http::pages::form::{Entry, messages_for, other_errors};
use crate::http::pages::site::Site;
use crate::http::pages::words::radius;
use crate::http::request::query::{CURSOR, PLACE};
use crate::http::request::{join, pairs};
use crate::use_cases::{InvalidParameter, RoomListRequest, SortBy};

/// The entries of the form: a parameter, its label, what to enter, and the keys that a phone shows.
const ENTRIES: [(&str, &str, &str, &str); 7] = [
    (PLACE, "Town or place", "or coordinates, for example 52.52, 13.40", "text"),
    (WITHIN, "Within", "km, 5 if left empty", "text"),
    ("filter_price__gte", "Price from", "€ per day", "numeric"),
    ("filter_price__lte", "Price to", "€ per day", "numeric"),
    ("filter_size__gte", "Size from", "Square metres", "numeric"),
    ("filter_size__lte", "Size to", "Square metres", "numeric"),
    (LIMIT, "Rooms per page", "100 unless you choose another number", "numeric"),
];

pub const NEAR: &str = "near";
pub const RADIUS: &str = "radius";
pub const SORT: &str = "sort";
const LIMIT: &str = "limit";

/// The form's distance in kilometres, which becomes [`RADIUS`] in metres.
pub const WITHIN: &str = "within";

/// The form's name of the place whose coordinates are in [`NEAR`], so that it can tell whether another was entered.
pub const PLACE_OF_NEAR: &str = "place_of_near";

/// The entries of the form that stand for parameters of other names.
const STAND_FOR: [(&str, &str); 2] = [(PLACE, NEAR), (WITHIN, RADIUS)];

/// The orders to choose from, in addition to the default one.
const ORDERS: [(&str, &str); 4] = [
    ("price", "Cheapest first"),
    ("-price", "Highest price first"),
    ("-size", "Largest first"),
    ("size", "Smallest first"),
];

/// The parameters of a list, as they were sent.
#[derive(Clone)]
pub struct ListParams(Vec<(String, String)>);

impl ListParams {
    pub fn of(request: &HttpRequest) -> Self {
        Self(pairs(request.query_string()).filter(|(name, _)| is_shown(name)).collect())
    }

    /// The same as the form has sent them.
    pub fn of_form(request: &HttpRequest) -> Self {
        let is_ours = |(name, _): &(String, String)| is_shown(name) || name == WITHIN;
        Self(pairs(request.query_string()).filter(is_ours).collect())
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn without(&self, names: &[&str]) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        pairs.filter(move |(name, _)| !names.contains(name))
    }

    pub fn first_page(&self) -> String {
        rooms_url(self.without(&[CURSOR]))
    }

    pub fn form(&self, site: &Site, errors: &[InvalidParameter]) -> FilterForm {
        let has_entry = |name: &str| {
            let mut names = ENTRIES.iter().map(|(entry, ..)| *entry);
            let mut others = STAND_FOR.iter().map(|(_, parameter)| *parameter);
            name == SORT || names.any(|entry| entry == name) || others.any(|other| other == name)
        };
        let entries = ENTRIES.map(|(name, label, hint, mode)| {
            let parameter = STAND_FOR.iter().find(|(entry, _)| *entry == name);
            let mut messages = messages_for(name, errors);
            messages.extend(parameter.iter().flat_map(|(_, name)| messages_for(name, errors)));
            Entry {
                name,
                label,
                hint: site.in_currency(hint),
                mode,
                is_multiline: false,
                value: self.entered(name),
                errors: messages,
            }
        });
        // An invalid condition is reported, so it is not listed as well.
        let is_invalid = |name: &str| errors.iter().any(|error| error.name == name);
        let others =
            self.without(&[CURSOR]).filter(|(name, _)| !has_entry(name) && !is_invalid(name));
        let conditions = others.map(|(name, value)| Condition {
            name: name.to_owned(),
            value: value.to_owned(),
            words: in_words(name, value),
            without: rooms_url(self.without(&[CURSOR, name])),
        });
        let has_place = errors.is_empty() && self.value(PLACE).is_some();
        FilterForm {
            chosen_place: has_place.then(|| self.value(NEAR).map(str::to_owned)).flatten(),
            is_open: self.without(&[CURSOR]).next().is_some(),
            entries: entries.into(),
            orders: self.orders(),
            order_errors: messages_for(SORT, errors),
            conditions: conditions.collect(),
            other_errors: other_errors(errors, has_entry),
        }
    }

    /// The value of an entry of the form.
    fn entered(&self, name: &str) -> String {
        let sent = self.value(name);
        let sent = match name {
            PLACE => sent.or_else(|| self.value(NEAR)),
            WITHIN if sent.is_none() => {
                return self.value(RADIUS).map(in_kilometres).unwrap_or_default();
            }
            _ => sent,
        };
        sent.unwrap_or_default().to_owned()
    }

    /// The heading of a list of rooms around a place, for example `84 rooms within 3 km of Kreuzberg`.
    pub fn heading(&self, list: &RoomListRequest, total: Total) -> Option<String> {
        let (place, circle) = (self.value(PLACE)?, list.near?);
        Some(format!("{} within {} of {place}", total.in_words(), radius(circle.radius)))
    }

    fn orders(&self) -> Vec<Choice> {
        let chosen = self.value(SORT).unwrap_or_default();
        let default = if self.value(NEAR).is_some() { "Nearest first" } else { "Oldest first" };
        let choice = |value: &str, label: &str| Choice {
            value: value.to_owned(),
            label: label.to_owned(),
            is_chosen: value == chosen,
        };
        let known = [("", default)].into_iter().chain(ORDERS);
        let mut orders: Vec<Choice> = known.map(|(value, label)| choice(value, label)).collect();
        if orders.iter().all(|order| !order.is_chosen) {
            orders.push(choice(chosen, &format!("Other: {chosen}")));
        }
        orders
    }

    /// The columns of the table. Each heading sorts by its column, and reverses the current order.
    pub fn columns(&self, list: &RoomListRequest) -> Vec<Column> {
        let link = |field: &'static Field| self.sort_link(list, field.label, field.name);
        let mut columns: Vec<Column> = Vec::new();
        for field in &FIELDS {
            let content = match field.kind {
                // A room is called by its name, or else by its code.
                _ if field.name == Name::FIELD => Content::Code,
                Kind::Code => Content::Code,
                Kind::Degrees { .. } => Content::Location,
                Kind::Whole { .. } | Kind::Text { is_multiline: false, .. } => {
                    Content::Field(field)
                }
                Kind::Text { is_multiline: true, .. } => continue,
            };
            match columns.iter_mut().find(|column| column.content == content) {
                Some(column) => column.sorts.push(link(field)),
                None => columns.push(Column { content, sorts: vec![link(field)] }),
            }
        }
        if list.near.is_some() {
            let sorts = vec![self.sort_link(list, "Distance", SortBy::DISTANCE)];
            columns.push(Column { content: Content::Distance, sorts });
        }
        columns
    }

    fn sort_link(&self, list: &RoomListRequest, label: &'static str, name: &str) -> SortLink {
        let key = list.sort.first().filter(|key| key.by.name() == name);
        let direction = key.map(|key| if key.descending { "descending" } else { "ascending" });
        let minus = if direction == Some("ascending") { "-" } else { "" };
        let sort = format!("{minus}{name}");
        let pairs = self.without(&[CURSOR, SORT]).chain([(SORT, sort.as_str())]);
        SortLink { label, href: rooms_url(pairs), direction }
    }

    /// The same rooms in formats for programs: those on this page, and all.
    pub fn downloads(&self, is_whole: bool, total: Total, per_page: NonZeroUsize) -> Vec<Download> {
        let links = |pairs: Vec<(&str, &str)>| {
            let query = join(pairs);
            let mark = if query.is_empty() { "" } else { "?" };
            let link = |(label, name)| (label, format!("/rooms.{name}{mark}{query}"));
            let offered =
                FORMATS.iter().filter_map(|format| Some((format.label()?, format.name())));
            offered.map(link).collect()
        };
        let all = self.without(&[CURSOR, LIMIT, PLACE]).collect();
        if is_whole {
            return vec![Download { what: "these rooms".to_owned(), links: links(all) }];
        }
        let limit = per_page.to_string();
        let mut these: Vec<_> = self.without(&[PLACE]).collect();
        if self.value(LIMIT).is_none() {
            these.push((LIMIT, &limit));
        }
        vec![
            Download { what: "this page".to_owned(), links: links(these) },
            Download { what: all_of(total), links: links(all) },
        ]
    }
}

/// Whether the page depends on a parameter of this name.
fn is_shown(name: &str) -> bool {
    is_known(name) || [CURSOR, PLACE].contains(&name)
}

/// Metres as kilometres, or as they are if they are no number.
fn in_kilometres(metres: &str) -> String {
    parse_decimal(metres).map_or_else(|| metres.to_owned(), |metres| (metres / 1_000.0).to_string())
}

fn all_of(total: Total) -> String {
    match total {
        Total::Exactly(_) => format!("all {}", total.in_words()),
        Total::MoreThan(_) => format!("all rooms ({})", total.in_words()),
    }
}

pub fn rooms_url(pairs: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>) -> String {
    let query = join(pairs);
    if query.is_empty() { "/rooms".to_owned() } else { format!("/rooms?{query}") }
}

/// A condition without an entry, for example `price < 60`.
fn in_words(name: &str, value: &str) -> String {
    let key = name.strip_prefix("filter_").and_then(|key| key.split_once("__"));
    let Some((field, operator)) = key else { return format!("{name} {value}") };
    let sign = match operator {
        "eq" => "=",
        "ne" => "≠",
        "lt" => "<",
        "lte" => "≤",
        "gt" => ">",
        "gte" => "≥",
        // A text is quoted, so that its ends can be seen.
        "contains" => return format!("{field} contains “{value}”"),
        other => other,
    };
    format!("{field} {sign} {value}")
}
