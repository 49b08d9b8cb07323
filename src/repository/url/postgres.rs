//! The URL of a PostgreSQL database.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::InvalidDatabaseUrl;
use super::authority::{Host, ServerUrl};
use super::libpq;

/// The parameters whose values are shown. The value of any other may be a secret.
const HARMLESS: [&str; 9] = [
    "application_name",
    "connect_timeout",
    "fallback_application_name",
    "host",
    "hostaddr",
    "load_balance_hosts",
    "port",
    "sslmode",
    "target_session_attrs",
];

/// A PostgreSQL connection URI with several hosts and any parameter that libpq knows (PostgreSQL
/// documentation, "Connection URIs"). Its text never shows a password.
#[derive(Debug, Clone)]
pub struct PostgresUrl(ServerUrl);

impl PostgresUrl {
    /// The form of its URL.
    pub const FORM: &str = "postgres://USER@HOST[:PORT]/DATABASE";

    /// Parses the part after `postgres:`.
    pub fn parse(rest: &str) -> Result<Self, InvalidDatabaseUrl> {
        let mut parts = ServerUrl::parse(rest)?;
        parts.user = parts.user.filter(|user| !user.is_empty());
        let parameters = std::mem::take(&mut parts.parameters);
        let mut url = Self(parts);
        for (name, value) in parameters {
            match name.as_str() {
                "dbname" => value.expose_secret().clone_into(&mut url.0.database),
                "user" => url.0.user = Some(value.expose_secret().to_owned()),
                "password" => url.0.password = Some(value),
                // libpq accepts this for compatibility with JDBC.
                "ssl" if value.expose_secret() == "true" => url.set("sslmode", "require".into()),
                name => {
                    libpq::check(name, value.expose_secret())?;
                    url.set(name, value);
                }
            }
        }
        url.0.check_database("PostgreSQL")?;
        Ok(url)
    }

    /// The name of the database.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.0.database
    }

    /// The same server with another database.
    #[must_use]
    pub fn with_database(&self, name: &str) -> Self {
        Self(ServerUrl { database: name.to_owned(), ..self.0.clone() })
    }

    /// Adds the password from its file.
    pub fn add_password(&mut self, password: SecretString) -> Result<(), InvalidDatabaseUrl> {
        self.0.set_password(password)
    }

    /// The same URL with a parameter, unless the URL sets it already.
    #[must_use]
    pub fn with_default(mut self, name: &str, value: &str) -> Self {
        if !self.0.parameters.iter().any(|(known, _)| known == name) {
            self.set(name, value.into());
        }
        self
    }

    /// Whether the URL's `options`, which set server settings for a connection, contain this word.
    pub fn sets_option(&self, word: &str) -> bool {
        // `-c lock_timeout=1s`, `-clock_timeout=1s` and `--lock-timeout=1s` set lock_timeout.
        let is_set = |options: &str| {
            options.split_whitespace().any(|text| {
                let flagless = text.strip_prefix("--").or_else(|| text.strip_prefix("-c"));
                let name = flagless.unwrap_or(text).split('=').next().unwrap_or_default();
                name.replace('-', "_").eq_ignore_ascii_case(word)
            })
        };
        let mut parameters = self.0.parameters.iter();
        parameters.any(|(name, value)| name == "options" && is_set(value.expose_secret()))
    }

    /// Sets a parameter; libpq uses the last of several.
    fn set(&mut self, name: &str, value: SecretString) {
        self.0.parameters.retain(|(known, _)| known != name);
        self.0.parameters.push((name.to_owned(), value));
    }

    /// The keyword form for libpq, with the password (PostgreSQL documentation, "Keyword/Value
    /// Connection Strings"). An error of libpq would repeat the whole of a URI that it cannot parse.
    #[must_use]
    pub fn to_libpq(&self) -> SecretString {
        let ServerUrl { user, password, hosts, database, parameters } = &self.0;
        let join = |part: fn(&Host) -> &str| {
            let parts: Vec<_> = hosts.iter().map(part).collect();
            Some(parts.join(",")).filter(|_| parts.iter().any(|part| !part.is_empty()))
        };
        let names = join(|host| &host.name);
        let ports = join(|host| &host.port);
        let keywords = [
            ("dbname", Some(database.as_str())),
            ("host", names.as_deref()),
            ("port", ports.as_deref()),
            ("user", user.as_deref()),
            ("password", password.as_ref().map(ExposeSecret::expose_secret)),
        ];
        let keywords = keywords.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let given = parameters.iter().map(|(name, value)| (name.as_str(), value.expose_secret()));
        let quoted = |(name, value): (&str, &str)| {
            format!("{name}='{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
        };
        keywords.chain(given).map(quoted).collect::<Vec<_>>().join(" ").into()
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.redacted("postgres", &HARMLESS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn postgres(url: &str) -> PostgresUrl {
        PostgresUrl::parse(url.strip_prefix("postgres:").unwrap()).unwrap()
    }

    fn libpq(url: &PostgresUrl) -> String {
        url.to_libpq().expose_secret().to_owned()
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
            assert_eq!(libpq(&postgres(url)), keywords);
        }
        let mut url = postgres("postgres://rent@db/rooms");
        url.add_password("p w/'".into()).unwrap();
        assert!(libpq(&url).ends_with(r"password='p w/\''"), "{url}");
    }

    #[test]
    fn a_database_may_have_any_name_that_postgresql_allows() {
        let longest = "x".repeat(63);
        for (written, name) in [
            ("My%20%22Rooms%22", "My \"Rooms\""),
            ("z%C3%BCrich", "zürich"),
            (longest.as_str(), longest.as_str()),
            ("?dbname=rooms", "rooms"),
        ] {
            let url = postgres(&format!("postgres://db/{written}"));
            assert_eq!(url.database(), name);
            assert_eq!(libpq(&postgres(&url.to_string())), libpq(&url));
        }
    }

    #[test]
    fn the_url_overrides_a_default() {
        let url = postgres("postgres://db/rooms?connect_timeout=30");
        let url = url.with_default("connect_timeout", "5").with_default("keepalives_idle", "9");
        assert!(libpq(&url).ends_with("connect_timeout='30' keepalives_idle='9'"));
    }
}
