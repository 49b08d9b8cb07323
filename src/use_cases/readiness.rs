//! Tell whether rooms can be asked for at all.

use super::{Failure, RoomRepository};

/// Asks the repository whether it could answer.
///
/// # Errors
///
/// [`Failure::System`] with the reason if it could not.
pub fn readiness(repository: &dyn RoomRepository) -> Result<(), Failure> {
    Ok(repository.check()?)
}
