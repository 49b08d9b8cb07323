//! The handlers of rooms.

use actix_web::http::header::{ETAG, EntityTag, HeaderName, HeaderValue, LINK, LOCATION};
use actix_web::http::{Uri, Version as HttpVersion};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, HttpResponseBuilder, web};

use super::cache::{Answer, Key, Made};
use super::listing::{Listing, Part};
use super::observe::RequestId;
use super::owner::Viewer;
use super::problem::Problem;
use super::query::{ListQuery, with_cursor};
use super::representation::Representation;
use super::versions::Versions;
use super::{Catalogue, conditional, cursor, list_page, map_settings, pages};
use crate::entities::{InvalidRoomCode, Room, RoomCode};
use crate::representation::Format;
use crate::use_cases::{RoomListRequest, RoomPage, Version, room_count, room_show};

/// The header with the number of rooms on all pages.
pub const TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

/// `GET /`
pub async fn redirect() -> HttpResponse {
    HttpResponse::Found().insert_header((LOCATION, "/rooms")).finish()
}

/// `GET /rooms`
pub async fn list(
    request: HttpRequest,
    catalogue: web::Data<Catalogue>,
) -> Result<HttpResponse, Problem> {
    answer_list(&request, catalogue, Representation::accepted(&request)?).await
}

/// `GET /rooms.SUFFIX`
pub async fn list_as(
    request: HttpRequest,
    suffix: web::Path<String>,
    catalogue: web::Data<Catalogue>,
) -> Result<HttpResponse, Problem> {
    answer_list(&request, catalogue, Representation::with_suffix(&suffix)?).await
}

async fn answer_list(
    request: &HttpRequest,
    catalogue: web::Data<Catalogue>,
    representation: Representation,
) -> Result<HttpResponse, Problem> {
    match kept(request, &catalogue, representation) {
        Some(answer) => Ok(answer),
        // A place of its own for what is large, so that nobody else has to carry it.
        None => Box::pin(read_list(request, catalogue, representation)).await,
    }
}

/// The list that was asked for, if it is kept and its version is still believed. Its query was read when it
/// was made.
fn kept(
    request: &HttpRequest,
    catalogue: &Catalogue,
    representation: Representation,
) -> Option<HttpResponse> {
    let tag = conditional::list_tag(request, catalogue.versions.believed()?, representation);
    let list = catalogue.cache.get(&key(request, &tag))?;
    let mut answer = representation.answer();
    if conditional::has(request, &tag) {
        return Some(conditional::not_modified(answer, tag));
    }
    catalogue.cache.hits.inc();
    list.describe(&mut answer);
    Some(answer.body(list.body.clone()))
}

/// What a list is kept by.
fn key(request: &HttpRequest, tag: &EntityTag) -> Key {
    Key { tag: tag.tag().to_owned(), place: request.uri().path_and_query().cloned() }
}

async fn read_list(
    request: &HttpRequest,
    catalogue: web::Data<Catalogue>,
    representation: Representation,
) -> Result<HttpResponse, Problem> {
    let query = match ListQuery::parse(request.query_string()) {
        Ok(query) => query,
        Err(failure) => return list_page::refuse(request, representation, failure),
    };
    let read = async {
        let version = match catalogue.versions.believed() {
            Some(version) => version,
            None => Versions::ask(&catalogue).await?,
        };
        answer_query(request, &catalogue, representation, query, version).await
    };
    catalogue.gate.bound(read).await
}

async fn answer_query(
    request: &HttpRequest,
    catalogue: &web::Data<Catalogue>,
    representation: Representation,
    query: ListQuery,
    version: Version,
) -> Result<HttpResponse, Problem> {
    let tag = conditional::list_tag(request, version, representation);
    let mut answer = representation.answer();
    if conditional::has(request, &tag) {
        return Ok(conditional::not_modified(answer, tag));
    }
    let make = async || make(request, catalogue, representation, query, version).await;
    match catalogue.cache.answer(&key(request, &tag), make).await? {
        Ok(list) => {
            list.describe(&mut answer);
            Ok(answer.body(list.body.clone()))
        }
        // Without chunks, a list that breaks off could not be told from a whole one.
        Err(_) if request.version() < HttpVersion::HTTP_11 => Err(Problem::needs_chunks()),
        Err(Long { headers, part, listing }) => {
            for header in headers {
                answer.insert_header(header);
            }
            let id = request.extensions().get::<RequestId>().cloned().unwrap_or_default();
            Ok(answer.streaming(listing.from(part, catalogue.clone(), id)))
        }
    }
}

