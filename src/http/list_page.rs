//! The page of the list: the rooms, what they were asked by, and where to go from there.

use std::num::NonZeroUsize;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG, LOCATION};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};

use super::cache::{Answer, Made};
use super::observe::RequestId;
use super::owner::Viewer;
use super::pages::{
    self, Choice, Condition, Download, Emptiness, Entry, FilterForm, Heading, RoomsView, SortLink,
};
use super::problem::Problem;
use super::query::{self, CURSOR, ListQuery};
use super::representation::Representation;
use super::rooms::{Long, TOTAL_COUNT, header, link_next, next_page};
use super::{Catalogue, conditional, map_settings};
use crate::use_cases::{
    Failure, InvalidParameter, RoomListRequest, RoomRepository, Version, room_count, room_list,
};

/// The rooms on a page for people, if they do not ask for another number.
const ROOMS_ON_A_PAGE: NonZeroUsize = NonZeroUsize::new(100).unwrap();

/// The fields of the form: a parameter, what people call it, what to write, and which keys a telephone
/// shows.
const FIELDS: [(&str, &str, &str, &str); 7] = [
    ("filter_price__gte", "Price from", "Euro a day", "numeric"),
    ("filter_price__lte", "Price to", "Euro a day", "numeric"),
    ("filter_size__gte", "Size from", "Square metres", "numeric"),
    ("filter_size__lte", "Size to", "Square metres", "numeric"),
    (NEAR, "Near", "Latitude, longitude", "text"),
    ("radius", "Within", "Metres of it", "decimal"),
    ("limit", "Rooms a page", "100 if left empty", "numeric"),
];

/// The place from which distances are told.
const NEAR: &str = "near";

/// The form's choice of an order.
const SORT: &str = "sort";

/// The orders to choose from, beside that of a list for which none is chosen.
const ORDERS: [(&str, &str); 4] = [
    ("price", "Cheapest first"),
    ("-price", "Dearest first"),
    ("-size", "Largest first"),
    ("size", "Smallest first"),
];

/// The formats that a list is offered in.
const FORMATS: [(&str, &str); 3] = [("JSON", "json"), ("CSV", "csv"), ("GeoJSON", "geojson")];

/// `GET /rooms/find`: where the form is sent. What was left empty is not asked for, and a browser
/// sends it all the same.
pub async fn find(request: HttpRequest) -> HttpResponse {
    // Maps elsewhere give places as `51.5, -0.12`.
    let place = |value: &str| {
        let numbers = value.split(|c: char| c == ',' || c.is_whitespace());
        numbers.filter(|number| !number.is_empty()).collect::<Vec<_>>().join(",")
    };
    let mut wanted: Vec<(String, String)> = query::parameters(request.query_string())
        .map(|(name, value)| {
            let value = if name == NEAR { place(&value) } else { value.trim().to_owned() };
            (name, value)
        })
        .filter(|(name, value)| !value.is_empty() && name != CURSOR)
        .collect();
    // Without a place, there are no distances to sort by.
    if wanted.iter().all(|(name, _)| name != NEAR) {
        wanted.retain(|(name, value)| name != SORT || value.trim_start_matches('-') != "distance");
    }
    HttpResponse::SeeOther()
        .insert_header((LOCATION, rooms_with(wanted)))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .finish()
}

