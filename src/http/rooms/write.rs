//! `POST /rooms`; `PUT`, `PATCH` and `DELETE /rooms/{code}`.
//!
//! The order of a handler's extractors is the order in which errors are reported: the owner first, before
//! anything else of the request is read. An extractor after the body is a `Result`, because the framework
//! does not wait for the body before it polls the next one.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::show::write_room;
use crate::entities::{Room, RoomCode};
use crate::formats::reading::room::{parse_draft, parse_room};
use crate::formats::schema;
use crate::http::auth::Owner;
use crate::http::openapi::{Description, Failing, header, parameters, response};
use crate::http::problem::Problem;
use crate::http::request::{
    Expected, JSON, JsonBody, MERGE_PATCH, PatchBody, Representation, RoomCodeInPath,
};
use crate::http::response::in_representation;
use crate::http::state::AppState;
use crate::use_cases::{
    Failure, InvalidParameter, Replaced, RoomRepository, room_add, room_change, room_remove,
    room_replace,
};

/// `POST /rooms`
pub async fn add(
    _: Owner,
    representation: Representation,
    JsonBody(fields): JsonBody,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let room = parse_room(fields, RoomCode::random()).map_err(Failure::Parameters)?;
    let added = room.clone();
    state.access.run(move |repository| room_add(repository, &added)).await?;
    respond(&request, StatusCode::CREATED, &room, representation)
}

/// `PUT /rooms/{code}`
pub async fn replace(
    _: Owner,
    representation: Representation,
    RoomCodeInPath(code): RoomCodeInPath,
    JsonBody(fields): JsonBody,
    expected: Result<Expected, Problem>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let room = parse_room(fields, code).map_err(Failure::Parameters)?;
    require_same_code(room.code, code)?;
    let Expected(expected) = expected?;
    let stored = room.clone();
    let replace =
        move |repository: &dyn RoomRepository| room_replace(repository, &stored, &expected);
    let status = match state.access.run(replace).await? {
        Replaced::Nothing => StatusCode::CREATED,
        Replaced::Room => StatusCode::OK,
    };
    respond(&request, status, &room, representation)
}

/// `PATCH /rooms/{code}`
pub async fn change(
    _: Owner,
    representation: Representation,
    RoomCodeInPath(code): RoomCodeInPath,
    PatchBody(fields): PatchBody,
    expected: Result<Expected, Problem>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let fields = parse_draft(fields).map_err(Failure::Parameters)?;
    require_same_code(fields.code.unwrap_or(code), code)?;
    let Expected(expected) = expected?;
    let change =
        move |repository: &dyn RoomRepository| room_change(repository, code, &fields, &expected);
    let room = state.access.run(change).await?;
    respond(&request, StatusCode::OK, &room, representation)
}

/// `DELETE /rooms/{code}`
pub async fn remove(
    _: Owner,
    RoomCodeInPath(code): RoomCodeInPath,
    Expected(expected): Expected,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    state.access.run(move |repository| room_remove(repository, code, &expected)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A code in the body must be that of the path.
fn require_same_code(in_body: RoomCode, in_path: RoomCode) -> Result<(), Failure> {
    if in_body == in_path {
        return Ok(());
    }
    Err(Failure::Parameters(vec![InvalidParameter {
        name: "code".to_owned(),
        message: format!("the path has the code {in_path}: leave it out here, or send the same"),
    }]))
}

fn respond(
    request: &HttpRequest,
    status: StatusCode,
    room: &Room,
    representation: Representation,
) -> Result<HttpResponse, Problem> {
    let mut response = in_representation(status, representation);
    if status == StatusCode::CREATED {
        response.insert_header((LOCATION, format!("/rooms/{}", room.code)));
    }
    write_room(request, response, room, representation)
}

pub fn describe_add() -> Description {
    describe_new(describe("add_room", "Add a room"))
        .body(room("RoomToWrite", [JSON]))
        .fails(&[Failing::Taken])
}

pub fn describe_replace() -> Description {
    describe_new(describe_existing("replace_room", "Replace a room, or create it"))
        .body(room("RoomToWrite", [JSON]))
        .responds_with_room("200", "The new room, which replaced another", json!({}))
}

pub fn describe_change() -> Description {
    describe_existing("change_room", "Change some fields of a room")
        .body(room("RoomPatch", [MERGE_PATCH, JSON]))
        .responds_with_room("200", "The changed room", json!({}))
}

pub fn describe_remove() -> Description {
    let removed = response("The room was removed", json!({}), &json!({}));
    describe_existing("remove_room", "Remove a room").responds("204", removed)
}

fn describe(id: &str, summary: &str) -> Description {
    Description::new(id, summary).owner_only().fails(&[Failing::NotAcceptable])
}

fn describe_existing(id: &str, summary: &str) -> Description {
    let describe = describe(id, summary).parameters(parameters::of_write());
    describe.fails(&[Failing::Absent, Failing::Changed])
}

fn describe_new(write: Description) -> Description {
    let url = "/rooms/f853578c-fc0f-4e65-81b8-566c5dffa35a";
    let headers = json!({ "Location": header("Its URL", url) });
    write.responds_with_room("201", "The new room", headers)
}

fn room<const N: usize>(
    schema: &str,
    media_types: [&'static str; N],
) -> [(&'static str, Value); N] {
    media_types.map(|media_type| (media_type, json!({ "schema": schema::reference(schema) })))
}
