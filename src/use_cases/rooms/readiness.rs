//! Check whether rooms can be read.

use crate::use_cases::{Failure, RoomRepository, Wear};

/// Checks that the repository responds and is migrated.
///
/// # Errors
///
/// [`Failure::System`] with the reason if it is not.
pub fn readiness(repository: &dyn RoomRepository) -> Result<(), Failure> {
    Ok(repository.check()?)
}

/// What will become a problem if nobody does anything about it.
///
/// # Errors
///
/// [`Failure::System`] if the repository fails.
pub fn storage_wear(repository: &dyn RoomRepository) -> Result<Wear, Failure> {
    Ok(repository.wear()?)
}
