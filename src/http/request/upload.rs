//! A file of rooms that a client uploads, which goes to the disk, not into memory, and what the client
//! chooses for its import.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::pin::pin;
use std::time::Duration;

use actix_web::error::PayloadError;
use actix_web::rt::time::timeout;
use actix_web::web::{self, Bytes, Payload};
use futures_util::stream::{Stream, TryStreamExt, try_unfold};

use super::query::pairs;
use crate::formats::reading::query::given_again;
use crate::formats::reading::{ImportChoices, UnknownColumns, in_temporary_folder, temporary_file};
use crate::http::limits::Limits;
use crate::http::problem::Problem;
use crate::use_cases::{Failure, InvalidParameter, OnConflict};

/// The parameter that says what to do with rooms whose code is taken.
pub const ON_CONFLICT: &str = "on_conflict";

/// The parameter that says what to do with columns that are not fields.
pub const COLUMNS: &str = "columns";

/// How many bytes of a file are written at once.
const WRITTEN_AT_ONCE: usize = 256 * 1024;

/// How many parts of a file are received before they are written, however small they are, so that other
/// requests are served meanwhile.
const PARTS_AT_ONCE: usize = 1_000;

/// A body of at most `limit` bytes, no part of which takes longer than `part_timeout`.
pub fn bounded(
    payload: Payload,
    limit: usize,
    part_timeout: Duration,
) -> impl Stream<Item = Result<Bytes, PayloadError>> {
    try_unfold((payload, 0), move |(mut payload, received)| async move {
        let next = timeout(part_timeout, payload.try_next()).await;
        let next = next.map_err(|_| PayloadError::Io(ErrorKind::TimedOut.into()))??;
        let Some(part) = next else { return Ok(None) };
        let length = received + part.len();
        if length > limit {
            Err(PayloadError::Overflow)
        } else {
            Ok(Some((part, (payload, length))))
        }
    })
}

/// The reason why a body did not arrive.
pub fn interrupted(error: &PayloadError, limits: Limits) -> Problem {
    match error {
        PayloadError::Overflow => Problem::too_large(limits.import),
        PayloadError::Io(error) if error.kind() == ErrorKind::TimedOut => {
            Problem::too_slow(limits.body_timeout)
        }
        error => Problem::bad_request(&format!("body: {error}")),
    }
}

/// Stores a body in a temporary file. It is written on a thread for blocking work, so that other requests
/// do not wait for the disk.
pub async fn receive(content: impl Stream<Item = Result<Bytes, Problem>>) -> Result<File, Problem> {
    let created = web::block(temporary_file).await;
    let mut file = created.map_err(|error| Problem::internal(&error))??;
    let mut content = pin!(content);
    let mut buffer = Vec::with_capacity(WRITTEN_AT_ONCE);
    for parts in 1_usize.. {
        let part = content.try_next().await?;
        buffer.extend_from_slice(part.as_deref().unwrap_or_default());
        let is_full = buffer.len() >= WRITTEN_AT_ONCE || parts.is_multiple_of(PARTS_AT_ONCE);
        if part.is_some() && !is_full {
            continue;
        }
        let write = move || {
            file.write_all(&buffer)?;
            buffer.clear();
            Ok::<_, io::Error>((file, buffer))
        };
        let written = web::block(write).await.map_err(|error| Problem::internal(&error))?;
        (file, buffer) = written.map_err(|error| in_temporary_folder(&error))?;
        if part.is_none() {
            break;
        }
    }
    Ok(file)
}

/// What the client chooses for an import, in a query.
pub fn choices_in(query: &str) -> Result<ImportChoices, Failure> {
    let value = |wanted: &str| {
        let mut values = pairs(query).filter(|(name, _)| name == wanted).map(|(_, value)| value);
        let value = values.next();
        match values.next() {
            None => Ok(value),
            Some(_) => Err(invalid_choice(wanted, given_again(wanted))),
        }
    };
    let on_conflict = value(ON_CONFLICT)
        .and_then(|name| name.map_or(Ok(OnConflict::default()), |name| on_conflict(&name)));
    let columns = value(COLUMNS)
        .and_then(|name| name.map_or(Ok(UnknownColumns::default()), |name| unknown_columns(&name)));
    match (on_conflict, columns) {
        (Ok(on_conflict), Ok(columns)) => Ok(ImportChoices { on_conflict, columns }),
        (on_conflict, columns) => Err(Failure::Parameters(
            [on_conflict.err(), columns.err()].into_iter().flatten().collect(),
        )),
    }
}

/// What to do with rooms whose code is taken, by its name.
pub fn on_conflict(name: &str) -> Result<OnConflict, InvalidParameter> {
    let names = OnConflict::NAMES.map(|(name, _)| name);
    OnConflict::named(name).ok_or_else(|| invalid_choice(ON_CONFLICT, one_of(&names)))
}

/// What to do with columns that are not fields, by its name.
pub fn unknown_columns(name: &str) -> Result<UnknownColumns, InvalidParameter> {
    let names = UnknownColumns::NAMES.map(|(name, _)| name);
    UnknownColumns::named(name).ok_or_else(|| invalid_choice(COLUMNS, one_of(&names)))
}

fn one_of(names: &[&str]) -> String {
    format!("write one of {}", names.join(", "))
}

fn invalid_choice(name: &str, message: String) -> InvalidParameter {
    InvalidParameter { name: name.to_owned(), message }
}
