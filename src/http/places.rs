//! `GET /places`: places by name.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::formats::reading::query::{given_again, unusable};
use crate::formats::schema;
use crate::http::limits::MAX_PLACES;
use crate::http::openapi::{Description, Failing, header, parameters, response};
use crate::http::problem::Problem;
use crate::http::request::pairs;
use crate::http::response::{is_current, not_modified, shareable};
use crate::http::state::AppState;
use crate::places::{LONGEST_NAME, NamedPlace, fold};
use crate::use_cases::{Failure, InvalidParameter};

/// The most places in a response, unless the request has another limit.
const DEFAULT_LIMIT: usize = 10;

/// Places change with a new release or when the owner's file changes, which is read at start.
const CACHEABLE: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// A place that a search found.
#[derive(Serialize, ToSchema)]
#[schema(as = Place)]
pub struct FoundPlace<'a> {
    /// Its name.
    #[schema(example = "Kreuzberg")]
    name: &'a str,
    /// The state, province or canton, if it is known.
    #[schema(example = "Berlin")]
    region: Option<&'a str>,
    /// The country, if it is known.
    #[schema(example = "Germany")]
    country: Option<&'a str>,
    /// Degrees north.
    #[schema(minimum = -90, maximum = 90, example = 52.49973)]
    latitude: f64,
    /// Degrees east.
    #[schema(minimum = -180, maximum = 180, example = 13.40338)]
    longitude: f64,
    /// The number of inhabitants, if it is known.
    #[schema(minimum = 0, example = 153_135)]
    inhabitants: Option<u32>,
}

impl<'a> From<NamedPlace<'a>> for FoundPlace<'a> {
    fn from(place: NamedPlace<'a>) -> Self {
        let known = |text: &'a str| Some(text).filter(|text| !text.is_empty());
        Self {
            name: place.name,
            region: known(place.region),
            country: known(place.country),
            latitude: place.location.latitude.get(),
            longitude: place.location.longitude.get(),
            inhabitants: place.inhabitants,
        }
    }
}

/// `GET /places`
pub async fn search(
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let (text, limit) = parse(request.query_string())?;
    let found = state.places.search(&text, limit);
    let found: Vec<FoundPlace> = found.into_iter().map(FoundPlace::from).collect();
    let body = serde_json::to_vec(&found).map_err(|error| Problem::internal(&error))?;
    let headers = vec![(CACHE_CONTROL, CACHEABLE)];
    let found = shareable("places", headers, body)?;
    let mut response = HttpResponse::Ok();
    response.content_type(mime::APPLICATION_JSON);
    if is_current(&request, &found.tag) {
        response.insert_header((CACHE_CONTROL, CACHEABLE));
        return Ok(not_modified(response, found.tag));
    }
    for header in found.headers {
        response.insert_header(header);
    }
    Ok(response.body(found.body))
}

/// The text to search for, and the limit.
fn parse(query: &str) -> Result<(String, usize), Failure> {
    let (mut text, mut limit) = (None, None);
    let mut errors = Vec::new();
    let mut report = |name: &str, message: String| {
        errors.push(InvalidParameter { name: name.to_owned(), message });
    };
    for (name, value) in pairs(query) {
        let known = match name.as_str() {
            "q" => &mut text,
            "limit" => &mut limit,
            _ => continue,
        };
        if known.is_some() {
            report(&name, given_again(&name));
        }
        *known = Some(value);
    }
    let text = text.unwrap_or_default();
    if text.chars().count() > LONGEST_NAME || fold(&text).is_empty() {
        let instruction = format!(
            "write the start of a place's name, with a letter or digit and at most {LONGEST_NAME} \
             characters, for example Frankf"
        );
        report("q", unusable("q", &text, &instruction));
    }
    let limit = limit.unwrap_or_else(|| DEFAULT_LIMIT.to_string());
    let number = limit.trim().parse().ok().filter(|limit| (1..=MAX_PLACES).contains(limit));
    if number.is_none() {
        let instruction = format!("write a whole number from 1 to {MAX_PLACES}");
        report("limit", unusable("limit", &limit, &instruction));
    }
    match number {
        Some(number) if errors.is_empty() => Ok((text, number)),
        _ => Err(Failure::Parameters(errors)),
    }
}

pub fn describe() -> Description {
    let content = json!({ "application/json": {
        "schema": { "type": "array", "items": schema::reference("Place") },
    } });
    let headers = || {
        json!({
            "ETag": header("The state, for If-None-Match", "W/\"d4013912615ea725-places\""),
            "Cache-Control": header("Caches may use it for this long", "public, max-age=3600"),
        })
    };
    let ok = response("The places, the best match first", headers(), &content);
    let not_modified = response("The client's copy is current", headers(), &json!({}));
    Description::new("search_places", "Search for towns, districts and places of the owner's by name")
        .text(
            "Places with this name come first, then those whose name begins so; within each, the owner's \
             own places (`places.file`), then the others by inhabitants; if only an alternative name \
             begins so, a place counts as if it had a tenth of them. Case, accents and scripts do not \
             matter, alternative names match as well, and a region or country may follow after a comma: \
             `Frankfurt, Germany`. A single letter finds only places with that name. The places are those \
             of GeoNames (CC BY 4.0) with 5,000 inhabitants and more.",
        )
        .parameters(parameters::of_places())
        .responds("200", ok)
        .responds("304", not_modified)
        .fails(&[Failing::Invalid])
}
