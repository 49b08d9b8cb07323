//! `rentomatic backup` and `rentomatic restore`

use std::path::PathBuf;

use clap::Args;

use super::output::say;
use super::{Failure, database_url};
use crate::repository;
use crate::settings::Settings;

#[derive(Debug, Args)]
pub struct Arguments {
    /// The file with the copy
    file: PathBuf,
}

pub fn backup(arguments: &Arguments, settings: &Settings) -> Result<(), Failure> {
    repository::backup(&database_url(settings)?, &arguments.file)?;
    Ok(say(&format!("copied all rooms to {}\n", arguments.file.display()))?)
}

pub fn restore(arguments: &Arguments, settings: &Settings) -> Result<(), Failure> {
    let rooms = repository::restore(&database_url(settings)?, &arguments.file)?;
    Ok(say(&format!("restored {rooms} rooms\n"))?)
}
