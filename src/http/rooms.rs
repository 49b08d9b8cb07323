//! The handlers of rooms.

use actix_web::http::header::{ETAG, LINK, LOCATION};
use actix_web::http::{Uri, Version};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, HttpResponseBuilder, web};

use super::listing::Listing;
use super::observe::RequestId;
use super::owner::Viewer;
use super::problem::Problem;
use super::query::{ListQuery, with_cursor};
use super::representation::Representation;
use super::{Catalogue, conditional, cursor, list_page, map_settings, pages};
use crate::entities::{InvalidRoomCode, Room, RoomCode};
use crate::use_cases::{Failure, RoomListRequest, RoomPage, room_count, room_show, rooms_version};

/// The header with the number of rooms on all pages.
pub const TOTAL_COUNT: &str = "X-Total-Count";

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
    let query = match ListQuery::parse(request.query_string()) {
        Ok(query) => query,
        Err(failure) => return list_page::refuse(request, representation, failure),
    };
    let mut answer = representation.answer();
    if conditional::is_conditional(request) {
        let version = catalogue.ask(rooms_version).await?;
        let tag = conditional::list_tag(request, version, representation);
        if conditional::has(request, &tag) {
            return Ok(conditional::not_modified(answer, tag));
        }
    }
    match representation {
        Representation::Page => list_page::answer(request, &catalogue, query, answer).await,
        Representation::Data(format) => {
            let ListQuery { request: wanted, is_counted } = query;
            // Of a count, the tag is one from before it, so that no change in between goes unseen.
            let mut version = None;
            if is_counted {
                let wanted = wanted.clone();
                let (before, total) = catalogue
                    .ask(move |repository| {
                        let before = rooms_version(repository)?;
                        Ok::<_, Failure>((before, room_count(repository, &wanted)?))
                    })
                    .await?;
                version = Some(before);
                answer.insert_header((TOTAL_COUNT, total));
            }
            let listing = Listing { request: wanted, format };
            let (part, listing) = catalogue
                .ask(move |repository| listing.first(repository).map(|part| (part, listing)))
                .await?;
            let tag = conditional::list_tag(
                request,
                version.unwrap_or(part.page.version),
                representation,
            );
            answer.insert_header((ETAG, tag));
            if let Some(next) = next_page(request.uri(), &listing.request, &part.page) {
                link_next(&mut answer, &next);
            }
            if listing.request.limit.is_some() || part.page.next().is_none() {
                return Ok(answer.body(part.bytes));
            }
            if request.version() < Version::HTTP_11 {
                // Without chunks, a list that breaks off could not be told from a whole one.
                return Err(Problem::needs_chunks());
            }
            let id = request.extensions().get::<RequestId>().cloned().unwrap_or_default();
            Ok(answer.streaming(listing.from(part, catalogue, id)))
        }
    }
}

/// Where the next page is, if there is one.
pub fn next_page(here: &Uri, wanted: &RoomListRequest, page: &RoomPage) -> Option<String> {
    let last = page.next().filter(|_| wanted.limit.is_some())?;
    let query = with_cursor(here.query().unwrap_or_default(), &cursor::write(wanted, last));
    Some(format!("{}?{query}", here.path()))
}

/// Says so in the answer's head (RFC 8288).
pub fn link_next(answer: &mut HttpResponseBuilder, next: &str) {
    answer.insert_header((LINK, format!("<{next}>; rel=\"next\"")));
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
