//! The URL of a MongoDB database.

use std::fmt;

use mongodb::options::ConnectionString;

use super::InvalidDatabaseUrl;
use super::postgres_url::{Host, decode, encode, unescaped};

/// MongoDB takes no longer names (documentation, "MongoDB Limits and Thresholds").
const LONGEST_NAME: usize = 63;

/// What a database's name cannot hold, on any system that MongoDB runs on.
const FORBIDDEN: &str = "/\\. \"$*<>:|?";

/// The options whose values are shown. Of any other, one cannot know what it holds.
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
#[derive(Clone, PartialEq, Eq)]
pub struct MongoUrl {
    user: Option<String>,
    password: Option<String>,
    /// As written, with their ports.
    hosts: Vec<String>,
    database: String,
    options: Vec<(String, String)>,
}

impl MongoUrl {
    /// Reads what follows `mongodb://`.
    pub(super) fn parse(rest: &str) -> Result<Self, InvalidDatabaseUrl> {
        let (user_info, rest) = match rest.find(['@', '/']) {
            Some(at) if rest[at..].starts_with('@') => (Some(&rest[..at]), &rest[at + 1..]),
            _ => (None, rest),
        };
        let (hosts, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        if [hosts, path].iter().any(|part| part.contains('@')) {
            return Err(unescaped());
        }
        let (user, password) =
            match user_info.map(|info| info.split_once(':').unwrap_or((info, ""))) {
                Some(("", _)) => {
                    return Err(InvalidDatabaseUrl::new("before the @ comes a user's name"));
                }
                Some((user, password)) => (Some(decode(user)?), Some(decode(password)?)),
                None => (None, None),
            };
        let url = Self {
            user,
            password: password.filter(|password| !password.is_empty()),
            hosts: hosts.split(',').map(host).collect::<Result<_, _>>()?,
            database: decode(path.strip_prefix('/').unwrap_or(path))?,
            options: query
                .split('&')
                .filter(|pair| !pair.is_empty())
                .map(option)
                .collect::<Result<_, _>>()?,
        };
        check_name(&url.database)?;
        // What is wrong with several parts together: an option twice, or two that exclude each other.
        let whole = ConnectionString::parse(url.to_driver());
        whole.map_err(|_| InvalidDatabaseUrl::new("its options do not go together"))?;
        Ok(url)
    }

    /// The name of the database.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The same, with a password.
    ///
    /// # Errors
    ///
    /// [`InvalidDatabaseUrl`] if it has one already, or names no user.
    pub fn with_password(self, password: &str) -> Result<Self, InvalidDatabaseUrl> {
        let wrong = |what| Err(InvalidDatabaseUrl::new(what));
        if self.password.is_some() {
            return wrong(
                "it holds a password, and database.password_file names another: remove one",
            );
        }
        if self.user.is_none() {
            return wrong("it names no user for the password in database.password_file");
        }
        Ok(Self { password: Some(password.to_owned()), ..self })
    }

    /// Whether what is sent cannot be read on the way: it is encrypted, or never leaves this machine.
    pub(super) fn is_private(&self) -> bool {
        let is_on = |(name, value): &(String, String)| {
            ["tls", "ssl"].contains(&name.to_lowercase().as_str()) && value == "true"
        };
        let is_here = |host: &String| {
            let is_named = |name: &str| host == name || host.starts_with(&format!("{name}:"));
            host.contains('%') || ["localhost", "127.0.0.1", "[::1]"].into_iter().any(is_named)
        };
        self.options.iter().any(is_on) || self.hosts.iter().all(is_here)
    }

    /// The same for the driver, password and all.
    #[must_use]
    pub fn to_driver(&self) -> String {
        let password = self.password.as_ref().map(|password| format!(":{}", encode(password)));
        self.written(&password.unwrap_or_default(), |_, value| encode(value))
    }

    fn written(&self, password: &str, value: impl Fn(&str, &str) -> String) -> String {
        let user = self.user.as_ref().map(|user| format!("{}{password}@", encode(user)));
        let user = user.unwrap_or_default();
        let mut text =
            format!("mongodb://{user}{}/{}", self.hosts.join(","), encode(&self.database));
        for (index, (name, given)) in self.options.iter().enumerate() {
            let separator = if index == 0 { "?" } else { "&" };
            text.extend([separator, name, "=", &value(name, given)]);
        }
        text
    }
}

impl fmt::Display for MongoUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let password = if self.password.is_some() { ":***" } else { "" };
        f.write_str(&self.written(password, |name, value| {
            let is_harmless = HARMLESS.contains(&name.to_lowercase().as_str());
            if is_harmless { encode(value) } else { "***".to_owned() }
        }))
    }
}

impl fmt::Debug for MongoUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MongoUrl({self})")
    }
}

/// A host as written: a name, an address, or the path of a socket with %2F for each slash.
fn host(text: &str) -> Result<String, InvalidDatabaseUrl> {
    Host::parse(text)?;
    if text.is_empty() || text.starts_with(':') {
        return Err(InvalidDatabaseUrl::new("it names no host: write one after the two slashes"));
    }
    let alone = ConnectionString::parse(format!("mongodb://{text}"));
    alone.map_err(|_| unescaped())?;
    Ok(text.to_owned())
}

