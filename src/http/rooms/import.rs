//! `POST /rooms/import`: many rooms in one file, all of them or none.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream::TryStreamExt;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::formats::reading::{ROW_FORMATS, RowFormat};
use crate::formats::schema;
use crate::http::auth::Owner;
use crate::http::openapi::{Description, Failing, header, parameters, plain_response, response};
use crate::http::pages;
use crate::http::problem::Problem;
use crate::http::request::{
    bounded, check_length, has_media_type, interrupted, on_conflict_in, receive,
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
    let is_sent = |format: &&dyn RowFormat| has_media_type(&request, format.media_type());
    let format = ROW_FORMATS
        .into_iter()
        .find(is_sent)
        .ok_or_else(|| Problem::unsupported_media_type(&ROW_FORMATS.map(RowFormat::media_type)))?;
    let on_conflict = on_conflict_in(request.query_string())?;
    let limits = state.limits;
    check_length(&request, limits.import)?;
    let content = bounded(payload, limits.import, limits.body_timeout);
    let file = receive(content.map_err(|error| interrupted(&error, limits))).await?;
    let import = state.access.import(state.import_timeout, file, format, on_conflict);
    let ImportReport { added, replaced, skipped } = import.await??;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(ImportResult {
        added,
        replaced,
        skipped,
    }))
}

pub fn describe_import() -> Description {
    let content = |format: &dyn RowFormat| {
        let example = format.example();
        (format.media_type(), json!({ "schema": { "type": "string" }, "example": example }))
    };
    let result = json!({ "schema": schema::reference("ImportResult") });
    Description::new("import_rooms", "Add many rooms, all of them or none")
        .text(
            "The file has at most 64 MiB, or the limit in `server.max_import_mib`. The columns can be in \
             any order; a room without a code gets a new one.",
        )
        .owner_only()
        .parameters([parameters::on_conflict()])
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
