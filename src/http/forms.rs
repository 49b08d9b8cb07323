//! The pages on which the owner adds, changes and removes rooms: nothing that was typed is lost,
//! whatever was wrong with it.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, web};

use super::limits::Limits;
use super::owner::{Owner, Viewer};
use super::pages::{self, Entry, RoomForm};
use super::problem::Problem;
use super::rooms::code_in;
use super::{Catalogue, body, conditional};
use crate::entities::{Room, RoomCode};
use crate::use_cases::{
    Expectation, Failure, FieldValue, InvalidParameter, RoomFields, room_add, room_change,
    room_remove, room_show,
};

/// The state of the room when the form was made.
const VERSION: &str = "version";

/// Said above a form that came without a session.
const LOGGED_OUT: &str = "You are not logged in, or no longer: log in on another tab, and then save \
                          again here. What you typed is still there.";

/// What the owner typed, by field.
type Typed = Vec<(String, String)>;

/// `GET /rooms/add`
pub async fn new_room(request: HttpRequest) -> Result<HttpResponse, Problem> {
    match log_in_first(&request)? {
        Some(elsewhere) => Ok(elsewhere),
        None => show(&request, StatusCode::OK, &adding(&[], &[], "")),
    }
}

/// `POST /rooms/add`
pub async fn add(
    owner: Result<Owner, Problem>,
    request: HttpRequest,
    catalogue: web::Data<Catalogue>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let typed = typed(owner, &request, payload, &catalogue.limits).await?;
    let typed = match typed {
        Ok(typed) => typed,
        Err(typed) => {
            return show(&request, StatusCode::UNAUTHORIZED, &adding(&typed, &[], LOGGED_OUT));
        }
    };
    // What is left empty is missing; a code is made up.
    let there = typed.iter().filter(|(_, value)| !value.trim().is_empty()).cloned();
    let room = match RoomFields::parse_room(texts(there), RoomCode::random()) {
        Ok(room) => room,
        Err(errors) => {
            return show(&request, StatusCode::BAD_REQUEST, &adding(&typed, &errors, ""));
        }
    };
    let code = room.code;
    match catalogue.attempt(move |repository| room_add(repository, &room)).await? {
        Ok(()) => Ok(see(&format!("/rooms/{code}"))),
        Err(Failure::Conflict(_)) => {
            let message = "There is a room with this code".to_owned();
            let errors = [InvalidParameter { name: "code".to_owned(), message }];
            show(&request, StatusCode::CONFLICT, &adding(&typed, &errors, ""))
        }
        Err(failure) => Err(failure.into()),
    }
}

/// `GET /rooms/{code}/change`
pub async fn room(
    request: HttpRequest,
    path: web::Path<String>,
    catalogue: web::Data<Catalogue>,
) -> Result<HttpResponse, Problem> {
    if let Some(elsewhere) = log_in_first(&request)? {
        return Ok(elsewhere);
    }
    let code = code_in(&path)?;
    let room = catalogue.ask(move |repository| room_show(repository, code)).await?;
    let version = conditional::room_state(&room);
    show(&request, StatusCode::OK, &changing(code, &written(&room), &[], version, ""))
}

