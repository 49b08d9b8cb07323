//! The pages on which the owner adds and edits rooms. Nothing that was typed is lost, whatever is wrong with
//! it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::form::{Entry, LOGGED_OUT, field_values, log_in_first, other_errors, owners_form};
use super::html::respond_uncached;
use super::site::Site;
use crate::entities::{FIELDS, Field, Kind, Name, Room, RoomCode};
use crate::formats::reading::room::{parse_draft, parse_room};
use crate::http::auth::Viewer;
use crate::http::problem::Problem;
use crate::http::request::{Expected, FormBody, RoomCodeInPath, room_state};
use crate::http::response::see_other;
use crate::http::state::AppState;
use crate::use_cases::{
    Failure, InvalidParameter, RoomRepository, room_add, room_change, room_show,
};

/// The hidden entry with the state of the room when the form was made.
pub const VERSION: &str = "version";

#[derive(Template)]
#[template(path = "room_form.html")]
struct RoomForm {
    viewer: Viewer,
    site: Site,
    /// The room; `None` for a new one.
    code: Option<RoomCode>,
    /// The state of the room when the form was made; empty for a new room.
    version: String,
    /// A message above the form, if there is one.
    notice: String,
    entries: Vec<Entry>,
    /// Errors in fields that the form does not have.
    other_errors: Vec<String>,
}

impl RoomForm {
    fn new(
        request: &HttpRequest,
        code: Option<RoomCode>,
        input: &[(String, String)],
        errors: &[InvalidParameter],
    ) -> Result<Self, Problem> {
        let site = Site::of(request)?;
        let is_shown = |field: &&Field| code.is_none() || is_editable(field);
        let mut fields: Vec<&Field> = FIELDS.iter().filter(is_shown).collect();
        fields.sort_by_key(|field| place(field));
        let entry = |field: &&'static Field| Entry::of_field(field, &site, input, errors);
        let has_entry = |name: &str| fields.iter().any(|field| field.name == name);
        Ok(Self {
            viewer: Viewer::of(request),
            code,
            version: String::new(),
            notice: String::new(),
            entries: fields.iter().map(entry).collect(),
            other_errors: other_errors(errors, has_entry),
            site,
        })
    }
}

/// Where a field stands in the form: the name first, and last the code, which hardly anybody chooses.
fn place(field: &Field) -> u8 {
    match field.kind {
        _ if field.name == Name::FIELD => 0,
        Kind::Code => 2,
        _ => 1,
    }
}

/// `GET /rooms/add`
pub async fn add_form(request: HttpRequest) -> Result<HttpResponse, Problem> {
    match log_in_first(&request)? {
        Some(redirect) => Ok(redirect),
        None => respond_uncached(StatusCode::OK, &RoomForm::new(&request, None, &[], &[])?),
    }
}

/// `POST /rooms/add`
pub async fn add(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let (is_owner, FormBody(input)) = owners_form(&request, payload).await?;
    let form = |errors: &[InvalidParameter]| RoomForm::new(&request, None, &input, errors);
    if !is_owner {
        let form = RoomForm { notice: LOGGED_OUT.to_owned(), ..form(&[])? };
        return respond_uncached(StatusCode::UNAUTHORIZED, &form);
    }
    // An empty entry is missing, and a missing code is generated.
    let is_filled = |(_, value): &&(String, String)| !value.trim().is_empty();
    let filled: Vec<_> = input.iter().filter(is_filled).cloned().collect();
    let room = match parse_room(field_values(&filled), RoomCode::random()) {
        Ok(room) => room,
        Err(errors) => return respond_uncached(StatusCode::BAD_REQUEST, &form(&errors)?),
    };
    let code = room.code;
    match state.access.run_catching(move |repository| room_add(repository, &room)).await? {
        Ok(()) => Ok(see_other(&format!("/rooms/{code}"))),
        Err(Failure::Conflict(_)) => {
            let message = "A room with this code already exists".to_owned();
            let error = InvalidParameter { name: "code".to_owned(), message };
            respond_uncached(StatusCode::CONFLICT, &form(&[error])?)
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
    let form = RoomForm::new(&request, Some(code), &input_of(&room), &[])?;
    respond_uncached(StatusCode::OK, &RoomForm { version: room_state(&room), ..form })
}

/// `POST /rooms/{code}/change`
pub async fn change(
    RoomCodeInPath(code): RoomCodeInPath,
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let (is_owner, mut body) = owners_form(&request, payload).await?;
    let version = body.take(VERSION);
    let FormBody(input) = body;
    let form = |errors: &[InvalidParameter]| -> Result<RoomForm, Problem> {
        let form = RoomForm::new(&request, Some(code), &input, errors)?;
        Ok(RoomForm { version: version.clone(), ..form })
    };
    if !is_owner {
        let form = RoomForm { notice: LOGGED_OUT.to_owned(), ..form(&[])? };
        return respond_uncached(StatusCode::UNAUTHORIZED, &form);
    }
    let fields = match parse_draft(field_values(&input)) {
        Ok(fields) => fields,
        Err(errors) => return respond_uncached(StatusCode::BAD_REQUEST, &form(&errors)?),
    };
    let Expected(expected) = Expected::unchanged(version.clone());
    let change =
        move |repository: &dyn RoomRepository| room_change(repository, code, &fields, &expected);
    match state.access.run_catching(change).await? {
        Ok(_) => Ok(see_other(&format!("/rooms/{code}"))),
        Err(Failure::Precondition) => {
            let now = state.access.run(move |repository| room_show(repository, code)).await?;
            let notice = format!(
                "Someone else changed this room while you were editing it. It is now: {}. To replace \
                 their changes with yours, save again.",
                in_words(&now, &Site::of(&request)?)
            );
            let form = RoomForm { version: room_state(&now), notice, ..form(&[])? };
            respond_uncached(StatusCode::PRECONDITION_FAILED, &form)
        }
        Err(failure) => Err(failure.into()),
    }
}

/// A room's code never changes.
fn is_editable(field: &Field) -> bool {
    !matches!(field.kind, Kind::Code)
}

/// The room's fields as the owner would type them.
fn input_of(room: &Room) -> Vec<(String, String)> {
    let value =
        |field: &Field| field.value(room).map_or_else(String::new, |value| value.to_string());
    FIELDS.iter().map(|field| (field.name.to_owned(), value(field))).collect()
}

fn in_words(room: &Room, site: &Site) -> String {
    let field = |field: &'static Field| {
        let text = site.text(field, room);
        (!text.is_empty()).then(|| format!("{} {text}", field.name))
    };
    let fields = FIELDS.iter().filter(|field| is_editable(field));
    fields.filter_map(field).collect::<Vec<_>>().join(", ")
}
