//! The page with the list of rooms: its filters, the rooms, a map of them, and other pages.

mod find;
mod params;
mod view;

use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use actix_web::http::uri::PathAndQuery;
use actix_web::{HttpRequest, HttpResponse};

pub use self::find::find;
use self::params::ListParams;
use self::view::{BadQueryPage, Emptiness, RoomsPage, Total};
use super::html::{policy, render, respond};
use super::map::Map;
use super::site::Site;
use crate::http::access::{CachedResponse, Cost};
use crate::http::auth::Viewer;
use crate::http::problem::Problem;
use crate::http::request::query::ListQuery;
use crate::http::request::{Representation, RequestId, client_network};
use crate::http::response::{header_value, in_representation, list_headers, next_page, shareable};
use crate::http::state::AppState;
use crate::places::Places;
use crate::settings::MapSettings;
use crate::use_cases::{Failure, RoomListRequest, RoomRepository, room_count, room_list};

/// The number of rooms on a page, unless the request has another limit.
const ROOMS_PER_PAGE: NonZeroUsize = NonZeroUsize::new(100).unwrap();

/// The largest number of rooms that a page states exactly: to count more takes longer than to list some.
const LARGEST_TOTAL: u64 = 10_000;

/// A page of a list that is to be read and rendered.
#[derive(Clone)]
pub struct ListPage {
    list: RoomListRequest,
    is_counted: bool,
    params: ListParams,
    viewer: Viewer,
    site: Site,
    /// The network of the client.
    client: Option<IpAddr>,
    map: MapSettings,
    places: Arc<Places>,
    url: PathAndQuery,
}

impl ListPage {
    pub fn of(
        request: &HttpRequest,
        state: &AppState,
        url: PathAndQuery,
        query: ListQuery,
    ) -> Self {
        let ListQuery { request: mut list, is_counted } = query;
        list.limit.get_or_insert(ROOMS_PER_PAGE);
        Self {
            list,
            is_counted,
            params: ListParams::of(request),
            viewer: Viewer::of(request),
            site: Site::new(state),
            client: client_network(request),
            map: state.map.clone(),
            places: state.places.clone(),
            url,
        }
    }

    pub fn cost(&self) -> Cost {
        if self.is_counted {
            Cost::Expensive(self.client)
        } else {
            Cost::of(&self.list, self.client)
        }
    }

    /// Reads the rooms and renders the page. A large page takes time as well, so this runs on a blocking thread.
    pub fn read(&self, repository: &dyn RoomRepository) -> Result<CachedResponse, Problem> {
        let Self { list, is_counted, params, viewer, site, client: _, map, places, url } = self;
        let page = room_list(repository, list)?;
        let shown = page.rooms.len() as u64;
        let is_first = list.after.is_none();
        let is_all = is_first && page.next.is_none();
        let most = if *is_counted { u64::MAX } else { LARGEST_TOTAL + 1 };
        let total = if is_all { shown } else { room_count(repository, list, most)?.max(shown) };
        let is_exact = *is_counted || total < most;
        let shown_total =
            if is_exact { Total::Exactly(total) } else { Total::MoreThan(LARGEST_TOTAL) };
        let next = next_page(url, list, page.next.as_ref());
        let html = render(&RoomsPage {
            viewer: *viewer,
            site: site.clone(),
            heading: params.heading(list, shown_total),
            places,
            rooms: &page.rooms,
            total: shown_total,
            filter: params.form(site, &[]),
            columns: params.columns(list),
            first: (!is_first).then(|| params.first_page()),
            next: next.clone(),
            downloads: params.downloads(is_all, shown_total, ROOMS_PER_PAGE),
            emptiness: Emptiness::of(list),
            map: Map::of(page.rooms.iter().map(|listed| &listed.room), Some(map)),
        })?;
        let mut headers = list_headers(is_counted.then_some(total), next.as_deref())?;
        headers.push((CONTENT_SECURITY_POLICY, header_value(&policy(Some(map)))?));
        shareable(Representation::Page.name(), headers, html)
    }
}

/// Reports what is wrong with a query: on a page, at each entry of the form.
pub fn bad_query(
    request: &HttpRequest,
    representation: Representation,
    failure: Failure,
) -> Result<HttpResponse, Problem> {
    let (Representation::Page, Failure::Parameters(errors)) = (representation, &failure) else {
        return Err(failure.into());
    };
    let mut response = in_representation(StatusCode::BAD_REQUEST, representation);
    response.insert_header((CACHE_CONTROL, "no-store"));
    let site = Site::of(request)?;
    let page = BadQueryPage {
        viewer: Viewer::of(request),
        filter: ListParams::of(request).form(&site, errors),
        suggestions: Vec::new(),
        request_id: RequestId::of(request).as_str().to_owned(),
        site,
    };
    respond(&mut response, &page, None)
}
