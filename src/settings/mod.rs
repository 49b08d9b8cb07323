//! The settings: defaults in the binary, then a file, then the environment, then flags; the later
//! one wins, key by key.
//!
//! One struct a concern; `config/default.toml` says what each key means. [`load`] reads them and
//! says where each came from. This module knows nothing of what they are used for.

mod layers;
mod map;

use std::error::Error;
use std::fmt;
use std::net::SocketAddr;
use std::num::{NonZeroU16, NonZeroU32};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use log::LevelFilter;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

pub use layers::{Setting, Sources, load};
pub use map::{MapSettings, TileUrl};

/// Every setting.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Settings {
    /// How to listen.
    pub server: ServerSettings,
    /// Where rooms are kept.
    pub database: DatabaseSettings,
    /// What is kept to be given again.
    pub cache: CacheSettings,
    /// Who may write.
    pub writes: WriteSettings,
    /// What lies under the map.
    pub map: MapSettings,
    /// What is logged, and how.
    pub log: LogSettings,
}

/// Reads a whole number that has bounds, and names them if it is outside.
fn whole<'de, const LEAST: u32, const MOST: u32, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr,
{
    let number = i64::deserialize(deserializer)?;
    let is_within = (i64::from(LEAST)..=i64::from(MOST)).contains(&number);
    let read = is_within.then(|| number.to_string().parse().ok()).flatten();
    read.ok_or_else(|| {
        D::Error::custom(format!("it is {number}; write a whole number from {LEAST} to {MOST}"))
    })
}

/// How to listen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ServerSettings {
    /// The address and port to listen on; port 0 takes a free one.
    pub bind: SocketAddr,
    /// Seconds that requests under way may take once the server is told to stop.
    #[serde(deserialize_with = "whole::<0, 65535, _, _>")]
    pub shutdown_timeout_s: u16,
    /// Milliseconds that a request may take, the wait for its turn included.
    #[serde(deserialize_with = "whole::<1, 4294967295, _, _>")]
    pub request_timeout_ms: NonZeroU32,
    /// Seconds that an import may take once its file is there.
    #[serde(deserialize_with = "whole::<1, 65535, _, _>")]
    pub import_timeout_s: NonZeroU16,
    /// Seconds that a request's head may take to arrive.
    #[serde(deserialize_with = "whole::<1, 65535, _, _>")]
    pub head_timeout_s: NonZeroU16,
    /// Seconds that a body may take to arrive, or the next part of a file that is imported.
    #[serde(deserialize_with = "whole::<1, 65535, _, _>")]
    pub body_timeout_s: NonZeroU16,
    /// Seconds that a connection is kept on which nothing is asked.
    #[serde(deserialize_with = "whole::<1, 65535, _, _>")]
    pub keep_alive_s: NonZeroU16,
    /// The most bytes of a path with its query.
    #[serde(deserialize_with = "whole::<1, 65535, _, _>")]
    pub max_uri_bytes: NonZeroU16,
    /// The most kibibytes (2¹⁰ bytes) of a room or a form.
    #[serde(deserialize_with = "whole::<1, 65535, _, _>")]
    pub max_body_kib: NonZeroU16,
    /// The most mebibytes (2²⁰ bytes) of a file that is imported.
    #[serde(deserialize_with = "whole::<1, 65535, _, _>")]
    pub max_import_mib: NonZeroU16,
    /// The most requests that wait for their turn.
    #[serde(deserialize_with = "whole::<0, 65535, _, _>")]
    pub queue: u16,
}

/// Answers that are kept while the rooms do not change.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CacheSettings {
    /// How many mebibytes (2²⁰ bytes) of them; none at 0.
    #[serde(deserialize_with = "whole::<0, 65535, _, _>")]
    pub max_mib: u16,
}

/// Where rooms are kept.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct DatabaseSettings {
    /// The storage's URL, as written. It may hold a password.
    pub url: String,
    /// A file with PostgreSQL's password; empty for none.
    pub password_file: PathBuf,
    /// The most connections kept open.
    #[serde(deserialize_with = "whole::<1, 65535, _, _>")]
    pub pool_size: NonZeroU16,
    /// Milliseconds to wait for one of them.
    #[serde(deserialize_with = "whole::<1, 4294967295, _, _>")]
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
    /// Reads the password from its file, if one is named.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] if the file cannot be read or is empty.
    pub fn password(&self) -> Result<Option<String>, SettingsError> {
        read_secret(&self.password_file, "database.password_file")
    }
}

/// Who may write: whoever shows the admin token. Without one, nobody.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct WriteSettings {
    admin_token: String,
    /// A file with the token; empty for none.
    pub admin_token_file: PathBuf,
}

impl fmt::Debug for WriteSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteSettings")
            .field("admin_token_file", &self.admin_token_file)
            .finish_non_exhaustive()
    }
}

impl WriteSettings {
    /// The token, if one is set.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] if it is set twice, if its file cannot be read, or if it is easily guessed.
    pub fn token(&self) -> Result<Option<AdminToken>, SettingsError> {
        let from_file = read_secret(&self.admin_token_file, "writes.admin_token_file")?;
        let (token, key) = match (self.admin_token.as_str(), from_file) {
            ("", None) => return Ok(None),
            ("", Some(token)) => (token, "writes.admin_token_file"),
            (token, None) => (token.to_owned(), "writes.admin_token"),
            (_, Some(_)) => {
                return Err(SettingsError(
                    "writes.admin_token and writes.admin_token_file are both set: remove one"
                        .to_owned(),
                ));
            }
        };
        AdminToken::new(token).map(Some).map_err(|reason| {
            let how = "`rentomatic token` makes a good one";
            SettingsError(format!("the token of {key} cannot be used: {reason}; {how}"))
        })
    }
}

/// What the owner shows to be allowed to write. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct AdminToken(String);

impl AdminToken {
    /// The fewest characters of a token.
    const SHORTEST: usize = 32;

    /// The fewest different characters of a token.
    const PLAINEST: usize = 10;

    /// Words that stand where a token should be.
    const PLACEHOLDERS: [&str; 6] =
        ["change", "example", "placeholder", "your-", "your_", "secret"];

    /// Takes a token that is not easily guessed.
    ///
    /// # Errors
    ///
    /// Why it is.
    pub fn new(token: String) -> Result<Self, &'static str> {
        let lower = token.to_lowercase();
        let mut characters: Vec<char> = token.chars().collect();
        let length = characters.len();
        characters.sort_unstable();
        characters.dedup();
        if length < Self::SHORTEST {
            Err("it has fewer than 32 characters")
        } else if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            Err("it has a character that is no letter, digit or sign of ASCII")
        } else if characters.len() < Self::PLAINEST
            || Self::PLACEHOLDERS.iter().any(|word| lower.contains(word))
        {
            Err("it looks like a placeholder")
        } else {
            Ok(Self(token))
        }
    }

    /// Its bytes, to be compared in constant time.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for AdminToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AdminToken(***)")
    }
}

/// Reads a secret from its file, if one is named. A line end after it does not count.
fn read_secret(file: &Path, key: &str) -> Result<Option<String>, SettingsError> {
    if file.as_os_str().is_empty() {
        return Ok(None);
    }
    let path = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| SettingsError(format!("cannot read {path}, the {key}: {error}")))?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(SettingsError(format!("{path}, the {key}, is empty"))),
        secret => Ok(Some(secret.to_owned())),
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
