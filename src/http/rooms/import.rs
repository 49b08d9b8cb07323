//! `POST /rooms/import`: many rooms in one file, all of them or none.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream::TryStreamExt;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::formats::reading::{FileReport, ROW_FORMATS, RowFormat};
use crate::formats::schema;
use crate::http::auth::Owner;
use crate::http::openapi::{Description, Failing, header, parameters, plain_response, response};
use crate::http::pages;
use crate::http::problem::Problem;
use crate::http::request::{
    bounded, check_encoding, check_length, choices_in, has_media_type, interrupted, receive,
};
use crate::http::state::AppState;
use crate::use_cases::ImportReport;

/// What an import did.
#[derive(Serialize, ToSchema)]
pub struct ImportResult {
    /// Rooms whose codes were free.
    #[schema(example = 1000)]
    added: u64,
    /// Rooms that replaced others.
    #[schema(example = 0)]
    replaced: u64,
    /// Rooms that were skipped because their codes were taken.
    #[schema(example = 0)]
    skipped: u64,
    /// The columns that were ignored, if there were any: the first hundred.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, example = json!(["colour"]))]
    ignored_columns: Vec<String>,
}

/// Receives the file, then imports it. While the client sends, no connection to the database is held, and
/// the file is on the disk, not in memory.
pub async fn import(
    owner: Result<Owner, Problem>,
    request: HttpRequest,
    state: web::Data<AppState>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    if pages::import::is_form(&request) {
        return pages::import::submit(owner, &request, &state, payload).await;
    }
    let Owner = owner?;
    let is_sent = |format: &&dyn RowFormat| {
        format.media_types().iter().any(|media_type| has_media_type(&request, media_type))
    };
    let format = ROW_FORMATS
        .into_iter()
        .find(is_sent)
        .ok_or_else(|| Problem::unsupported_file(&ROW_FORMATS.map(RowFormat::media_type)))?;
    let choices = choices_in(request.query_string())?;
    let limits = state.limits;
    check_encoding(&request)?;
    check_length(&request, limits.import)?;
    let content = bounded(payload, limits.import, limits.body_timeout);
    let file = receive(content.map_err(|error| interrupted(&error, limits))).await?;
    let import = state.access.import(state.import_timeout, file, format, choices);
    let FileReport { rooms: ImportReport { added, replaced, skipped }, ignored } = import.await??;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(ImportResult {
        added,
        replaced,
        skipped,
        ignored_columns: ignored,
    }))
}

pub fn describe_import() -> Description {
    let content = |format: &dyn RowFormat| {
        let example = format.example();
        let is_json = ["application/json", "application/geo+json"].contains(&format.media_type());
        let content = match serde_json::from_str::<Value>(&example) {
            Ok(example) if is_json => {
                json!({ "schema": { "type": ["array", "object"] }, "example": example })
            }
            _ => json!({ "schema": { "type": "string" }, "example": example }),
        };
        (format.media_type(), content)
    };
    let result = json!({ "schema": schema::reference("ImportResult") });
    Description::new("import_rooms", "Add many rooms, all of them or none")
        .text(
            "The file has at most 64 MiB, or the limit in `server.max_import_mib`. The columns can be in \
             any order; a room without a code gets a new one.",
        )
        .owner_only()
        .parameters([parameters::on_conflict(), parameters::columns()])
        .body(ROW_FORMATS.map(content))
        .responds("200", plain_response("What the import did", "application/json", &result))
}

pub fn describe_page() -> Description {
    let page = json!({ "schema": { "type": "string" } });
    let headers = json!({ "Location": header("Its URL", "/log-in") });
    Description::for_operators("import_page", "The page on which the owner imports a file")
        .responds("200", plain_response("The page", "text/html; charset=utf-8", &page))
        .responds("303", response("The owner must log in first", headers, &json!({})))
        .fails(&[Failing::Forbidden])
}
