//! `POST /rooms/import`: many rooms in one file, all of them or none.

use std::fs::File;
use std::io::{BufReader, Seek, Write};

use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::StreamExt;
use serde::Serialize;
use utoipa::ToSchema;

use super::body::{check_length, media_type};
use super::owner::Owner;
use super::problem::Problem;
use super::{Catalogue, query};
use crate::representation::rows::RowFormat;
use crate::use_cases::{
    Failure, ImportReport, InvalidParameter, OnConflict, given_again, room_import,
};

/// The largest file, in bytes.
const LIMIT: usize = 64 * 1024 * 1024;

/// The parameter that says what becomes of rooms whose code is taken.
pub const ON_CONFLICT: &str = "on_conflict";

/// What an import did.
#[derive(Serialize, ToSchema)]
pub struct ImportResult {
    /// Rooms whose codes were free.
    #[schema(example = 1000)]
    added: u64,
    /// Rooms that took the place of others.
    #[schema(example = 0)]
    replaced: u64,
    /// Rooms that were left out, since their codes were taken.
    #[schema(example = 0)]
    skipped: u64,
}

impl From<ImportReport> for ImportResult {
    fn from(report: ImportReport) -> Self {
        let ImportReport { added, replaced, skipped } = report;
        Self { added, replaced, skipped }
    }
}

/// Takes the file in, then imports it: while the client sends, no connection is held, and what it
/// sends is on the disk, not in memory.
pub async fn import(
    _: Owner,
    request: HttpRequest,
    catalogue: web::Data<Catalogue>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let media_types = RowFormat::ALL.map(RowFormat::media_type);
    let written = media_type(&request, &media_types)?;
    let format = RowFormat::ALL.into_iter().find(|format| format.media_type() == written);
    let format = format.ok_or_else(|| Problem::unsupported_media_type(&media_types))?;
    let on_conflict = on_conflict(request.query_string())?;
    check_length(&request, LIMIT)?;
    let mut file = receive(payload).await?;
    let report = catalogue
        .ask(move |repository| -> Result<_, Problem> {
            // Both passes read the one file, each from its start.
            let mut broken = None;
            let read = || {
                let again = file.rewind().and_then(|()| file.try_clone());
                match again {
                    Ok(file) => format.rows(BufReader::new(file)),
                    Err(error) => {
                        broken = Some(error);
                        format.rows(std::io::empty())
                    }
                }
            };
            let outcome = room_import(repository, read, on_conflict);
            match broken {
                Some(error) => Err(Problem::internal(&error)),
                None => Ok(outcome?),
            }
        })
        .await?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(ImportResult::from(report)))
}

async fn receive(mut payload: Payload) -> Result<File, Problem> {
    let mut file = web::block(tempfile::tempfile)
        .await
        .map_err(|error| Problem::internal(&error))?
        .map_err(|error| Problem::internal(&error))?;
    let mut length = 0;
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| Problem::bad_request(&format!("body: {error}")))?;
        length += chunk.len();
        if length > LIMIT {
            return Err(Problem::too_large(LIMIT));
        }
        file.write_all(&chunk).map_err(|error| Problem::internal(&error))?;
    }
    Ok(file)
}

fn on_conflict(query: &str) -> Result<OnConflict, Failure> {
    let wrong = |message: String| {
        Failure::Parameters(vec![InvalidParameter { name: ON_CONFLICT.to_owned(), message }])
    };
    let mut chosen =
        query::parameters(query).filter_map(|(name, value)| (name == ON_CONFLICT).then_some(value));
    let name = match (chosen.next(), chosen.next()) {
        (None, _) => return Ok(OnConflict::default()),
        (Some(name), None) => name,
        (Some(_), Some(_)) => return Err(wrong(given_again(ON_CONFLICT))),
    };
    let found = OnConflict::NAMES.iter().find(|(known, _)| *known == name);
    found.map(|(_, on_conflict)| *on_conflict).ok_or_else(|| {
        let names = OnConflict::NAMES.map(|(name, _)| name).join(", ");
        wrong(format!("write one of {names}"))
    })
}