/// `POST /rooms/{code}/change`
pub async fn change(
    owner: Result<Owner, Problem>,
    request: HttpRequest,
    path: web::Path<String>,
    catalogue: web::Data<Catalogue>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let code = code_in(&path)?;
    let (mut typed, is_owner) = match typed(owner, &request, payload, &catalogue.limits).await? {
        Ok(typed) => (typed, true),
        Err(typed) => (typed, false),
    };
    let version = take_version(&mut typed);
    if !is_owner {
        let form = changing(code, &typed, &[], version, LOGGED_OUT);
        return show(&request, StatusCode::UNAUTHORIZED, &form);
    }
    let fields = match RoomFields::parse(texts(typed.iter().cloned())) {
        Ok(fields) => fields,
        Err(errors) => {
            let form = changing(code, &typed, &errors, version, "");
            return show(&request, StatusCode::BAD_REQUEST, &form);
        }
    };
    let expected = unchanged(version);
    let outcome = catalogue
        .attempt(move |repository| room_change(repository, code, fields, &expected))
        .await?;
    match outcome {
        Ok(_) => Ok(see(&format!("/rooms/{code}"))),
        Err(Failure::Precondition) => {
            let now = catalogue.ask(move |repository| room_show(repository, code)).await?;
            let notice = format!(
                "Somebody else changed this room meanwhile; it has now {}. Save again to put your \
                 values in their place.",
                in_words(&now)
            );
            let form = changing(code, &typed, &[], conditional::room_state(&now), &notice);
            show(&request, StatusCode::PRECONDITION_FAILED, &form)
        }
        Err(failure) => Err(failure.into()),
    }
}

/// `GET /rooms/{code}/remove`: asks first.
pub async fn removal(
    request: HttpRequest,
    path: web::Path<String>,
    catalogue: web::Data<Catalogue>,
) -> Result<HttpResponse, Problem> {
    if let Some(elsewhere) = log_in_first(&request)? {
        return Ok(elsewhere);
    }
    let code = code_in(&path)?;
    let room = catalogue.ask(move |repository| room_show(repository, code)).await?;
    ask_whether(&request, StatusCode::OK, &room, "")
}

/// `POST /rooms/{code}/remove`
pub async fn remove(
    _: Owner,
    request: HttpRequest,
    path: web::Path<String>,
    catalogue: web::Data<Catalogue>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let code = code_in(&path)?;
    let mut form = body::form(&request, payload, &catalogue.limits).await?;
    let expected = unchanged(take_version(&mut form));
    match catalogue.attempt(move |repository| room_remove(repository, code, &expected)).await? {
        Ok(()) => Ok(see("/rooms")),
        Err(Failure::Precondition) => {
            let now = catalogue.ask(move |repository| room_show(repository, code)).await?;
            let notice = "Somebody else changed this room meanwhile. This is what it is now.";
            ask_whether(&request, StatusCode::PRECONDITION_FAILED, &now, notice)
        }
        Err(failure) => Err(failure.into()),
    }
}

/// What was typed; the error is the same, of somebody who is not logged in.
async fn typed(
    owner: Result<Owner, Problem>,
    request: &HttpRequest,
    payload: Payload,
    limits: &Limits,
) -> Result<Result<Typed, Typed>, Problem> {
    match owner {
        Ok(Owner) => Ok(Ok(body::form(request, payload, limits).await?)),
        Err(problem) if problem.is_unauthorized() => {
            Ok(Err(body::form(request, payload, limits).await?))
        }
        Err(problem) => Err(problem),
    }
}

/// Where to go before a form is shown, if its reader is not logged in. To show one changes nothing, so
/// that a link on any page may lead to it.
pub fn log_in_first(request: &HttpRequest) -> Result<Option<HttpResponse>, Problem> {
    match Viewer::of(request) {
        Viewer { can_log_in: false, .. } => Err(Problem::writes_are_off()),
        Viewer { is_logged_in: true, .. } => Ok(None),
        Viewer { .. } => Ok(Some(see(&format!("/log-in?next={}", request.path())))),
    }
}

/// Sends a browser there once what it asked for is done.
pub fn see(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, path))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish()
}

fn show(
    request: &HttpRequest,
    status: StatusCode,
    form: &RoomForm,
) -> Result<HttpResponse, Problem> {
    Ok(answer(status, pages::form(Viewer::of(request), form)?))
}

fn ask_whether(
    request: &HttpRequest,
    status: StatusCode,
    room: &Room,
    notice: &str,
) -> Result<HttpResponse, Problem> {
    let version = conditional::room_state(room);
    Ok(answer(status, pages::removal(Viewer::of(request), room, &version, notice)?))
}

