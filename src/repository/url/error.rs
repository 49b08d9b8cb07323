//! What can be wrong with a database URL.

use std::error::Error;
use std::fmt;

/// Why a database URL cannot be used. It holds no part of the URL that could be a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidDatabaseUrl(String);

impl InvalidDatabaseUrl {
    /// Says what is wrong, and what to write instead.
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }

    /// The same error, followed by a hint.
    pub(crate) fn with_hint(self, hint: &str) -> Self {
        Self(format!("{}. {hint}", self.0))
    }
}

impl fmt::Display for InvalidDatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the database URL cannot be used: {}", self.0)
    }
}

impl Error for InvalidDatabaseUrl {}
