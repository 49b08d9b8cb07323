//! Why a command on a storage failed.

use std::error::Error;
use std::fmt;

/// Why a storage could not be opened, created or migrated: one line for an operator, with what is wrong
/// and how to fix it. It contains no password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageError {
    message: String,
    is_transient: bool,
}

impl StorageError {
    /// An error that stays until somebody fixes its cause.
    pub(super) fn permanent(message: impl Into<String>) -> Self {
        Self { message: message.into(), is_transient: false }
    }

    /// An error that may pass by itself if `is_transient`.
    pub(super) fn new(message: impl Into<String>, is_transient: bool) -> Self {
        Self { message: message.into(), is_transient }
    }

    /// Whether a retry may succeed, because the storage could not be reached at all.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.is_transient
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for StorageError {}
