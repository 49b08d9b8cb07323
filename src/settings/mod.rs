//! The settings: defaults in the binary, then a file, then the environment, then flags; the later
//! one wins, key by key.
//!
//! One struct a concern; `config/default.toml` says what each key means. [`load`] reads them and
//! says where each came from. This module knows nothing of what they are used for.

mod layers;

use std::error::Error;
use std::fmt;
use std::net::SocketAddr;
use std::num::{NonZeroU16, NonZeroU32};
use std::path::PathBuf;

use log::LevelFilter;
use serde::Deserialize;

pub use layers::{Setting, Sources, load};

/// Every setting.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Settings {
    /// How to listen.
    pub server: ServerSettings,
    /// Where rooms are kept.
    pub database: DatabaseSettings,
    /// What is logged, and how.
    pub log: LogSettings,
}

/// How to listen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ServerSettings {
    /// The address and port to listen on; port 0 takes a free one.
    pub bind: SocketAddr,
    /// Seconds that requests under way may take once the server is told to stop.
    pub shutdown_timeout_s: u16,
}

/// Where rooms are kept.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct DatabaseSettings {
    /// The storage's URL, as written. It may hold a password.
    pub url: String,
    /// A file with PostgreSQL's password; empty for none.
    pub password_file: PathBuf,
    /// The most connections kept open.
    pub pool_size: NonZeroU16,
    /// Milliseconds to wait for one of them.
    pub pool_wait_ms: NonZeroU32,
    /// Whether to apply pending migrations before serving.
    pub migrate_on_start: bool,
}

impl fmt::Debug for DatabaseSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseSettings")
            .field("password_file", &self.password_file)
            .field("pool_size", &self.pool_size)
            .field("pool_wait_ms", &self.pool_wait_ms)
            .field("migrate_on_start", &self.migrate_on_start)
            .finish_non_exhaustive()
    }
}

impl DatabaseSettings {
    /// Reads the password from its file, if one is named. A line end after it does not count.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] if the file cannot be read or is empty.
    pub fn password(&self) -> Result<Option<String>, SettingsError> {
        if self.password_file.as_os_str().is_empty() {
            return Ok(None);
        }
        let path = self.password_file.display();
        let text = std::fs::read_to_string(&self.password_file).map_err(|error| {
            SettingsError(format!("cannot read {path}, the database.password_file: {error}"))
        })?;
        match text.trim_end_matches(['\r', '\n']) {
            "" => Err(SettingsError(format!("{path}, the database.password_file, is empty"))),
            password => Ok(Some(password.to_owned())),
        }
    }
}

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LogSettings {
    /// How a line is written.
    pub format: LogFormat,
    /// Which lines are written.
    pub level: LogLevels,
}

/// Which log lines are written, in `env_logger`'s syntax: `LEVEL` and `MODULE=LEVEL` with commas
/// between them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct LogLevels(String);

impl LogLevels {
    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for LogLevels {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        // env_logger takes a word that is no level for a module, and then logs nothing else.
        let is_level = |level: &str| level.trim().parse::<LevelFilter>().is_ok();
        let is_good = text.split(',').all(|directive| match directive.split_once('=') {
            Some((module, level)) => !module.trim().is_empty() && is_level(level),
            None => is_level(directive),
        });
        if is_good {
            Ok(Self(text))
        } else {
            Err(
                "write error, warn, info, debug, trace or off, or MODULE=LEVEL, with commas between",
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
    /// One JSON object a line.
    Json,
}

impl TryFrom<String> for LogFormat {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        match name.as_str() {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("it is text or json"),
        }
    }
}

/// Why the settings cannot be used: the key, where it stands, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError(String);

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for SettingsError {}