async fn make(
    request: &HttpRequest,
    catalogue: &Catalogue,
    representation: Representation,
    query: ListQuery,
    version: Version,
) -> Result<Made<Long>, Problem> {
    match representation {
        Representation::Page => list_page::make(request, catalogue, query, version).await,
        Representation::Data(format) => make_data(request, catalogue, format, query, version).await,
    }
}

/// A list that is too long to be written at once.
pub struct Long {
    headers: Vec<(HeaderName, HeaderValue)>,
    part: Part,
    listing: Listing,
}

async fn make_data(
    request: &HttpRequest,
    catalogue: &Catalogue,
    format: &'static dyn Format,
    query: ListQuery,
    version: Version,
) -> Result<Made<Long>, Problem> {
    let ListQuery { request: wanted, is_counted } = query;
    let listing = Listing { request: wanted, format };
    // The tag is that of the rooms, which are read before they are counted, so that no change in
    // between goes unseen.
    let (part, total, listing) = catalogue
        .ask(move |repository| -> Result<_, Problem> {
            let part = listing.first(repository)?;
            let total = is_counted.then(|| room_count(repository, &listing.request)).transpose()?;
            Ok((part, total, listing))
        })
        .await?;
    let of_rooms = part.page.version;
    let tag = conditional::list_tag(request, of_rooms, Representation::Data(format));
    let mut headers = vec![(ETAG, header(&tag.to_string())?)];
    if let Some(total) = total {
        headers.push((TOTAL_COUNT, total.into()));
    }
    if let Some(next) = next_page(request.uri(), &listing.request, &part.page) {
        headers.push(link_next(&next)?);
    }
    Ok(if listing.request.limit.is_some() || part.page.next().is_none() {
        let body = part.bytes.into();
        Made::Whole(Answer { headers, body }, of_rooms == version)
    } else {
        Made::Own(Long { headers, part, listing })
    })
}

/// Where the next page is, if there is one.
pub fn next_page(here: &Uri, wanted: &RoomListRequest, page: &RoomPage) -> Option<String> {
    let last = page.next().filter(|_| wanted.limit.is_some())?;
    let query = with_cursor(here.query().unwrap_or_default(), &cursor::write(wanted, last));
    Some(format!("{}?{query}", here.path()))
}

/// Says so in an answer's head (RFC 8288).
pub fn link_next(next: &str) -> Result<(HeaderName, HeaderValue), Problem> {
    Ok((LINK, header(&format!("<{next}>; rel=\"next\""))?))
}

/// What stands in an answer's head.
pub fn header(text: &str) -> Result<HeaderValue, Problem> {
    HeaderValue::from_str(text).map_err(|error| Problem::internal(&error))
}

/// `GET /rooms/{code}`
pub async fn show(
    request: HttpRequest,
    code: web::Path<String>,
    catalogue: web::Data<Catalogue>,
) -> Result<HttpResponse, Problem> {
    answer_room(&request, &code, catalogue, Representation::accepted(&request)?).await
}

/// `GET /rooms/{code}.SUFFIX`
pub async fn show_as(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    catalogue: web::Data<Catalogue>,
) -> Result<HttpResponse, Problem> {
    let (code, suffix) = path.into_inner();
    answer_room(&request, &code, catalogue, Representation::with_suffix(&suffix)?).await
}

async fn answer_room(
    request: &HttpRequest,
    code: &str,
    catalogue: web::Data<Catalogue>,
    representation: Representation,
) -> Result<HttpResponse, Problem> {
    let code = code_in(code)?;
    let room = catalogue.ask(move |repository| room_show(repository, code)).await?;
    let mut answer = representation.answer();
    let tag = conditional::room_tag(request, &room, representation);
    if conditional::has(request, &tag) {
        return Ok(conditional::not_modified(answer, tag));
    }
    answer.insert_header((ETAG, tag));
    write_room(request, &mut answer, &room, representation)
}

/// The room's code in a path; of what is none, there is no room.
pub fn code_in(path: &str) -> Result<RoomCode, Problem> {
    path.parse().map_err(|error: InvalidRoomCode| {
        Problem::not_found(&format!("There is no such room: {error}"))
    })
}

/// Completes an answer with one room.
pub fn write_room(
    request: &HttpRequest,
    answer: &mut HttpResponseBuilder,
    room: &Room,
    representation: Representation,
) -> Result<HttpResponse, Problem> {
    match representation {
        Representation::Page => {
            let map = map_settings(request);
            let page = pages::one(Viewer::of(request), room, map)?;
            Ok(pages::write_with_map(answer, page, map))
        }
        Representation::Data(format) => {
            let mut bytes = Vec::new();
            format.one(&mut bytes, room)?;
            Ok(answer.body(bytes))
        }
    }
}
