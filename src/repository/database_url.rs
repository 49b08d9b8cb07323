//! The one URL that chooses where rooms are kept.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// PostgreSQL cuts longer names off without a word (`NAMEDATALEN - 1`).
const LONGEST_NAME: usize = 63;

/// All but the unreserved characters of RFC 3986 (section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where rooms are kept, read from a URL. Its text never shows a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `memory:` keeps nothing.
    Memory,
    /// `sqlite:PATH`, one file.
    Sqlite(SqlitePath),
    /// `postgres://USER@HOST[:PORT]/DATABASE[?…]`.
    Postgres(PostgresUrl),
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

/// A PostgreSQL connection URI, as libpq reads it: several hosts and any parameter may be given
/// (PostgreSQL documentation, "Connection URIs").
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl {
    /// Percent-encoded, as written.
    user: String,
    password: Option<String>,
    hosts: String,
    /// Decoded.
    database: String,
    /// Name and percent-encoded value, without `dbname`.
    parameters: Vec<(String, String)>,
}

impl PostgresUrl {
    fn parse(rest: &str) -> Result<Self, InvalidDatabaseUrl> {
        // The order in which libpq looks for its separators.
        let (user_info, rest) = match rest.find(['@', '/']) {
            Some(at) if rest[at..].starts_with('@') => (&rest[..at], &rest[at + 1..]),
            _ => ("", rest),
        };
        let (user, password) = match user_info.split_once(':') {
            Some((user, password)) => (user, Some(password.to_owned())),
            None => (user_info, None),
        };
        let (hosts, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        check_hosts(hosts)?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut database = decode(path.strip_prefix('/').unwrap_or(path))?;
        let mut parameters = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').ok_or_else(|| {
                InvalidDatabaseUrl::new("each parameter after the ? is written name=value")
            })?;
            let decoded = decode(value)?;
            if name == "dbname" {
                database = decoded;
            } else {
                parameters.push((name.to_owned(), value.to_owned()));
            }
        }
        check_name(&database)?;
        decode(user_info)?;
        Ok(Self { user: user.to_owned(), password, hosts: hosts.to_owned(), database, parameters })
    }

    /// The name of the database.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The same server, another database.
    #[must_use]
    pub fn with_database(&self, name: &str) -> Self {
        Self { database: name.to_owned(), ..self.clone() }
    }

    /// The same, with a password.
    ///
    /// # Errors
    ///
    /// [`InvalidDatabaseUrl`] if it has one already.
    pub fn with_password(mut self, password: &str) -> Result<Self, InvalidDatabaseUrl> {
        if self.password.is_some() || self.parameter("password").is_some() {
            return Err(InvalidDatabaseUrl::new(
                "it holds a password, and database.password_file names another: remove one",
            ));
        }
        self.parameters.push(("password".to_owned(), encode(password)));
        Ok(self)
    }

    /// The same, with a parameter that holds unless the URL itself says otherwise.
    #[must_use]
    pub fn with_default(mut self, name: &str, value: &str) -> Self {
        if self.parameter(name).is_none() {
            self.parameters.push((name.to_owned(), encode(value)));
        }
        self
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The URI for libpq, password and all.
    #[must_use]
    pub fn to_libpq(&self) -> String {
        self.write(self.password.as_deref(), |_, value| value)
    }

    fn write<'a>(
        &'a self,
        password: Option<&str>,
        shown: impl Fn(&str, &'a str) -> &'a str,
    ) -> String {
        let user_info = match password {
            Some(password) => format!("{}:{password}@", self.user),
            None if self.user.is_empty() => String::new(),
            None => format!("{}@", self.user),
        };
        let parameters: Vec<String> = self
            .parameters
            .iter()
            .map(|(name, value)| format!("{name}={}", shown(name, value)))
            .collect();
        let query = if parameters.is_empty() { "" } else { "?" };
        format!(
            "postgres://{user_info}{}/{}{query}{}",
            self.hosts,
            encode(&self.database),
            parameters.join("&")
        )
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let password = self.password.as_ref().map(|_| "***");
        f.write_str(&self.write(
            password,
            |name, value| {
                if name.contains("password") { "***" } else { value }
            },
        ))
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresUrl({self})")
    }
}

/// Refuses what libpq would refuse in words that repeat it: a piece of a password that was not
/// percent-encoded ends up here.
fn check_hosts(hosts: &str) -> Result<(), InvalidDatabaseUrl> {
    for host in hosts.split(',') {
        let after_address = host.rsplit(']').next().unwrap_or(host);
        let port = after_address.split_once(':').map(|(_, port)| port);
        let readable = match port {
            None | Some("") => true,
            Some(port) => port.parse::<u16>().is_ok_and(|port| port != 0),
        };
        if !readable || host.contains('@') {
            return Err(InvalidDatabaseUrl::new(
                "after the host comes a port from 1 to 65535; in a user name or a password, \
                 write @ as %40, : as %3A, / as %2F",
            ));
        }
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), InvalidDatabaseUrl> {
    match name.len() {
        0 => Err(InvalidDatabaseUrl::new("it names no database: write one after the host's /")),
        1..=LONGEST_NAME => Ok(()),
        length => Err(InvalidDatabaseUrl::new(format!(
            "the database's name has {length} bytes, PostgreSQL takes at most {LONGEST_NAME}"
        ))),
    }
}

fn decode(text: &str) -> Result<String, InvalidDatabaseUrl> {
    let wrong = || InvalidDatabaseUrl::new("a % in it is not followed by a character's UTF-8 code");
    let escapes_are_whole = text
        .split('%')
        .skip(1)
        .all(|after| after.len() > 1 && after.bytes().take(2).all(|b| b.is_ascii_hexdigit()));
    if !escapes_are_whole {
        return Err(wrong());
    }
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| wrong())?;
    if decoded.contains('\0') {
        return Err(InvalidDatabaseUrl::new("a NUL character (%00) cannot be used in it"));
    }
    Ok(decoded.into_owned())
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// A database URL that cannot be read, and why. It holds no part of the URL but the scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidDatabaseUrl(String);

impl InvalidDatabaseUrl {
    fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for InvalidDatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the database URL cannot be used: {}. It is one of sqlite:PATH, \
             postgres://USER@HOST[:PORT]/DATABASE, memory:",
            self.0
        )
    }
}

