//! What the use cases that write one room share.

use crate::entities::{Room, RoomCode};
use crate::use_cases::{Change, Failure, RepositoryError, RoomRepository};

/// Whether a room is in the state that the caller expects (optimistic locking).
pub type Expectation = dyn Fn(Option<&Room>) -> bool + Send + Sync;

/// Expects nothing.
#[must_use]
pub fn no_precondition(_: Option<&Room>) -> bool {
    true
}

/// Changes a room as `decide` says, given the room as it is now, while nobody else changes it.
/// `decide` is called again if another writer was faster.
pub(super) fn write<T>(
    repository: &dyn RoomRepository,
    code: RoomCode,
    expected: &Expectation,
    mut decide: impl FnMut(Option<&Room>) -> Result<(Change, T), Failure>,
) -> Result<T, Failure> {
    let mut outcome = None;
    repository.change(code, &mut |now| {
        let decision = if expected(now) { decide(now) } else { Err(Failure::Precondition) };
        match decision {
            Ok((change, result)) => {
                outcome = Some(Ok(result));
                change
            }
            Err(failure) => {
                outcome = Some(Err(failure));
                Change::Keep
            }
        }
    })?;
    outcome.unwrap_or_else(|| {
        Err(RepositoryError::Failed("the repository did not call `decide`".into()).into())
    })
}

/// No room has this code.
pub(super) fn absent(code: RoomCode) -> Failure {
    Failure::Resource(format!("There is no room with the code {code}"))
}
