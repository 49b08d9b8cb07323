//! `GET /rooms/find`: where the form is sent. It redirects to the list, with the coordinates of the place that was
//! entered.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};

use super::params::{ListParams, NEAR, PLACE_OF_NEAR, RADIUS, SORT, WITHIN, rooms_url};
use super::view::{BadQueryPage, PlaceLink, WhichPage};
use crate::entities::Place;
use crate::formats::reading::excerpt;
use crate::http::auth::Viewer;
use crate::http::pages::html::respond_uncached;
use crate::http::pages::site::Site;
use crate::http::problem::Problem;
use crate::http::request::query::{CURSOR, PLACE};
use crate::http::request::{RequestId, pairs};
use crate::http::state::AppState;
use crate::places::{
    DEFAULT_RADIUS, NamedPlace, Resolved, is_link, parse_distance, parse_location,
};
use crate::use_cases::{InvalidParameter, SortBy, rooms_middle};

/// The most places to choose from.
const MOST_CHOICES: usize = 20;

/// `GET /rooms/find`
pub async fn find(
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let search = match Search::parse(request.query_string()) {
        Ok(search) => search,
        Err(error) => return bad_entry(&request, error, Vec::new()),
    };
    let Some(text) = search.to_resolve.clone() else {
        return Ok(redirect(&search.url()));
    };
    match state.places.resolve(&text) {
        Resolved::Point(point) => Ok(redirect(&search.at(point, None).url())),
        Resolved::One(place) => Ok(redirect(&search.at(place.location, Some(place.name)).url())),
        Resolved::Several(_) => which(&request, &state, search, text).await,
        Resolved::None => unknown(&request, &state, search, text).await,
    }
}

fn redirect(url: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, url))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .finish()
}

/// What the form was sent with.
#[derive(Clone)]
struct Search {
    /// The entries that have nothing to do with a place. A browser also sends those that are empty; they are left
    /// out.
    others: Vec<(String, String)>,
    /// The place, as it was entered, if its coordinates are not known yet.
    to_resolve: Option<String>,
    near: Option<String>,
    /// Metres.
    radius: Option<String>,
    /// The name of the place at `near`.
    name: Option<String>,
}

impl Search {
    fn parse(query: &str) -> Result<Self, InvalidParameter> {
        let (mut place, mut within, mut place_of_near) = (None, None, None);
        let mut search =
            Self { others: Vec::new(), to_resolve: None, near: None, radius: None, name: None };
        for (name, value) in pairs(query) {
            let value = value.trim();
            match name.as_str() {
                PLACE => place = Some(value.to_owned()),
                _ if value.is_empty() || name == CURSOR => {}
                WITHIN => within = Some(value.to_owned()),
                PLACE_OF_NEAR => place_of_near = Some(value.to_owned()),
                NEAR => {
                    let point = parse_location(value).map(coordinates);
                    search.near = Some(point.unwrap_or_else(|| value.to_owned()));
                }
                RADIUS => search.radius = Some(value.to_owned()),
                _ => search.others.push((name, value.to_owned())),
            }
        }
        match place {
            None => {}
            // The place was deleted from the form.
            Some(place) if place.is_empty() => (search.near, search.radius) = (None, None),
            // A place that was chosen is not chosen again.
            Some(place) if search.near.is_some() && place_of_near.as_ref() == Some(&place) => {
                search.name = Some(place);
            }
            Some(place) => search.to_resolve = Some(place),
        }
        let has_place = search.near.is_some() || search.to_resolve.is_some();
        if let Some(within) = within.filter(|_| has_place) {
            search.radius = Some(metres(&within)?);
        }
        if search.to_resolve.is_some() || search.name.is_some() {
            search.radius.get_or_insert_with(|| DEFAULT_RADIUS.to_string());
        }
        if !has_place {
            // There are no distances to sort by.
            let is_distance = |value: &str| value.trim_start_matches('-') == SortBy::DISTANCE;
            search.others.retain(|(name, value)| name != SORT || !is_distance(value));
        }
        Ok(search)
    }

