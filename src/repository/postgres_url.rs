//! The URL of a PostgreSQL database.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::InvalidDatabaseUrl;

/// PostgreSQL cuts longer names off without a word (`NAMEDATALEN - 1`).
const LONGEST_NAME: usize = 63;

/// All but the unreserved characters of RFC 3986 (section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The parameters whose values are shown. Of any other, one cannot know what it holds.
const HARMLESS: [&str; 10] = [
    "application_name",
    "connect_timeout",
    "fallback_application_name",
    "host",
    "hostaddr",
    "load_balance_hosts",
    "port",
    "sslmode",
    "target_session_attrs",
    "user",
];

/// A PostgreSQL connection URI with several hosts and any parameter that libpq knows (PostgreSQL
/// documentation, "Connection URIs"). Its text never shows a password.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl {
    hosts: Vec<Host>,
    database: String,
    /// What libpq calls keywords, and their values, in the order given; the last of several counts.
    parameters: Vec<(String, String)>,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) struct Host {
    name: String,
    port: String,
}

impl PostgresUrl {
    /// Reads what follows `postgres://`, and separates it where libpq would.
    pub(super) fn parse(rest: &str) -> Result<Self, InvalidDatabaseUrl> {
        let (user_info, rest) = match rest.find(['@', '/']) {
            Some(at) if rest[at..].starts_with('@') => (&rest[..at], &rest[at + 1..]),
            _ => ("", rest),
        };
        let (hosts, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        if [hosts, path].iter().any(|part| part.contains('@')) {
            return Err(unescaped());
        }
        let mut url = Self {
            hosts: hosts.split(',').map(Host::parse).collect::<Result<_, _>>()?,
            database: decode(path.strip_prefix('/').unwrap_or(path))?,
            parameters: Vec::new(),
        };
        let (user, password) = match user_info.split_once(':') {
            Some((user, password)) => (user, Some(password)),
            None => (user_info, None),
        };
        if !user.is_empty() {
            url.set("user", decode(user)?);
        }
        if let Some(password) = password {
            url.set("password", decode(password)?);
        }
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').ok_or_else(|| {
                InvalidDatabaseUrl::new("each parameter after the ? is written name=value")
            })?;
            let value = decode(value)?;
            match decode(name)?.as_str() {
                "dbname" => url.database = value,
                // As libpq has it, for the sake of JDBC.
                "ssl" if value == "true" => url.set("sslmode", "require".to_owned()),
                name if is_keyword(name) => url.set(name, value),
                _ => return Err(InvalidDatabaseUrl::new("a parameter's name is a word")),
            }
        }
        check_name(&url.database)?;
        Ok(url)
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
        if self.has("password") {
            return Err(InvalidDatabaseUrl::new(
                "it holds a password, and database.password_file names another: remove one",
            ));
        }
        self.set("password", password.to_owned());
        Ok(self)
    }

    /// The same, with a parameter that holds unless the URL itself says otherwise.
    #[must_use]
    pub fn with_default(mut self, name: &str, value: &str) -> Self {
        if !self.has(name) {
            self.set(name, value.to_owned());
        }
        self
    }

    /// Whether a word is in the URL's `options`, which set what the server knows for a connection.
    pub(super) fn names(&self, word: &str) -> bool {
        // As in `-c lock_timeout=1s` and `--lock-timeout=1s`.
        let is_named = |options: &str| {
            let options = options.replace('-', "_");
            let mut words = options.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            words.any(|one| one.trim_start_matches('_') == word)
        };
        self.parameters.iter().any(|(name, value)| name == "options" && is_named(value))
    }

    fn has(&self, name: &str) -> bool {
        self.parameters.iter().any(|(known, _)| known == name)
    }

    fn set(&mut self, name: &str, value: String) {
        self.parameters.retain(|(known, _)| known != name);
        self.parameters.push((name.to_owned(), value));
    }

    /// The same for libpq, password and all, as a list of keywords (PostgreSQL documentation,
    /// "Keyword/Value Connection Strings"). Of a URI that it cannot read, libpq would repeat all in
    /// its message.
    #[must_use]
    pub fn to_libpq(&self) -> String {
        let join = |of: fn(&Host) -> &str| -> String {
            self.hosts.iter().map(of).collect::<Vec<_>>().join(",")
        };
        let mut keywords = vec![("dbname", self.database.clone())];
        if self.hosts.iter().any(|host| !host.name.is_empty()) {
            keywords.push(("host", join(|host| &host.name)));
        }
        if self.hosts.iter().any(|host| !host.port.is_empty()) {
            keywords.push(("port", join(|host| &host.port)));
        }
        let given = self.parameters.iter().map(|(name, value)| (name.as_str(), value.clone()));
        let quoted = |(name, value): (&str, String)| {
            format!("{name}='{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
        };
        keywords.into_iter().chain(given).map(quoted).collect::<Vec<_>>().join(" ")
    }
}

