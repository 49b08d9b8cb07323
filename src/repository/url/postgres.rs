//! The URL of a PostgreSQL database.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::InvalidDatabaseUrl;
use super::authority::{Host, ServerUrl};

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
                name if is_keyword(name) => url.set(name, value),
                _ => {
                    return Err(InvalidDatabaseUrl::new(
                        "write the name of a parameter in lower case letters and _",
                    ));
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
        // Both `-c lock_timeout=1s` and `--lock-timeout=1s` set lock_timeout.
        let is_set = |options: &str| {
            let options = options.replace('-', "_");
            let mut words = options.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            words.any(|one| one.trim_start_matches('_') == word)
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

fn is_keyword(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<PostgresUrl, InvalidDatabaseUrl> {
        PostgresUrl::parse(url.strip_prefix("postgres:").unwrap())
    }

    fn postgres(url: &str) -> PostgresUrl {
        parse(url).unwrap()
    }

    fn libpq(url: &PostgresUrl) -> String {
        url.to_libpq().expose_secret().to_owned()
    }

    #[test]
    fn neither_a_url_nor_an_error_shows_a_password() {
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
        ] {
            let shown = match parse(url) {
                Ok(url) => format!("{url} {url:?}"),
                Err(error) => format!("{error} {error:?}"),
            };
            assert!(!shown.contains("S3cret"), "{shown}");
        }
    }

    #[test]
    fn a_url_is_shown_as_it_was_written() {
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
            assert_eq!(libpq(&postgres(url)), keywords);
        }
    }

    #[test]
    fn a_database_may_have_any_name_that_postgresql_allows() {
        let longest = "x".repeat(63);
        for (written, name) in [
            ("My%20%22Rooms%22", "My \"Rooms\""),
            ("z%C3%BCrich", "zürich"),
            (longest.as_str(), longest.as_str()),
        ] {
            let url = postgres(&format!("postgres://db/{written}"));
            assert_eq!(url.database(), name);
            assert_eq!(libpq(&postgres(&url.to_string())), libpq(&url));
        }
        assert_eq!(postgres("postgres://db/?dbname=rooms").database(), "rooms");
    }

    #[test]
    fn a_name_that_postgresql_does_not_allow_is_refused() {
        let too_long = format!("postgres://db/{}", "x".repeat(64));
        for url in [
            &too_long,
            "postgres://db/a%00b",
            "postgres://db",
            "postgres://db/",
            "postgres://db/%f",
        ] {
            assert!(parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_password_from_a_file_is_added_unless_the_url_has_one() {
        let mut url = postgres("postgres://rent@db/rooms");
        url.add_password("p w/'".into()).unwrap();
        assert!(libpq(&url).ends_with(r"password='p w/\''"), "{url}");
        for url in ["postgres://rent:x@db/rooms", "postgres://rent@db/rooms?password=x"] {
            assert!(postgres(url).add_password("y".into()).is_err(), "{url}");
        }
    }

    #[test]
    fn the_url_overrides_a_default() {
        let url = postgres("postgres://db/rooms?connect_timeout=30");
        let url = url.with_default("connect_timeout", "5").with_default("keepalives_idle", "9");
        assert!(libpq(&url).ends_with("connect_timeout='30' keepalives_idle='9'"));
    }
}