    /// The same search around this point.
    fn at(mut self, point: Place, name: Option<&str>) -> Self {
        self.near = Some(coordinates(point));
        self.name = name.map(str::to_owned);
        self
    }

    fn url(&self) -> String {
        let place = [(NEAR, &self.near), (RADIUS, &self.radius), (PLACE, &self.name)];
        let place = place.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
        let others = self.others.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        rooms_url(others.chain(place))
    }
}

fn coordinates(place: Place) -> String {
    format!("{},{}", place.latitude.get(), place.longitude.get())
}

fn metres(within: &str) -> Result<String, InvalidParameter> {
    parse_distance(within).map(|metres| metres.to_string()).ok_or_else(|| InvalidParameter {
        name: WITHIN.to_owned(),
        message: "Enter a distance, for example 3 km or 500 m".to_owned(),
    })
}

/// The page on which a visitor chooses one of several places with the same name: the one that is nearest to the
/// rooms comes first.
async fn which(
    request: &HttpRequest,
    state: &web::Data<AppState>,
    search: Search,
    text: String,
) -> Result<HttpResponse, Problem> {
    let places = state.places.clone();
    let shown = excerpt(&text);
    let links = state.access.run(move |repository| {
        let middle = rooms_middle(repository)?;
        let Resolved::Several(mut several) = places.resolve(&text) else {
            return Ok::<_, Problem>(Vec::new());
        };
        if let Some(middle) = middle {
            let distance = |place: &NamedPlace| middle.distance_to(place.location);
            several.sort_by(|left, right| distance(left).total_cmp(&distance(right)));
        }
        several.truncate(MOST_CHOICES);
        Ok(links(&several, &search))
    });
    let (viewer, site) = (Viewer::of(request), Site::of(request)?);
    let page = WhichPage { viewer, site, text: shown, links: links.await? };
    respond_uncached(StatusCode::OK, &page)
}

fn links(places: &[NamedPlace], search: &Search) -> Vec<PlaceLink> {
    let link = |place: &NamedPlace| PlaceLink {
        label: place.full_label(),
        inhabitants: place.inhabitants.map(u64::from),
        url: search.clone().at(place.location, Some(place.name)).url(),
    };
    places.iter().map(link).collect()
}

/// Reports that a place is not known. Similar names are searched on a blocking thread, because that takes time.
async fn unknown(
    request: &HttpRequest,
    state: &web::Data<AppState>,
    search: Search,
    text: String,
) -> Result<HttpResponse, Problem> {
    let message = if is_link(&text) {
        "This link has no coordinates. Open it, then copy the address of the map, or enter coordinates, for \
         example 52.52, 13.40"
            .to_owned()
    } else {
        format!(
            "We do not know a place called \"{}\". Check the spelling, or enter coordinates, for example \
             52.52, 13.40",
            excerpt(&text)
        )
    };
    let error = InvalidParameter { name: PLACE.to_owned(), message };
    if is_link(&text) {
        return bad_entry(request, error, Vec::new());
    }
    let places = state.places.clone();
    let suggest = move || Ok(links(&places.suggestions(&text), &search));
    let suggestions = state.access.compute(suggest).await?;
    bad_entry(request, error, suggestions)
}

/// Shows the form with an error at its entry.
fn bad_entry(
    request: &HttpRequest,
    error: InvalidParameter,
    suggestions: Vec<PlaceLink>,
) -> Result<HttpResponse, Problem> {
    let site = Site::of(request)?;
    let page = BadQueryPage {
        viewer: Viewer::of(request),
        filter: ListParams::of_form(request).form(&site, &[error]),
        suggestions,
        request_id: RequestId::of(request).as_str().to_owned(),
        site,
    };
    respond_uncached(StatusCode::BAD_REQUEST, &page)
}
