//! `rentomatic config`

use super::Failure;
use super::output::say;
use crate::repository::DatabaseUrl;
use crate::settings::Setting;

pub fn run(settings: &[Setting]) -> Result<(), Failure> {
    let lines: Vec<String> = settings
        .iter()
        .map(|setting| {
            let value = if setting.secret { hidden(&setting.value) } else { setting.value.clone() };
            format!("{} = {value}  # {}\n", setting.key, setting.origin)
        })
        .collect();
    Ok(say(&lines.concat())?)
}

/// A URL without its password; anything that is not even a URL is hidden whole.
fn hidden(value: &str) -> String {
    if value == "\"\"" {
        return value.to_owned();
    }
    let url = value.trim_matches('"').parse::<DatabaseUrl>();
    url.map_or_else(|_| "\"***\"".to_owned(), |url| format!("\"{url}\""))
}
