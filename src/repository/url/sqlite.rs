//! The URL of an SQLite database: `sqlite:PATH`.

use std::fmt;
use std::path::{Path, PathBuf};

use super::InvalidDatabaseUrl;

/// The path of an SQLite file. A relative path starts at the working directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlitePath(PathBuf);

impl SqlitePath {
    /// The form of its URL.
    pub const FORM: &str = "sqlite:PATH";

    /// Parses the part after `sqlite:`.
    pub fn parse(path: &str) -> Result<Self, InvalidDatabaseUrl> {
        let wrong = |reason: &str| Err(InvalidDatabaseUrl::new(reason));
        match path {
            "" => wrong("write the path of a file after sqlite:"),
            ":memory:" => wrong("SQLite in memory is lost with its connection: write memory:"),
            _ if path.starts_with("file:") => wrong("write a path after sqlite:, not another URL"),
            _ if path.contains('\0') => wrong("a path cannot contain a NUL character"),
            _ if path.starts_with("//") && !path.starts_with("///") => {
                wrong("write the path after sqlite: without two slashes before it")
            }
            _ => Ok(Self(PathBuf::from(path))),
        }
    }

    /// The path.
    #[must_use]
    pub fn as_path(&self) -> &Path {
        &self.0
    }
}

impl fmt::Display for SqlitePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sqlite:{}", self.0.display())
    }
}
