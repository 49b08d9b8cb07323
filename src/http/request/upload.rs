//! A file of rooms that a client uploads, which goes to the disk, not into memory, and what to do with rooms
//! whose code is taken.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::pin::pin;
use std::time::Duration;

use actix_web::error::PayloadError;
use actix_web::rt::time::timeout;
use actix_web::web::{self, Bytes, Payload};
use futures_util::stream::{Stream, TryStreamExt, try_unfold};

use super::query::pairs;
use crate::formats::reading::query::given_again;
use crate::formats::reading::{in_temporary_folder, temporary_file};
use crate::http::limits::Limits;
use crate::http::problem::Problem;
use crate::use_cases::{Failure, InvalidParameter, OnConflict};

/// The parameter that says what to do with rooms whose code is taken.
pub const ON_CONFLICT: &str = "on_conflict";

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

/// Stores a body in a temporary file.
pub async fn receive(content: impl Stream<Item = Result<Bytes, Problem>>) -> Result<File, Problem> {
    let created = web::block(temporary_file).await;
    let mut file = created.map_err(|error| Problem::internal(&error))??;
    let mut content = pin!(content);
    while let Some(part) = content.try_next().await? {
        file.write_all(&part).map_err(|error| in_temporary_folder(&error))?;
    }
    Ok(file)
}

/// What to do with rooms whose code is taken, according to a query.
pub fn on_conflict_in(query: &str) -> Result<OnConflict, Failure> {
    let mut values = pairs(query).filter(|(name, _)| name == ON_CONFLICT).map(|(_, value)| value);
    match (values.next(), values.next()) {
        (None, _) => Ok(OnConflict::default()),
        (Some(name), None) => on_conflict(&name),
        (Some(_), Some(_)) => Err(invalid_choice(given_again(ON_CONFLICT))),
    }
}

/// What to do with rooms whose code is taken, by its name.
pub fn on_conflict(name: &str) -> Result<OnConflict, Failure> {
    OnConflict::named(name).ok_or_else(|| {
        let names = OnConflict::NAMES.map(|(name, _)| name).join(", ");
        invalid_choice(format!("write one of {names}"))
    })
}

fn invalid_choice(message: String) -> Failure {
    Failure::Parameters(vec![InvalidParameter { name: ON_CONFLICT.to_owned(), message }])
}
