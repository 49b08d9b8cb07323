//! `POST /rooms/import`: many rooms in one file, all of them or none.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Seek, Write};
use std::pin::pin;
use std::time::Duration;

use actix_web::error::PayloadError;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::rt::time::timeout;
use actix_web::web::{self, Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream::{Stream, TryStreamExt, try_unfold};
use serde::Serialize;
use utoipa::ToSchema;

use super::body::{check_length, media_type};
use super::limits::Limits;
use super::owner::Owner;
use super::problem::Problem;
use super::{Catalogue, import_form, query, unless_system};
use crate::representation::rows::RowFormat;
use crate::use_cases::{
    Failure, ImportReport, InvalidParameter, OnConflict, RoomRepository, given_again, room_import,
};

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
    owner: Result<Owner, Problem>,
    request: HttpRequest,
    catalogue: web::Data<Catalogue>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    if import_form::is_sent(&request) {
        return import_form::import(owner, &request, &catalogue, payload).await;
    }
    let Owner = owner?;
    let media_types = RowFormat::ALL.map(RowFormat::media_type);
    let written = media_type(&request, &media_types)?;
    let format = RowFormat::ALL.into_iter().find(|format| format.media_type() == written);
    let format = format.ok_or_else(|| Problem::unsupported_media_type(&media_types))?;
    let on_conflict = on_conflict_of(request.query_string())?;
    let limits = catalogue.limits;
    check_length(&request, limits.import)?;
    let content = bounded(payload, limits.import, limits.patience);
    let file = receive(content.map_err(|error| interrupted(&error, limits))).await?;
    let report = run(&catalogue, file, format, on_conflict).await??;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(ImportResult::from(report)))
}

/// Imports a file.
pub async fn run(
    catalogue: &Catalogue,
    mut file: File,
    format: RowFormat,
    on_conflict: OnConflict,
) -> Result<Result<ImportReport, Failure>, Problem> {
    let import = move |repository: &dyn RoomRepository| {
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
            None => unless_system(outcome),
        }
    };
    catalogue.ask_within(catalogue.import_timeout, import).await
}

/// A body, as long as it has no more bytes than that, and no part of it is waited for too long.
pub fn bounded(
    payload: Payload,
    limit: usize,
    patience: Duration,
) -> impl Stream<Item = Result<Bytes, PayloadError>> {
    try_unfold((payload, 0), move |(mut payload, before)| async move {
        let next = timeout(patience, payload.try_next()).await;
        let next = next.map_err(|_| PayloadError::Io(ErrorKind::TimedOut.into()))??;
        let Some(part) = next else { return Ok(None) };
        let length = before + part.len();
        if length > limit {
            Err(PayloadError::Overflow)
        } else {
            Ok(Some((part, (payload, length))))
        }
    })
}

/// Why a body did not come.
pub fn interrupted(error: &PayloadError, limits: Limits) -> Problem {
    match error {
        PayloadError::Overflow => Problem::too_large(limits.import),
        PayloadError::Io(error) if error.kind() == ErrorKind::TimedOut => {
            Problem::too_slow(limits.patience)
        }
        error => Problem::bad_request(&format!("body: {error}")),
    }
}

/// Puts a file on the disk.
pub async fn receive(content: impl Stream<Item = Result<Bytes, Problem>>) -> Result<File, Problem> {
    let mut file = web::block(tempfile::tempfile)
        .await
        .map_err(|error| Problem::internal(&error))?
        .map_err(|error| Problem::internal(&error))?;
    let mut content = pin!(content);
    while let Some(part) = content.try_next().await? {
        file.write_all(&part).map_err(|error| Problem::internal(&error))?;
    }
    Ok(file)
}

/// What a query says about rooms whose code is taken.
fn on_conflict_of(query: &str) -> Result<OnConflict, Failure> {
    let mut chosen =
        query::parameters(query).filter_map(|(name, value)| (name == ON_CONFLICT).then_some(value));
    match (chosen.next(), chosen.next()) {
        (None, _) => Ok(OnConflict::default()),
        (Some(name), None) => on_conflict(&name),
        (Some(_), Some(_)) => Err(wrong_choice(given_again(ON_CONFLICT))),
    }
}

/// What this name says about rooms whose code is taken.
pub fn on_conflict(name: &str) -> Result<OnConflict, Failure> {
    let found = OnConflict::NAMES.iter().find(|(known, _)| *known == name);
    found.map(|(_, on_conflict)| *on_conflict).ok_or_else(|| {
        let names = OnConflict::NAMES.map(|(name, _)| name).join(", ");
        wrong_choice(format!("write one of {names}"))
    })
}

fn wrong_choice(message: String) -> Failure {
    Failure::Parameters(vec![InvalidParameter { name: ON_CONFLICT.to_owned(), message }])
}