/// Reads `name=value`; the driver knows which there are.
fn option(pair: &str) -> Result<(String, String), InvalidDatabaseUrl> {
    let wrong = |what: String| Err(InvalidDatabaseUrl::new(what));
    let Some((name, value)) = pair.split_once('=') else {
        return wrong("each option after the ? is written name=value".to_owned());
    };
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphabetic()) {
        return wrong("an option's name is a word".to_owned());
    }
    let value = decode(value)?;
    match name.to_lowercase().as_str() {
        "readpreference" if value != "primary" => {
            return wrong(
                "rooms are read from the primary, where each write is seen at once: leave \
                 readPreference out"
                    .to_owned(),
            );
        }
        "w" if value == "0" => {
            return wrong("w=0 would lose writes without a word: leave it out".to_owned());
        }
        "sockettimeoutms" => {
            return wrong(
                "socketTimeoutMS is not known here: each wait has a bound anyway".to_owned(),
            );
        }
        _ => {}
    }
    match ConnectionString::parse(format!("mongodb://host/?{name}={}", encode(&value))) {
        Ok(_) => Ok((name.to_owned(), value)),
        Err(_) => wrong(format!("the option {name} is not known, or cannot have this value")),
    }
}

fn check_name(name: &str) -> Result<(), InvalidDatabaseUrl> {
    match name.len() {
        0 => Err(InvalidDatabaseUrl::new("it names no database: write one after the host's /")),
        length if length > LONGEST_NAME => Err(InvalidDatabaseUrl::new(format!(
            "the database's name has {length} bytes, MongoDB takes at most {LONGEST_NAME}"
        ))),
        _ if name.contains(|c| FORBIDDEN.contains(c)) => Err(InvalidDatabaseUrl::new(format!(
            "the database's name has one of {FORBIDDEN} in it, which MongoDB does not take"
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::DatabaseUrl;

    fn mongo(url: &str) -> MongoUrl {
        match url.parse() {
            Ok(DatabaseUrl::Mongo(url)) => url,
            other => panic!("{other:?}"),
        }
    }

    fn refused(url: &str) -> String {
        url.parse::<DatabaseUrl>().unwrap_err().to_string()
    }

    #[test]
    fn no_message_and_no_text_shows_a_password() {
        for url in [
            "mongodb://rent:S3cret@db/rooms",
            "mongodb://rent:S3cret@db/rooms?authMechanismProperties=AWS_SESSION_TOKEN:S3cret",
            "mongodb://rent:a/S3cret@db/rooms",
            "mongodb://rent:12/S3cret@db/rooms",
            "mongodb://rent:a@S3cret:b@db/rooms",
            "mongodb://rent:a@S3cret/rooms@",
            "mongodb://rent:S3cret@[::1]x/rooms",
            "mongodb://rent:a@[S3cret]/rooms",
            "mongodb://rent:%S3cret@db/rooms",
            "mongodb://rent:S3cret@db/",
            "mongodb://rent:S3cret@db/rooms?w=S3cret&w=1",
            "mongodb://rent:x@db/rooms?tls=S3cret",
            "mongodb://rent:x@db/rooms?S3cret=1",
            "mongodb://rent:x@db/rooms?S3cret",
            "mongodb+srv://rent:S3cret@db/rooms",
            "mongodb:rent:S3cret@db/",
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
            "mongodb://db/rooms",
            "mongodb://rent@a:27017,b:27018,[::1]:27019/rooms?replicaSet=rs0&w=majority",
            "mongodb://%2Ftmp%2Fmongodb-27017.sock/rooms",
            "mongodb://db/z%C3%BCrich?tls=true",
        ] {
            assert_eq!(mongo(url).to_string(), url);
            assert_eq!(mongo(url).to_driver(), url);
        }
        let secret = mongo("mongodb://rent:p%40ss@db/rooms?tlsCertificateKeyFile=%2Fkey");
        assert_eq!(secret.to_string(), "mongodb://rent:***@db/rooms?tlsCertificateKeyFile=***");
        assert_eq!(
            secret.to_driver(),
            "mongodb://rent:p%40ss@db/rooms?tlsCertificateKeyFile=%2Fkey"
        );
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_reason() {
        for (url, reason) in [
            ("mongodb://db", "names no database"),
            ("mongodb://db/", "names no database"),
            ("mongodb:///rooms", "names no host"),
            ("mongodb://db/a.b", "MongoDB does not take"),
            (&format!("mongodb://db/{}", "x".repeat(64)), "has 64 bytes"),
            ("mongodb://db:0/rooms", "a port from 1 to 65535"),
            ("mongodb://db/rooms?foo=1", "the option foo is not known"),
            ("mongodb://db/rooms?retryReads=maybe", "the option retryReads"),
            ("mongodb://db/rooms?readPreference=nearest", "read from the primary"),
            ("mongodb://db/rooms?w=0", "would lose writes"),
            ("mongodb://db/rooms?socketTimeoutMS=5", "has a bound anyway"),
            ("mongodb://db/rooms?tls=true&tls=false", "do not go together"),
            ("mongodb+srv://db/rooms", "write mongodb:// and the hosts"),
            ("mongodb:db/rooms", "two slashes"),
        ] {
            assert!(refused(url).contains(reason), "{url}: {}", refused(url));
        }
    }

    #[test]
    fn a_password_from_a_file_is_passed_on_but_not_beside_another() {
        let url = mongo("mongodb://rent@db/rooms").with_password("p w/@").unwrap();
        assert_eq!(url.to_driver(), "mongodb://rent:p%20w%2F%40@db/rooms");
        assert!(mongo("mongodb://rent:x@db/rooms").with_password("y").is_err());
        assert!(mongo("mongodb://db/rooms").with_password("y").is_err());
    }

    #[test]
    fn what_is_sent_to_another_machine_is_private_only_by_tls() {
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
