//! `GET /rooms/{code}`: one room.

use actix_web::http::header::ETAG;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use serde_json::json;

use crate::entities::{CodeStart, FIELDS, InvalidRoomCode, Room};
use crate::http::openapi::{Description, Failing, header, parameters, response};
use crate::http::pages;
use crate::http::problem::Problem;
use crate::http::request::{Representation, RoomCodeInPath};
use crate::http::response::{is_current, not_modified, ok, room_tag, see_other};
use crate::http::state::AppState;
use crate::use_cases::rooms_beginning;

/// `GET /rooms/{code}` and `GET /rooms/{code}.SUFFIX`
pub async fn show(
    representation: Representation,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let code = match RoomCodeInPath::of(&request) {
        Ok(RoomCodeInPath(code)) => code,
        Err(problem) => match request.match_info().query("code").parse() {
            Ok(start) => return find(start, &state).await,
            Err(InvalidRoomCode) => return Err(problem),
        },
    };
    let room = state.access.find(code).await?;
    let response = write_room(&request, ok(representation), &room, representation)?;
    Ok(match response.headers().get(ETAG) {
        Some(tag) if is_current(&request, tag) => not_modified(ok(representation), tag.clone()),
        _ => response,
    })
}

/// Redirects to the room whose code begins so, or to the list of those whose codes do.
async fn find(start: CodeStart, state: &AppState) -> Result<HttpResponse, Problem> {
    let for_work = start.clone();
    let found = state.access.run(move |repository| rooms_beginning(repository, &for_work)).await?;
    let codes: Vec<String> = found.iter().map(|room| room.code.to_string()).collect();
    match codes.as_slice() {
        [] => {
            let message = format!("There is no room whose code begins with {start}");
            Err(Problem::not_found(&message))
        }
        [code] => Ok(see_other(&format!("/rooms/{code}"))),
        codes => Ok(see_other(&format!("/rooms?filter_code__in={}", codes.join(",")))),
    }
}

/// Completes a response with one room, and its tag.
pub fn write_room(
    request: &HttpRequest,
    mut response: HttpResponseBuilder,
    room: &Room,
    representation: Representation,
) -> Result<HttpResponse, Problem> {
    let mut body = Vec::new();
    match representation {
        Representation::Page => {
            body.extend(pages::room::render(request, &mut response, room)?.into_bytes());
        }
        Representation::Data(format) => format.one(&mut body, room)?,
    }
    response.insert_header((ETAG, room_tag(room, representation, &body)?));
    Ok(response.body(body))
}

pub fn describe_show() -> Description {
    let code = FIELDS[0].example;
    let headers = json!({ "Location": header("Its URL", format!("/rooms/{code}")) });
    let text = "The room whose code begins so, or the list of the first 20 of them";
    describe("show_room", "Show one room")
        .text("A room is also found by the first eight characters of its code, or more.")
        .responds("303", response(text, headers, &json!({})))
}

pub fn describe_show_as() -> Description {
    describe("show_room_as", "Show one room, in one format").parameters([parameters::suffix()])
}

fn describe(id: &str, summary: &str) -> Description {
    Description::new(id, summary)
        .parameters([parameters::code(), parameters::if_none_match()])
        .responds_with_room("200", "The room", json!({}))
        .not_modified()
        .fails(&Failing::READING)
}
