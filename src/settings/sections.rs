//! The sections of the settings.

use std::net::SocketAddr;
use std::num::{NonZeroU16, NonZeroU32};
use std::path::PathBuf;
use std::str::FromStr;

use secrecy::SecretString;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::{
    HostNames, LogSettings, MapSettings, PlacesSettings, SettingsError, SiteSettings,
    TrustedProxies, WriteSettings, address, secret_file,
};

/// All settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The address and the limits of the server.
    pub server: ServerSettings,
    /// Where rooms are stored.
    pub database: DatabaseSettings,
    /// The cache of responses.
    pub cache: CacheSettings,
    /// Who may write.
    pub writes: WriteSettings,
    /// What the pages say about the site.
    pub site: SiteSettings,
    /// The background of the map.
    pub map: MapSettings,
    /// Places by name.
    pub places: PlacesSettings,
    /// What is logged, and how.
    pub log: LogSettings,
}

/// Reads a whole number that has bounds; an error states them.
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

fn deserialize_address<'de, D: Deserializer<'de>>(value: D) -> Result<SocketAddr, D::Error> {
    address(&String::deserialize(value)?).map_err(D::Error::custom)
}

/// The address and the limits of the server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerSettings {
    /// The address and port to listen on; port 0 picks a free one.
    #[serde(deserialize_with = "deserialize_address")]
    pub bind: SocketAddr,
    /// The names by which browsers may address this server, besides `localhost` and IP addresses.
    pub host_names: HostNames,
    /// The proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: TrustedProxies,
    /// Seconds for which browsers shall use HTTPS only; 0 if they may use HTTP.
    #[serde(deserialize_with = "whole::<0, 4294967295, _, _>")]
    pub hsts_max_age_s: u32,
    /// Seconds that running requests have to finish after the server is told to stop.
    #[serde(deserialize_with = "whole::<0, 65535, _, _>")]
    pub shutdown_timeout_s: u16,
    /// Milliseconds that a request may take, including its time in the queue.
    #[serde(deserialize_with = "whole::<1, 4294967295, _, _>")]
    pub request_timeout_ms: NonZeroU32,
    /// Seconds that an import may take after its file has arrived.
    #[serde(deserialize_with = "whole::<1, 65535, _, _>")]
    pub import_timeout_s: NonZeroU16,
    /// Seconds that the head of a request may take to arrive.
    #[serde(deserialize_with = "whole::<1, 65535, _, _>")]
    pub head_timeout_s: NonZeroU16,
    /// Seconds that a body may take to arrive, or the next part of an imported file.
    #[serde(deserialize_with = "whole::<1, 65535, _, _>")]
    pub body_timeout_s: NonZeroU16,
    /// Seconds that an idle connection stays open.
    #[serde(deserialize_with = "whole::<1, 65535, _, _>")]
    pub keep_alive_s: NonZeroU16,
    /// The most bytes of a path with its query.
    #[serde(deserialize_with = "whole::<1, 65535, _, _>")]
    pub max_uri_bytes: NonZeroU16,
    /// The most kibibytes (2¹⁰ bytes) of a room or a form.
    #[serde(deserialize_with = "whole::<1, 65535, _, _>")]
    pub max_body_kib: NonZeroU16,
    /// The most mebibytes (2²⁰ bytes) of an imported file.
    #[serde(deserialize_with = "whole::<1, 65535, _, _>")]
    pub max_import_mib: NonZeroU16,
    /// The most requests in the queue for a connection to the storage.
    #[serde(deserialize_with = "whole::<0, 65535, _, _>")]
    pub queue: u16,
}

/// The cache of responses, which are valid until a room changes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheSettings {
    /// Its size in mebibytes (2²⁰ bytes); 0 turns the cache off.
    #[serde(deserialize_with = "whole::<0, 65535, _, _>")]
    pub max_mib: u16,
}

/// Where rooms are stored.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseSettings {
    /// The storage's URL, as written. It may hold a password.
    pub url: SecretString,
    /// A file that holds the password for the storage; empty if there is none.
    pub password_file: PathBuf,
    /// The most open connections.
    #[serde(deserialize_with = "whole::<1, 65535, _, _>")]
    pub pool_size: NonZeroU16,
    /// Milliseconds to wait for a free connection.
    #[serde(deserialize_with = "whole::<1, 4294967295, _, _>")]
    pub pool_wait_ms: NonZeroU32,
    /// Whether to apply pending migrations before serving.
    pub migrate_on_start: bool,
}

impl DatabaseSettings {
    /// Reads the password from its file, if there is one.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] if the file cannot be read or is empty.
    pub fn password(&self) -> Result<Option<SecretString>, SettingsError> {
        secret_file::read(&self.password_file, "database.password_file")
    }
}
