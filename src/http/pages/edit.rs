//! The pages on which the owner adds and edits rooms. Nothing that was typed is lost, whatever is wrong with
//! it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::form::{
    Entry, FormInput, LOGGED_OUT, OwnersForm, field_values, log_in_first, other_errors,
};
use super::html::respond_uncached;
use crate::entities::{FIELDS, Field, Kind, Room, RoomCode};
use crate::formats::reading::room::{parse_draft, parse_room};
use crate::http::auth::Viewer;
use crate::http::problem::Problem;
use crate::http::request::{Expected, RoomCodeInPath, room_state};
use crate::http::response::see_other;
use crate::http::state::AppState;
use crate::use_cases::{
    Failure, InvalidParameter, RoomRepository, room_add, room_change, room_show,
};

/// The hidden entry with the state of the room when the form was made.
pub const VERSION: &str = "version";

/// A form with a room's fields.
#[derive(Template)]
#[template(path = "room_form.html")]
struct RoomForm<'a> {
    viewer: Viewer,
    heading: String,
    /// Where it is sent.
    action: String,
    /// The state of the room when the form was made; empty for a new room.
    version: &'a str,
    /// A message above the form, if there is one.
    notice: &'a str,
    entries: Vec<Entry>,
    /// Errors in fields that the form does not have.
    other_errors: Vec<String>,
    submit: &'static str,
    /// Where Cancel leads.
    back: String,
}

/// `GET /rooms/add`
pub async fn add_form(request: HttpRequest) -> Result<HttpResponse, Problem> {
    match log_in_first(&request)? {
        Some(redirect) => Ok(redirect),
        None => respond_uncached(StatusCode::OK, &new_room(&request, &[], &[], "")),
    }
}

/// `POST /rooms/add`
pub async fn add(
    form: OwnersForm,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let input = form.body.0;
    let show = |status: StatusCode, errors: &[InvalidParameter], notice: &str| {
        respond_uncached(status, &new_room(&request, &input, errors, notice))
    };
    if !form.is_owner {
        return show(StatusCode::UNAUTHORIZED, &[], LOGGED_OUT);
    }
    // An empty entry is missing, and a missing code is generated.
    let filled: FormInput =
        input.iter().filter(|(_, value)| !value.trim().is_empty()).cloned().collect();
    let room = match parse_room(field_values(&filled), RoomCode::random()) {
        Ok(room) => room,
        Err(errors) => return show(StatusCode::BAD_REQUEST, &errors, ""),
    };
    let code = room.code;
    match state.access.run_catching(move |repository| room_add(repository, &room)).await? {
        Ok(()) => Ok(see_other(&format!("/rooms/{code}"))),
        Err(Failure::Conflict(_)) => {
            let message = "A room with this code already exists".to_owned();
            let error = InvalidParameter { name: "code".to_owned(), message };
            show(StatusCode::CONFLICT, &[error], "")
        }
        Err(failure) => Err(failure.into()),
    }
}

/// `GET /rooms/{code}/change`
pub async fn change_form(
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    if let Some(redirect) = log_in_first(&request)? {
        return Ok(redirect);
    }
    let RoomCodeInPath(code) = RoomCodeInPath::of(&request)?;
    let room = state.access.run(move |repository| room_show(repository, code)).await?;
    let version = room_state(&room);
    let form = existing_room(&request, code, &input_of(&room), &[], &version, "");
    respond_uncached(StatusCode::OK, &form)
}

/// `POST /rooms/{code}/change`
pub async fn change(
    RoomCodeInPath(code): RoomCodeInPath,
    mut form: OwnersForm,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let version = form.body.take(VERSION);
    let input = form.body.0;
    let show = |status: StatusCode, errors: &[InvalidParameter], version: &str, notice: &str| {
        respond_uncached(status, &existing_room(&request, code, &input, errors, version, notice))
    };
    if !form.is_owner {
        return show(StatusCode::UNAUTHORIZED, &[], &version, LOGGED_OUT);
    }
    let fields = match parse_draft(field_values(&input)) {
        Ok(fields) => fields,
        Err(errors) => return show(StatusCode::BAD_REQUEST, &errors, &version, ""),
    };
    let Expected(expected) = Expected::unchanged(version);
    let change =
        move |repository: &dyn RoomRepository| room_change(repository, code, &fields, &expected);
    match state.access.run_catching(change).await? {
        Ok(_) => Ok(see_other(&format!("/rooms/{code}"))),
        Err(Failure::Precondition) => {
            let now = state.access.run(move |repository| room_show(repository, code)).await?;
            let notice = format!(
                "Someone else changed this room while you were editing it. It is now: {}. To replace \
                 their changes with yours, save again.",
                in_words(&now)
            );
            show(StatusCode::PRECONDITION_FAILED, &[], &room_state(&now), &notice)
        }
        Err(failure) => Err(failure.into()),
    }
}

fn new_room<'a>(
    request: &HttpRequest,
    input: &[(String, String)],
    errors: &[InvalidParameter],
    notice: &'a str,
) -> RoomForm<'a> {
    RoomForm {
        viewer: Viewer::of(request),
        heading: "Add a room".to_owned(),
        action: "/rooms/add".to_owned(),
        version: "",
        notice,
        entries: FIELDS.iter().map(|field| Entry::of_field(field, input, errors)).collect(),
        other_errors: other_errors(errors, |name| Field::named(name).is_some()),
        submit: "Add room",
        back: "/rooms".to_owned(),
    }
}

fn existing_room<'a>(
    request: &HttpRequest,
    code: RoomCode,
    input: &[(String, String)],
    errors: &[InvalidParameter],
    version: &'a str,
    notice: &'a str,
) -> RoomForm<'a> {
    RoomForm {
        viewer: Viewer::of(request),
        heading: format!("Edit room {code}"),
        action: format!("/rooms/{code}/change"),
        version,
        notice,
        entries: editable().map(|field| Entry::of_field(field, input, errors)).collect(),
        other_errors: other_errors(errors, |name| editable().any(|field| field.name == name)),
        submit: "Save",
        back: format!("/rooms/{code}"),
    }
}

/// A room's code never changes.
fn editable() -> impl Iterator<Item = &'static Field> {
    FIELDS.iter().filter(|field| !matches!(field.kind, Kind::Code))
}

/// The room's fields as the owner would type them.
fn input_of(room: &Room) -> FormInput {
    let value =
        |field: &Field| field.value(room).map_or_else(String::new, |value| value.to_string());
    editable().map(|field| (field.name.to_owned(), value(field))).collect()
}

fn in_words(room: &Room) -> String {
    let field = |field: &'static Field| {
        let text = field.text(room);
        (!text.is_empty()).then(|| format!("{} {text}", field.name))
    };
    editable().filter_map(field).collect::<Vec<_>>().join(", ")
}
