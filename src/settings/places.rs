//! Places by name.

use std::path::PathBuf;

use serde::Deserialize;

/// Places by name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlacesSettings {
    /// A file with the owner's own places; empty if there is none.
    pub file: PathBuf,
}
