//! The storage in the settings.

use std::sync::Arc;

use secrecy::ExposeSecret;

use super::output::CliError;
use crate::logging::one_line;
use crate::repository::{self, Storage};
use crate::settings::Settings;
use crate::use_cases::{RoomRepository, readiness};

/// The storage in the settings, with the password from its file.
pub fn storage(settings: &Settings) -> Result<Box<dyn Storage>, CliError> {
    let mut storage = repository::storage(settings.database.url.expose_secret())?;
    if let Some(password) = settings.database.password()? {
        storage.set_password(password)?;
    }
    Ok(storage)
}

/// A repository that is known to respond.
pub fn open_ready(settings: &Settings) -> Result<Arc<dyn RoomRepository>, CliError> {
    let storage = storage(settings)?;
    // Not through the pool, which would retry for a while before it gives the reason.
    storage.status()?;
    let repository = storage.open(settings);
    readiness(repository.as_ref()).map_err(|failure| {
        CliError(format!("cannot read rooms from {storage}: {}", one_line(&failure)))
    })?;
    Ok(repository)
}
