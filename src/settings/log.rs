//! What is logged, and how.

use log::LevelFilter;
use serde::Deserialize;

/// What is logged, and how.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogSettings {
    /// How a line is written.
    pub format: LogFormat,
    /// Which lines are written.
    pub level: LogLevels,
    /// Whether lines have the address of the client.
    pub client_addresses: bool,
}

/// Which log lines are written, in the syntax of `env_logger`: `LEVEL` and `MODULE=LEVEL`, separated by
/// commas.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct LogLevels(String);

impl LogLevels {
    /// The text form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for LogLevels {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        // env_logger takes an unknown level for a module's name, and then logs nothing else.
        let is_level = |level: &str| level.trim().parse::<LevelFilter>().is_ok();
        let is_valid = text.split(',').all(|directive| match directive.split_once('=') {
            Some((module, level)) => !module.trim().is_empty() && is_level(level),
            None => is_level(directive),
        });
        if is_valid {
            Ok(Self(text))
        } else {
            Err(
                "write error, warn, info, debug, trace or off, or MODULE=LEVEL, separated by commas",
            )
        }
    }
}

/// How a log line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

impl TryFrom<String> for LogFormat {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        match name.as_str() {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("write text or json"),
        }
    }
}
