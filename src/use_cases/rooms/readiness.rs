//! Check whether rooms can be read.

use crate::use_cases::{Failure, RoomRepository};

/// Checks that the repository responds and is migrated.
///
/// # Errors
///
/// [`Failure::System`] with the reason if it is not.
pub fn readiness(repository: &dyn RoomRepository) -> Result<(), Failure> {
    Ok(repository.check()?)
}