/// Lists rooms on a page.
pub async fn make(
    request: &HttpRequest,
    catalogue: &Catalogue,
    query: ListQuery,
    version: Version,
) -> Result<Made<Long>, Problem> {
    let ListQuery { request: mut wanted, is_counted } = query;
    wanted.limit.get_or_insert(ROOMS_ON_A_PAGE);
    let (asked, viewer, map) = (Asked::of(request), Viewer::of(request), map_settings(request));
    let (place, settings) = (request.uri().clone(), map.cloned());
    // A large page takes its time to be written, too: so it is written here, and not where all other
    // requests wait.
    let write = move |repository: &dyn RoomRepository| -> Result<Written, Problem> {
        let page = room_list(repository, &wanted)?;
        let shown = page.rooms.len() as u64;
        // The rooms are older than the number, and the tag is no newer than the rooms.
        let total = if wanted.after.is_none() && !page.has_more {
            shown
        } else {
            room_count(repository, &wanted)?.max(shown)
        };
        let next = next_page(&place, &wanted, &page);
        let is_first = wanted.after.is_none();
        let view = RoomsView {
            rooms: &page.rooms,
            total,
            filter: asked.form(&[]),
            headings: asked.headings(&wanted),
            first: (!is_first).then(|| rooms_with(asked.others(&[CURSOR]))),
            next: next.clone(),
            downloads: asked.downloads(is_first && !page.has_more, total),
            emptiness: match &wanted {
                RoomListRequest { after: Some(_), .. } => Emptiness::End,
                RoomListRequest { filters, near: None, .. } if filters.is_empty() => {
                    Emptiness::Catalogue
                }
                _ => Emptiness::Conditions,
            },
        };
        let html = pages::list(viewer, &view, settings.as_ref())?;
        Ok(Written { html, version: page.version, total, next })
    };
    let Written { html, version: of_rooms, total, next } = catalogue.ask(write).await?;
    let tag = conditional::list_tag(request, of_rooms, Representation::Page);
    let mut headers = vec![
        (ETAG, header(&tag.to_string())?),
        (CONTENT_SECURITY_POLICY, header(&pages::policy(map))?),
    ];
    if is_counted {
        headers.push((TOTAL_COUNT, total.into()));
    }
    if let Some(next) = next {
        headers.push(link_next(&next)?);
    }
    Ok(Made::Whole(Answer { headers, body: html.into() }, of_rooms == version))
}

/// A page, and what its answer's head says of it.
struct Written {
    html: String,
    version: Version,
    total: u64,
    next: Option<String>,
}

/// Says what is wrong with a query: on a page, at each field of the form.
pub fn refuse(
    request: &HttpRequest,
    representation: Representation,
    failure: Failure,
) -> Result<HttpResponse, Problem> {
    let (Representation::Page, Failure::Parameters(errors)) = (representation, &failure) else {
        return Err(failure.into());
    };
    let mut answer = representation.describe(HttpResponse::build(StatusCode::BAD_REQUEST));
    answer.insert_header((CACHE_CONTROL, "no-store"));
    let id = request.extensions().get::<RequestId>().cloned().unwrap_or_default();
    let form = Asked::of(request).form(errors);
    Ok(pages::write(&mut answer, pages::bad_query(Viewer::of(request), &form, id.as_str())?))
}

/// What was asked for, as it was written.
struct Asked(Vec<(String, String)>);

impl Asked {
    fn of(request: &HttpRequest) -> Self {
        let is_ours = |(name, _): &(String, String)| RoomListRequest::knows(name) || name == CURSOR;
        Self(query::parameters(request.query_string()).filter(is_ours).collect())
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All but these.
    fn others(&self, names: &[&str]) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        pairs.filter(move |(name, _)| !names.contains(name))
    }

