//! Settings: defaults in the binary, then a file, then the environment, then flags; the later source
//! wins, key by key.
//!
//! There is one struct per section, and `config/default.toml` explains each key. [`load`] reads the
//! settings and reports where each value came from. This module does not know what they are used for.
//! Secrets are [`secrecy`] values, so that no `{:?}` prints one.

mod error;
mod layers;
mod log;
mod map;
mod network;
mod places;
mod secret_file;
mod sections;
mod site;
mod writes;

pub use error::SettingsError;
pub use layers::{Setting, Sources, load};
pub use log::{LogFormat, LogLevels, LogSettings};
pub use map::{MapSettings, TileUrl};
pub use network::{HostNames, TrustedProxies, address};
pub use places::PlacesSettings;
pub use sections::{CacheSettings, DatabaseSettings, ServerSettings, Settings};
pub use site::{Contact, SiteSettings};
pub use writes::{AdminToken, WriteSettings};
