//! The handlers of rooms.

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};

use super::Catalogue;
use super::problem::Problem;
use super::query;
use super::representation::Representation;
use crate::entities::{InvalidRoomCode, RoomCode};
use crate::use_cases::{room_list, room_show};

/// `GET /`
pub async fn redirect() -> HttpResponse {
    HttpResponse::Found().insert_header((LOCATION, "/rooms")).finish()
}

/// `GET /rooms`
pub async fn list(
    request: HttpRequest,
    catalogue: web::Data<Catalogue>,
) -> Result<HttpResponse, Problem> {
    let representation = Representation::wanted(&request)?;
    let wanted = query::room_list_request(request.query_string())?;
    let rooms = catalogue.ask(move |repository| room_list(repository, &wanted)).await?;
    representation.list(&rooms)
}

/// `GET /rooms/{code}`
pub async fn show(
    request: HttpRequest,
    path: web::Path<String>,
    catalogue: web::Data<Catalogue>,
) -> Result<HttpResponse, Problem> {
    let representation = Representation::wanted(&request)?;
    let code: RoomCode = path.parse().map_err(|error: InvalidRoomCode| {
        Problem::not_found(&format!("There is no such room: {error}"))
    })?;
    let room = catalogue.ask(move |repository| room_show(repository, code)).await?;
    representation.one(&room)
}