impl Host {
    pub(super) fn parse(text: &str) -> Result<Self, InvalidDatabaseUrl> {
        let (name, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (address, port) = rest.split_once(']').ok_or_else(unescaped)?;
                let is_address = address.parse::<std::net::Ipv6Addr>().is_ok();
                if !is_address || !(port.is_empty() || port.starts_with(':')) {
                    return Err(unescaped());
                }
                (address, port.strip_prefix(':').unwrap_or(port))
            }
            None => text.split_once(':').unwrap_or((text, "")),
        };
        if !port.is_empty() && !port.parse::<u16>().is_ok_and(|port| port != 0) {
            return Err(unescaped());
        }
        Ok(Self { name: decode(name)?, port: port.to_owned() })
    }
}

/// What ends up where a host should be is often a piece of a password.
pub(super) fn unescaped() -> InvalidDatabaseUrl {
    InvalidDatabaseUrl::new(
        "after the host comes a port from 1 to 65535; in a user name or a password, write @ as %40, \
         : as %3A, / as %2F",
    )
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |name: &str| self.parameters.iter().find(|(known, _)| known == name);
        f.write_str("postgres://")?;
        if let Some((_, user)) = value("user") {
            f.write_str(&encode(user))?;
        }
        if self.has("password") {
            f.write_str(":***")?;
        }
        if self.has("user") || self.has("password") {
            f.write_str("@")?;
        }
        for (index, host) in self.hosts.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let name = if host.name.contains(':') {
                format!("[{}]", host.name)
            } else {
                encode(&host.name)
            };
            let colon = if host.port.is_empty() { "" } else { ":" };
            write!(f, "{comma}{name}{colon}{}", host.port)?;
        }
        write!(f, "/{}", encode(&self.database))?;
        let others =
            self.parameters.iter().filter(|(name, _)| name != "user" && name != "password");
        for (index, (name, value)) in others.enumerate() {
            let separator = if index == 0 { "?" } else { "&" };
            let is_harmless = HARMLESS.contains(&name.as_str());
            let value = if is_harmless { encode(value) } else { "***".to_owned() };
            write!(f, "{separator}{name}={value}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresUrl({self})")
    }
}

fn is_keyword(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
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

pub(super) fn decode(text: &str) -> Result<String, InvalidDatabaseUrl> {
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

pub(super) fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::DatabaseUrl;

    fn postgres(url: &str) -> PostgresUrl {
        match url.parse() {
            Ok(DatabaseUrl::Postgres(url)) => url,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn no_message_and_no_text_shows_a_password() {
        for url in [
            "postgres://rent:S3cret@db/rooms",
            "postgres://rent@db/rooms?sslmode=require&password=S3cret",
            "postgres://rent@db/rooms?pass%77ord=S3cret",
            "postgres://rent@db/rooms?PASSWORD=S3cret",
            "postgres://rent@db/rooms?oauth_client_secret=S3cret",
            "postgres://rent:a/S3cret@db/rooms",
            "postgres://rent:12/S3cret@db/rooms",
            "postgres://rent:a@S3cret:b@db/rooms",
            "postgres://rent:S3cret@[::1]x/rooms",
            "postgres://rent:a@[S3cret]/rooms",
            "postgres://rent:S3cret@[]/rooms",
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
    fn a_url_is_shown_as_it_came() {
        for url in [
            "postgres://rent@db/rooms",
            "postgres://rent@a:5432,b:5433/rooms?target_session_attrs=read-write",
            "postgres:///rooms?host=%2Fvar%2Frun",
            "postgres://rent@[::1]:5432/rooms",
            "postgres://%2Fvar%2Frun/rooms",
        ] {
            assert_eq!(postgres(url).to_string(), url);
        }
        assert_eq!(
            postgres("postgres://rent:x@db/rooms?sslpassword=y&sslmode=disable").to_string(),
            "postgres://rent:***@db/rooms?sslpassword=***&sslmode=disable"
        );
    }

    #[test]
    fn libpq_gets_every_part_quoted() {
        for (url, keywords) in [
            ("postgres://db/rooms", "dbname='rooms' host='db'"),
            (
                "postgres://rent:p%40ss%27%5C@db:5433/rooms",
                r"dbname='rooms' host='db' port='5433' user='rent' password='p@ss\'\\'",
            ),
            (
                "postgres://a:5432,[::1]/r?sslmode=require",
                "dbname='r' host='a,::1' port='5432,' sslmode='require'",
            ),
            (
                "postgres:///r?host=%2Fvar%2Frun&ssl=true",
                "dbname='r' host='/var/run' sslmode='require'",
            ),
        ] {
            assert_eq!(postgres(url).to_libpq(), keywords);
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
            assert_eq!(postgres(&url.to_string()), url);
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
        let url = postgres("postgres://rent@db/rooms").with_password("p w/'").unwrap();
        assert!(url.to_libpq().ends_with(r"password='p w/\''"), "{}", url.to_libpq());
        assert!(postgres("postgres://rent:x@db/rooms").with_password("y").is_err());
        assert!(postgres("postgres://rent@db/rooms?password=x").with_password("y").is_err());
    }

    #[test]
    fn a_default_gives_way_to_the_url() {
        let url = postgres("postgres://db/rooms?connect_timeout=30");
        let url = url.with_default("connect_timeout", "5").with_default("keepalives_idle", "9");
        assert!(url.to_libpq().ends_with("connect_timeout='30' keepalives_idle='9'"));
    }
}
