//! The one URL that chooses where rooms are kept.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

#[cfg(feature = "mongodb")]
use super::MongoUrl;
use super::PostgresUrl;

/// Where rooms are kept, read from a URL. Its text never shows a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `memory:` keeps nothing.
    Memory,
    /// `sqlite:PATH`, one file.
    Sqlite(SqlitePath),
    /// `postgres://USER@HOST[:PORT]/DATABASE[?…]`.
    Postgres(PostgresUrl),
    /// `mongodb://HOST[:PORT]/DATABASE[?…]`.
    #[cfg(feature = "mongodb")]
    Mongo(MongoUrl),
}

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        // Nothing of the URL is repeated but its scheme: the rest may hold a password.
        let (scheme, rest) = url.split_once(':').unwrap_or(("", ""));
        match scheme {
            "memory" if rest.is_empty() => Ok(Self::Memory),
            "memory" => Err(InvalidDatabaseUrl::new("memory: takes nothing after the colon")),
            "sqlite" => SqlitePath::parse(rest).map(Self::Sqlite),
            // libpq reads both spellings.
            "postgres" | "postgresql" => match rest.strip_prefix("//") {
                Some(rest) => PostgresUrl::parse(rest).map(Self::Postgres),
                None => Err(InvalidDatabaseUrl::new("after postgres: come two slashes")),
            },
            #[cfg(feature = "mongodb")]
            "mongodb" => match rest.strip_prefix("//") {
                Some(rest) => MongoUrl::parse(rest).map(Self::Mongo),
                None => Err(InvalidDatabaseUrl::new("after mongodb: come two slashes")),
            },
            #[cfg(not(feature = "mongodb"))]
            "mongodb" => Err(InvalidDatabaseUrl::new(
                "this rentomatic was built without MongoDB: build it with --features mongodb",
            )),
            "mongodb+srv" => Err(InvalidDatabaseUrl::new(
                "mongodb+srv: is not known: write mongodb:// and the hosts, with commas between, and \
                 ?tls=true&replicaSet=NAME after the database",
            )),
            _ if is_scheme(scheme) => {
                Err(InvalidDatabaseUrl::new(format!("the scheme {scheme}: is not known")))
            }
            _ => Err(InvalidDatabaseUrl::new("it does not begin with a scheme")),
        }
    }
}

/// A scheme as RFC 3986 (section 3.1) has it; anything else might be part of a password.
fn is_scheme(text: &str) -> bool {
    text.len() <= 20
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory:"),
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.as_path().display()),
            Self::Postgres(url) => url.fmt(f),
            #[cfg(feature = "mongodb")]
            Self::Mongo(url) => url.fmt(f),
        }
    }
}

/// The path of an SQLite file; relative ones start at the working directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlitePath(PathBuf);

impl SqlitePath {
    fn parse(path: &str) -> Result<Self, InvalidDatabaseUrl> {
        let wrong = |what: &str| Err(InvalidDatabaseUrl::new(what));
        match path {
            "" => wrong("after sqlite: comes the path of a file"),
            ":memory:" => wrong("SQLite in memory is lost with its connection: use memory:"),
            _ if path.starts_with("file:") => wrong("after sqlite: comes a path, not another URL"),
            _ if path.contains('\0') => wrong("a path has no NUL character"),
            _ if path.starts_with("//") && !path.starts_with("///") => {
                wrong("after sqlite: comes a path, without two slashes before it")
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

/// How a third one is written, if this program has it.
const MONGODB: &str =
    if cfg!(feature = "mongodb") { "mongodb://HOST[:PORT]/DATABASE, " } else { "" };

/// A database URL that cannot be read, and why. It holds no part of the URL but the scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidDatabaseUrl(String);

impl InvalidDatabaseUrl {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for InvalidDatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the database URL cannot be used: {}. It is one of sqlite:PATH, \
             postgres://USER@HOST[:PORT]/DATABASE, {MONGODB}memory:",
            self.0
        )
    }
}

impl Error for InvalidDatabaseUrl {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_storages_are_told_apart_by_the_scheme() {
        assert_eq!("memory:".parse(), Ok(DatabaseUrl::Memory));
        let Ok(DatabaseUrl::Sqlite(path)) = "sqlite:data/rooms.db".parse() else { panic!() };
        assert_eq!(path.as_path(), Path::new("data/rooms.db"));
        for scheme in ["postgres", "postgresql"] {
            let url = format!("{scheme}://rent@db/rooms");
            let Ok(DatabaseUrl::Postgres(url)) = url.parse() else { panic!() };
            assert_eq!(url.database(), "rooms");
        }
    }

    #[test]
    fn any_other_scheme_is_refused_with_those_that_are_known() {
        for url in ["mysql://root@db/rooms", "redis://db/rooms", "", "rooms.db", "s3cr:t@x"] {
            let error = url.parse::<DatabaseUrl>().unwrap_err().to_string();
            for known in ["sqlite:PATH", "postgres://", MONGODB, "memory:"] {
                assert!(error.contains(known), "{error}");
            }
        }
    }

    #[test]
    fn a_path_that_would_surprise_is_refused() {
        for url in ["sqlite:", "sqlite::memory:", "sqlite://rooms.db", "sqlite:file:x", "memory:x"]
        {
            assert!(url.parse::<DatabaseUrl>().is_err(), "{url}");
        }
        assert!("sqlite:///var/lib/rooms.db".parse::<DatabaseUrl>().is_ok());
    }
}