    fn form(&self, errors: &[InvalidParameter]) -> FilterForm {
        let told = |name: &str| {
            let ours = errors.iter().filter(|error| error.name == name);
            ours.map(|error| error.message.clone()).collect::<Vec<_>>()
        };
        let is_field = |name: &str| name == SORT || FIELDS.iter().any(|(field, ..)| *field == name);
        let entries = FIELDS.map(|(name, label, hint, mode)| Entry {
            name,
            label,
            hint,
            mode,
            value: self.value(name).unwrap_or_default().to_owned(),
            errors: told(name),
        });
        // What is wrong is told elsewhere; what is right is not much.
        let is_wrong = |name: &str| errors.iter().any(|error| error.name == name);
        let others = self.others(&[CURSOR]).filter(|(name, _)| !is_field(name) && !is_wrong(name));
        let conditions = others.map(|(name, value)| Condition {
            name: name.to_owned(),
            value: value.to_owned(),
            words: in_words(name, value),
            without: rooms_with(self.others(&[CURSOR, name])),
        });
        let sort = self.value(SORT).unwrap_or_default();
        let first = if self.value(NEAR).is_some() { "Nearest first" } else { "Order of entry" };
        let mut orders: Vec<Choice> = [("", first)]
            .into_iter()
            .chain(ORDERS)
            .map(|(value, label)| Choice {
                value: value.to_owned(),
                label: label.to_owned(),
                is_chosen: value == sort,
            })
            .collect();
        if orders.iter().all(|order| !order.is_chosen) {
            let (value, label) = (sort.to_owned(), format!("By {sort}"));
            orders.push(Choice { value, label, is_chosen: true });
        }
        FilterForm {
            is_open: self.others(&[CURSOR]).next().is_some(),
            entries: entries.into(),
            orders,
            order_errors: told(SORT),
            conditions: conditions.collect(),
            elsewhere: errors
                .iter()
                .filter(|error| !is_field(&error.name))
                .map(ToString::to_string)
                .collect(),
        }
    }

    /// The heads of the columns, each of which sorts by it; once more, the other way round.
    fn headings(&self, wanted: &RoomListRequest) -> Vec<Heading> {
        let first = wanted.sort.first().map(ToString::to_string).unwrap_or_default();
        let link = |label: &'static str, field: &str| {
            let direction = match first.strip_prefix('-') {
                Some(name) if name == field => Some("descending"),
                None if first == field => Some("ascending"),
                _ => None,
            };
            let minus = if direction == Some("ascending") { "-" } else { "" };
            let sort = format!("{minus}{field}");
            let pairs = self.others(&[CURSOR, SORT]).chain([(SORT, sort.as_str())]);
            SortLink { label, href: rooms_with(pairs), direction }
        };
        let mut headings = vec![
            Heading { is_number: false, sorts: vec![link("Code", "code")] },
            Heading { is_number: true, sorts: vec![link("Size", "size")] },
            Heading { is_number: true, sorts: vec![link("Price a day", "price")] },
            Heading {
                is_number: true,
                sorts: vec![link("Latitude", "latitude"), link("longitude", "longitude")],
            },
        ];
        if wanted.near.is_some() {
            let sorts = vec![link("Distance", "distance")];
            headings.push(Heading { is_number: true, sorts });
        }
        headings
    }

    /// Where the same rooms are as data: those on this page, and all.
    fn downloads(&self, is_whole: bool, total: u64) -> Vec<Download> {
        let links = |pairs: Vec<(&str, &str)>| {
            let query = query::written(pairs);
            let mark = if query.is_empty() { "" } else { "?" };
            FORMATS.map(|(name, suffix)| (name, format!("/rooms.{suffix}{mark}{query}"))).into()
        };
        let all = self.others(&[CURSOR, "limit"]).collect();
        if is_whole {
            return vec![Download { what: "These rooms".to_owned(), links: links(all) }];
        }
        let mut these: Vec<_> = self.others(&[]).collect();
        let limit = ROOMS_ON_A_PAGE.to_string();
        if self.value("limit").is_none() {
            these.push(("limit", &limit));
        }
        vec![
            Download { what: "This page".to_owned(), links: links(these) },
            Download { what: format!("All {} rooms", pages::grouped(total)), links: links(all) },
        ]
    }
}

/// The address of a list.
fn rooms_with(parameters: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>) -> String {
    let query = query::written(parameters);
    if query.is_empty() { "/rooms".to_owned() } else { format!("/rooms?{query}") }
}

/// A condition that has no field of its own, as in `price < 60`.
fn in_words(name: &str, value: &str) -> String {
    let words = name.strip_prefix("filter_").and_then(|key| key.split_once("__"));
    let Some((field, operator)) = words else { return format!("{name} {value}") };
    let sign = match operator {
        "eq" => "=",
        "ne" => "≠",
        "lt" => "<",
        "lte" => "≤",
        "gt" => ">",
        "gte" => "≥",
        other => other,
    };
    format!("{field} {sign} {value}")
}