fn answer(status: StatusCode, page: String) -> HttpResponse {
    pages::write(HttpResponse::build(status).insert_header((CACHE_CONTROL, "no-store")), page)
}

fn adding(typed: &[(String, String)], errors: &[InvalidParameter], notice: &str) -> RoomForm {
    RoomForm {
        heading: "Add a room".to_owned(),
        action: "/rooms/add".to_owned(),
        version: String::new(),
        notice: notice.to_owned(),
        entries: RoomFields::NAMES.map(|name| entry(name, typed, errors)).into(),
        elsewhere: elsewhere(&RoomFields::NAMES, errors),
        submit: "Add the room",
        back: "/rooms".to_owned(),
    }
}

fn changing(
    code: RoomCode,
    typed: &[(String, String)],
    errors: &[InvalidParameter],
    version: String,
    notice: &str,
) -> RoomForm {
    let names: Vec<_> = RoomFields::NAMES.into_iter().filter(|name| *name != "code").collect();
    RoomForm {
        heading: format!("Change room {code}"),
        action: format!("/rooms/{code}/change"),
        version,
        notice: notice.to_owned(),
        entries: names.iter().map(|name| entry(name, typed, errors)).collect(),
        elsewhere: elsewhere(&names, errors),
        submit: "Save",
        back: format!("/rooms/{code}"),
    }
}

fn entry(name: &'static str, typed: &[(String, String)], errors: &[InvalidParameter]) -> Entry {
    let (label, hint, mode) = match name {
        "code" => ("Code", "A UUID, or nothing for a new one", "text"),
        "size" => ("Size", "Square metres, 1 or more", "numeric"),
        "price" => ("Price", "Euro a day, 0 or more", "numeric"),
        "latitude" => ("Latitude", "Degrees north, -90 to 90, as 51.5074", "text"),
        _ => ("Longitude", "Degrees east, -180 to 180, as -0.1278", "text"),
    };
    let value = typed.iter().find(|(known, _)| known == name);
    let errors = errors.iter().filter(|error| error.name == name);
    Entry {
        name,
        label,
        hint,
        mode,
        value: value.map(|(_, value)| value.clone()).unwrap_or_default(),
        errors: errors.map(|error| error.message.clone()).collect(),
    }
}

/// What is wrong with fields that the form does not have.
fn elsewhere(names: &[&str], errors: &[InvalidParameter]) -> Vec<String> {
    let is_elsewhere = |error: &&InvalidParameter| !names.contains(&error.name.as_str());
    errors.iter().filter(is_elsewhere).map(ToString::to_string).collect()
}

fn texts(typed: impl Iterator<Item = (String, String)>) -> Vec<(String, FieldValue)> {
    typed.map(|(name, value)| (name, FieldValue::Text(value.trim().to_owned()))).collect()
}

/// The room's fields as they are typed.
fn written(room: &Room) -> Typed {
    let fields = [
        ("size", room.size.get().to_string()),
        ("price", room.price.get().to_string()),
        ("latitude", room.latitude.get().to_string()),
        ("longitude", room.longitude.get().to_string()),
    ];
    fields.map(|(name, value)| (name.to_owned(), value)).into()
}

fn in_words(room: &Room) -> String {
    let Room { size, price, latitude, longitude, .. } = room;
    format!(
        "{} m², {} € a day, latitude {}, longitude {}",
        size.get(),
        price.get(),
        latitude.get(),
        longitude.get()
    )
}

fn take_version(form: &mut Typed) -> String {
    let place = form.iter().position(|(name, _)| name == VERSION);
    place.map(|place| form.swap_remove(place).1).unwrap_or_default()
}

/// Expects the room to be as it was when the form was made. One that is gone is told of as such.
fn unchanged(version: String) -> Box<Expectation> {
    Box::new(move |now| now.is_none_or(|room| conditional::room_state(room) == version))
}