impl Error for InvalidDatabaseUrl {}

#[cfg(test)]
mod tests {
    use super::*;

    fn postgres(url: &str) -> PostgresUrl {
        match url.parse() {
            Ok(DatabaseUrl::Postgres(url)) => url,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_three_storages_are_told_apart_by_the_scheme() {
        assert_eq!("memory:".parse(), Ok(DatabaseUrl::Memory));
        let Ok(DatabaseUrl::Sqlite(path)) = "sqlite:data/rooms.db".parse() else { panic!() };
        assert_eq!(path.as_path(), Path::new("data/rooms.db"));
        assert_eq!(postgres("postgres://rent@db/rooms").database(), "rooms");
        assert_eq!(postgres("postgresql://rent@db/rooms").database(), "rooms");
    }

    #[test]
    fn any_other_scheme_is_refused_with_those_that_are_known() {
        for url in ["mysql://root@db/rooms", "mongodb://db/rooms", "", "rooms.db", "s3cr:t@x"] {
            let error = url.parse::<DatabaseUrl>().unwrap_err().to_string();
            for known in ["sqlite:PATH", "postgres://", "memory:"] {
                assert!(error.contains(known), "{error}");
            }
        }
    }

    #[test]
    fn no_message_and_no_text_shows_a_password() {
        for url in [
            "postgres://rent:S3cret@db/rooms",
            "postgres://rent@db/rooms?sslmode=require&password=S3cret",
            "postgres://rent:a/S3cret@db/rooms",
            "postgres://rent:a@S3cret:b@db/rooms",
            "postgres://rent:%S3cret@db/rooms",
            "postgres://rent:S3cret@db/",
            "postgres:rent:S3cret@db/",
            "mysql://root:S3cret@db/rooms",
        ] {
            let shown = match url.parse::<DatabaseUrl>() {
                Ok(url) => format!("{url} {url:?}"),
                Err(error) => format!("{error} {error:?}"),
            };
            assert!(!shown.contains("S3cret"), "{shown}");
        }
    }

    #[test]
    fn a_url_goes_to_libpq_as_it_came() {
        for url in [
            "postgres://rent@db/rooms",
            "postgres://rent:p%40ss@db:5433/rooms",
            "postgres://rent@a:5432,b:5433/rooms?target_session_attrs=read-write",
            "postgres:///rooms?host=%2Fvar%2Frun",
            "postgres://rent@[::1]:5432/rooms",
        ] {
            assert_eq!(postgres(url).to_libpq(), url);
        }
    }

    #[test]
    fn a_database_may_have_any_name_that_postgres_can_hold() {
        let longest = "x".repeat(63);
        for (written, name) in [
            ("My%20%22Rooms%22", "My \"Rooms\""),
            ("z%C3%BCrich", "zürich"),
            (longest.as_str(), longest.as_str()),
        ] {
            let url = postgres(&format!("postgres://db/{written}"));
            assert_eq!(url.database(), name);
            assert_eq!(postgres(&url.to_libpq()), url);
        }
        assert_eq!(postgres("postgres://db/?dbname=rooms").database(), "rooms");
    }

    #[test]
    fn a_name_that_postgres_cannot_hold_is_refused() {
        let too_long = format!("postgres://db/{}", "x".repeat(64));
        for url in [
            &too_long,
            "postgres://db/a%00b",
            "postgres://db",
            "postgres://db/",
            "postgres://db/%f",
        ] {
            assert!(url.parse::<DatabaseUrl>().is_err(), "{url}");
        }
    }

    #[test]
    fn a_password_from_a_file_is_passed_on_but_not_beside_another() {
        let url = postgres("postgres://rent@db/rooms").with_password("p w/&").unwrap();
        assert_eq!(url.to_libpq(), "postgres://rent@db/rooms?password=p%20w%2F%26");
        assert!(postgres("postgres://rent:x@db/rooms").with_password("y").is_err());
        assert!(postgres("postgres://rent@db/rooms?password=x").with_password("y").is_err());
    }

    #[test]
    fn a_default_gives_way_to_the_url() {
        let url = postgres("postgres://db/rooms?connect_timeout=30");
        let url = url.with_default("connect_timeout", "5").with_default("keepalives_idle", "9");
        assert_eq!(url.to_libpq(), "postgres://db/rooms?connect_timeout=30&keepalives_idle=9");
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
