//! `rentomatic init-db`

use super::error::CliError;
use super::output::say;
use super::storage::storage;
use crate::settings::Settings;

pub fn run(settings: &Settings) -> Result<(), CliError> {
    let storage = storage(settings)?;
    let result = if storage.create()? { "created" } else { "exists already" };
    Ok(say(&format!("{storage}: {result}\n"))?)
}
