//! The URL of a MongoDB database.

use std::fmt;

use mongodb::options::ConnectionString;
use secrecy::{ExposeSecret, SecretString};

use super::InvalidDatabaseUrl;
use super::authority::{Host, ServerUrl, encode, unescaped};

/// The characters that the name of a database cannot contain, on any system that MongoDB runs on.
const FORBIDDEN: &str = "/\\. \"$*<>:|?";

/// The options whose values are shown. The value of any other may be a secret.
const HARMLESS: [&str; 14] = [
    "appname",
    "authmechanism",
    "authsource",
    "connecttimeoutms",
    "directconnection",
    "heartbeatfrequencyms",
    "journal",
    "maxpoolsize",
    "replicaset",
    "retryreads",
    "retrywrites",
    "serverselectiontimeoutms",
    "tls",
    "w",
];

/// A MongoDB connection string (MongoDB documentation, "Connection Strings") with several hosts and any
/// option that the driver knows. Its text never shows a password.
#[derive(Debug, Clone)]
pub struct MongoUrl(ServerUrl);

impl MongoUrl {
    /// The form of its URL.
    pub const FORM: &str = "mongodb://HOST[:PORT]/DATABASE";

    /// Parses the part after `mongodb:`.
    pub fn parse(rest: &str) -> Result<Self, InvalidDatabaseUrl> {
        let mut parts = ServerUrl::parse(rest)?;
        let wrong = |reason: &str| Err(InvalidDatabaseUrl::new(reason));
        if parts.user.as_ref().is_some_and(String::is_empty) {
            return wrong("write a user name before the @");
        }
        parts.password = parts.password.filter(|password| !password.expose_secret().is_empty());
        parts.hosts.iter().try_for_each(check_host)?;
        parts.parameters.iter().try_for_each(|(name, value)| check_option(name, value))?;
        parts.check_database("MongoDB")?;
        if parts.database.contains(|c| FORBIDDEN.contains(c)) {
            return wrong(&format!(
                "the database's name contains one of {FORBIDDEN}, which MongoDB does not allow"
            ));
        }
        let url = Self(parts);
        // Finds what is wrong with several parts together: an option that is given twice, or two that
        // exclude each other.
        match ConnectionString::parse(url.to_driver().expose_secret()) {
            Ok(_) => Ok(url),
            Err(_) => wrong("its options contradict each other"),
        }
    }

    /// The name of the database.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.0.database
    }

    /// Adds the password from its file.
    pub fn add_password(&mut self, password: SecretString) -> Result<(), InvalidDatabaseUrl> {
        self.0.set_password(password)?;
        if self.0.user.is_none() {
            return Err(InvalidDatabaseUrl::new(
                "it names no user for the password in database.password_file: write USER@ before the \
                 host",
            ));
        }
        Ok(())
    }

    /// Whether the connection is encrypted, or never leaves this machine.
    pub fn is_private(&self) -> bool {
        let is_encrypted = |(name, value): &(String, SecretString)| {
            ["tls", "ssl"].contains(&name.to_lowercase().as_str())
                && value.expose_secret() == "true"
        };
        let is_local = |host: &Host| {
            host.name.contains('/') || ["localhost", "127.0.0.1", "::1"].contains(&&*host.name)
        };
        self.0.parameters.iter().any(is_encrypted) || self.0.hosts.iter().all(is_local)
    }

    /// The connection string for the driver, with the password.
    #[must_use]
    pub fn to_driver(&self) -> SecretString {
        self.0.exposed("mongodb")
    }
}

impl fmt::Display for MongoUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.redacted("mongodb", &HARMLESS))
    }
}

fn check_host(host: &Host) -> Result<(), InvalidDatabaseUrl> {
    if host.name.is_empty() {
        return Err(InvalidDatabaseUrl::new("it names no host: write one after the two slashes"));
    }
    let alone = ConnectionString::parse(format!("mongodb://{host}"));
    alone.map(drop).map_err(|_| unescaped())
}

/// The driver knows which options exist.
fn check_option(name: &str, value: &SecretString) -> Result<(), InvalidDatabaseUrl> {
    let value = value.expose_secret();
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphabetic()) {
        return Err(InvalidDatabaseUrl::new("write the name of an option in letters"));
    }
    let reason = match name.to_lowercase().as_str() {
        "readpreference" if value != "primary" => {
            "rooms are read from the primary, which has every acknowledged write: remove \
             readPreference"
        }
        "w" if value == "0" => "w=0 would lose writes silently: remove it",
        "sockettimeoutms" => {
            "socketTimeoutMS is not supported, since every wait has a time-out already: remove it"
        }
        _ => match ConnectionString::parse(format!("mongodb://host/?{name}={}", encode(value))) {
            Ok(_) => return Ok(()),
            Err(_) => &format!("the option {name} is unknown, or cannot have this value"),
        },
    };
    Err(InvalidDatabaseUrl::new(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mongo(url: &str) -> MongoUrl {
        MongoUrl::parse(url.strip_prefix("mongodb:").unwrap()).unwrap()
    }

    fn driver(url: &MongoUrl) -> String {
        url.to_driver().expose_secret().to_owned()
    }

    #[test]
    fn the_driver_gets_the_url_as_it_was_written() {
        for url in [
            "mongodb://db/rooms",
            "mongodb://rent@a:27017,b:27018,[::1]:27019/rooms?replicaSet=rs0&w=majority",
            "mongodb://%2Ftmp%2Fmongodb-27017.sock/rooms",
            "mongodb://db/z%C3%BCrich?tls=true",
            "mongodb://rent:p%40ss@db/rooms?tlsCertificateKeyFile=%2Fkey",
        ] {
            assert_eq!(driver(&mongo(url)), url);
        }
        let mut url = mongo("mongodb://rent@db/rooms");
        url.add_password("p w/@".into()).unwrap();
        assert_eq!(driver(&url), "mongodb://rent:p%20w%2F%40@db/rooms");
    }

    #[test]
    fn a_connection_to_another_machine_is_private_only_with_tls() {
        for (url, is_private) in [
            ("mongodb://localhost:27018/rooms", true),
            ("mongodb://127.0.0.1,[::1]:1/rooms", true),
            ("mongodb://localhost,db/rooms", false),
            ("mongodb://localhost.example/rooms", false),
            ("mongodb://db/rooms?tls=true", true),
            ("mongodb://db/rooms?ssl=false", false),
        ] {
            assert_eq!(mongo(url).is_private(), is_private, "{url}");
        }
    }
}
