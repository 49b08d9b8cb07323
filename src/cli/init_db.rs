//! `rentomatic init-db`

use super::output::say;
use super::{Failure, database_url};
use crate::repository;
use crate::settings::Settings;

pub fn run(settings: &Settings) -> Result<(), Failure> {
    let url = database_url(settings)?;
    let done = if repository::create(&url)? { "made" } else { "there already" };
    Ok(say(&format!("{url}: {done}\n"))?)
}
