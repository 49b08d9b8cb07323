//! `rentomatic config`

use secrecy::ExposeSecret;

use super::output::{CliError, say};
use crate::repository;
use crate::settings::Setting;

pub fn run(settings: &[Setting]) -> Result<(), CliError> {
    let lines = settings.iter().map(|setting| {
        let value = setting.value.expose_secret();
        let shown = if setting.is_secret { redacted(value) } else { value.to_owned() };
        format!("{} = {shown}  # {}\n", setting.key, setting.origin)
    });
    say(&lines.collect::<String>())
}

/// A URL without its password. Anything that is not a URL is hidden completely.
pub fn redacted(value: &str) -> String {
    if value == "\"\"" {
        return value.to_owned();
    }
    let storage = repository::storage(value.trim_matches('"'));
    storage.map_or_else(|_| "\"***\"".to_owned(), |storage| format!("\"{storage}\""))
}
