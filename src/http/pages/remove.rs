//! The page on which the owner deletes a room, after a confirmation.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::edit::VERSION;
use super::form::log_in_first;
use super::html::respond_uncached;
use super::site::Site;
use super::words::location;
use crate::entities::Room;
use crate::http::auth::{Owner, Viewer};
use crate::http::problem::Problem;
use crate::http::request::{Expected, FormBody, RoomCodeInPath, room_state};
use crate::http::response::see_other;
use crate::http::state::AppState;
use crate::use_cases::{Failure, RoomRepository, room_remove, room_show};

#[derive(Template)]
#[template(path = "remove.html")]
struct RemovePage {
    viewer: Viewer,
    site: Site,
    version: String,
    room: Room,
    notice: &'static str,
}

/// `GET /rooms/{code}/remove`: asks for a confirmation.
pub async fn confirm(
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    if let Some(redirect) = log_in_first(&request)? {
        return Ok(redirect);
    }
    let RoomCodeInPath(code) = RoomCodeInPath::of(&request)?;
    let room = state.access.run(move |repository| room_show(repository, code)).await?;
    let (viewer, site, version) = (Viewer::of(&request), Site::of(&request)?, room_state(&room));
    respond_uncached(StatusCode::OK, &RemovePage { viewer, site, version, room, notice: "" })
}

/// `POST /rooms/{code}/remove`
pub async fn remove(
    _: Owner,
    RoomCodeInPath(code): RoomCodeInPath,
    mut form: FormBody,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let Expected(expected) = Expected::unchanged(form.take(VERSION));
    let remove = move |repository: &dyn RoomRepository| room_remove(repository, code, &expected);
    match state.access.run_catching(remove).await? {
        Ok(()) => Ok(see_other("/rooms")),
        Err(Failure::Precondition) => {
            let room = state.access.run(move |repository| room_show(repository, code)).await?;
            let (viewer, site) = (Viewer::of(&request), Site::of(&request)?);
            let version = room_state(&room);
            let notice = "Someone else changed this room while you were looking at it. These are its \
                          current details.";
            let page = RemovePage { viewer, site, version, room, notice };
            respond_uncached(StatusCode::PRECONDITION_FAILED, &page)
        }
        Err(failure) => Err(failure.into()),
    }
}
