//! What can be wrong with settings.

use std::error::Error;
use std::fmt;

/// Why the settings cannot be used: the key, where it is set, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError(pub(super) String);

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for SettingsError {}
