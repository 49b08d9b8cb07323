//! The handlers that write rooms. Each asks for the [`Owner`] first, before anything of the request
//! is read.

use actix_web::http::header::{ETAG, LOCATION};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};

use super::body::{self, JSON, MERGE_PATCH};
use super::owner::Owner;
use super::problem::Problem;
use super::representation::Representation;
use super::rooms::{code_in, write_room};
use super::{Catalogue, conditional};
use crate::entities::{Room, RoomCode};
use crate::use_cases::{
    Failure, InvalidParameter, Replaced, RoomFields, room_add, room_change, room_remove,
    room_replace,
};

/// `POST /rooms`
pub async fn add(
    _: Owner,
    request: HttpRequest,
    catalogue: web::Data<Catalogue>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let representation = Representation::accepted(&request)?;
    let fields = body::fields(&request, payload, &catalogue.limits, &[JSON]).await?;
    let room = RoomFields::parse_room(fields, RoomCode::random()).map_err(Failure::Parameters)?;
    let added = room.clone();
    catalogue.ask(move |repository| room_add(repository, &added)).await?;
    created(&request, &room, representation)
}

/// `PUT /rooms/{code}`
pub async fn replace(
    _: Owner,
    request: HttpRequest,
    path: web::Path<String>,
    catalogue: web::Data<Catalogue>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let representation = Representation::accepted(&request)?;
    let code = code_in(&path)?;
    let fields = body::fields(&request, payload, &catalogue.limits, &[JSON]).await?;
    let room = RoomFields::parse_room(fields, code).map_err(Failure::Parameters)?;
    same_code(room.code, code)?;
    let (put, expected) = (room.clone(), conditional::expectation(&request)?);
    let replaced =
        catalogue.ask(move |repository| room_replace(repository, &put, &expected)).await?;
    match replaced {
        Replaced::Nothing => created(&request, &room, representation),
        Replaced::Room => answer(&request, HttpResponse::Ok(), &room, representation),
    }
}

/// `PATCH /rooms/{code}`
pub async fn change(
    _: Owner,
    request: HttpRequest,
    path: web::Path<String>,
    catalogue: web::Data<Catalogue>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let representation = Representation::accepted(&request)?;
    let code = code_in(&path)?;
    let fields = RoomFields::parse(
        body::fields(&request, payload, &catalogue.limits, &[MERGE_PATCH, JSON]).await?,
    );
    let fields = fields.map_err(Failure::Parameters)?;
    same_code(fields.code.unwrap_or(code), code)?;
    let expected = conditional::expectation(&request)?;
    let room =
        catalogue.ask(move |repository| room_change(repository, code, fields, &expected)).await?;
    answer(&request, HttpResponse::Ok(), &room, representation)
}

/// `DELETE /rooms/{code}`
pub async fn remove(
    _: Owner,
    request: HttpRequest,
    path: web::Path<String>,
    catalogue: web::Data<Catalogue>,
) -> Result<HttpResponse, Problem> {
    let code = code_in(&path)?;
    let expected = conditional::expectation(&request)?;
    catalogue.ask(move |repository| room_remove(repository, code, &expected)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A code in the body, if there is one, must be that of the path.
fn same_code(written: RoomCode, code: RoomCode) -> Result<(), Failure> {
    if written == code {
        return Ok(());
    }
    Err(Failure::Parameters(vec![InvalidParameter {
        name: "code".to_owned(),
        message: format!("the path has the code {code}: leave it out here, or give the same"),
    }]))
}

fn created(
    request: &HttpRequest,
    room: &Room,
    representation: Representation,
) -> Result<HttpResponse, Problem> {
    let mut created = HttpResponse::Created();
    created.insert_header((LOCATION, format!("/rooms/{}", room.code)));
    answer(request, created, room, representation)
}

fn answer(
    request: &HttpRequest,
    answer: HttpResponseBuilder,
    room: &Room,
    representation: Representation,
) -> Result<HttpResponse, Problem> {
    let mut answer = representation.describe(answer);
    answer.insert_header((ETAG, conditional::room_tag(request, room, representation)));
    write_room(request, &mut answer, room, representation)
}
