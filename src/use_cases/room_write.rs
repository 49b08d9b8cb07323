//! What the use cases that change one room have in common.

use super::{Change, Failure, RepositoryError, RoomRepository};
use crate::entities::{Room, RoomCode};

/// Whether what is there is what the caller expects to change.
pub type Expectation = dyn Fn(Option<&Room>) -> bool + Send + Sync;

/// Expects nothing.
#[must_use]
pub fn whatever(_: Option<&Room>) -> bool {
    true
}

/// Lets `work` decide what becomes of a room, by what it is now, while nobody else changes it.
/// `work` may be asked again, if another was faster.
pub(super) fn write<T>(
    repository: &dyn RoomRepository,
    code: RoomCode,
    expected: &Expectation,
    mut work: impl FnMut(Option<&Room>) -> Result<(Change, T), Failure>,
) -> Result<T, Failure> {
    let mut outcome = None;
    repository.change(code, &mut |now| {
        let decision = if expected(now) { work(now) } else { Err(Failure::Precondition) };
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
        Err(RepositoryError::Failed("the repository decided by itself".into()).into())
    })
}

/// No room has this code.
pub(super) fn absent(code: RoomCode) -> Failure {
    Failure::Resource(format!("There is no room with the code {code}"))
}
