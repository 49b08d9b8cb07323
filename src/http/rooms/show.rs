//! `GET /rooms/{code}`: one room.

use actix_web::http::header::ETAG;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use serde_json::json;

use crate::entities::Room;
use crate::http::openapi::{Description, Failing, parameters};
use crate::http::pages;
use crate::http::problem::Problem;
use crate::http::request::{Representation, RoomCodeInPath};
use crate::http::response::{is_current, not_modified, ok, room_tag};
use crate::http::state::AppState;

/// `GET /rooms/{code}` and `GET /rooms/{code}.SUFFIX`
pub async fn show(
    representation: Representation,
    RoomCodeInPath(code): RoomCodeInPath,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let room = state.access.find(code).await?;
    let mut response = ok(representation);
    let tag = room_tag(&request, &room, representation)?;
    if is_current(&request, &tag) {
        return Ok(not_modified(response, tag));
    }
    response.insert_header((ETAG, tag));
    write_room(&request, &mut response, &room, representation)
}

/// Completes a response with one room.
pub fn write_room(
    request: &HttpRequest,
    response: &mut HttpResponseBuilder,
    room: &Room,
    representation: Representation,
) -> Result<HttpResponse, Problem> {
    match representation {
        Representation::Page => pages::room::respond(request, response, room),
        Representation::Data(format) => {
            let mut bytes = Vec::new();
            format.one(&mut bytes, room)?;
            Ok(response.body(bytes))
        }
    }
}

pub fn describe_show() -> Description {
    describe("show_room", "Show one room")
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
