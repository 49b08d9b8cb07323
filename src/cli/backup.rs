//! `rentomatic backup` and `rentomatic restore`

use std::path::PathBuf;

use clap::Args;

use super::output::{CliError, say};
use super::storage::storage;
use crate::settings::Settings;

#[derive(Args)]
pub struct Arguments {
    /// The file of the copy
    file: PathBuf,
}

pub fn backup(arguments: &Arguments, settings: &Settings) -> Result<(), CliError> {
    storage(settings)?.backup(&arguments.file)?;
    say(&format!("copied all rooms to {}\n", arguments.file.display()))
}

pub fn restore(arguments: &Arguments, settings: &Settings) -> Result<(), CliError> {
    let rooms = storage(settings)?.restore(&arguments.file)?;
    say(&format!("restored {rooms} rooms\n"))
}
