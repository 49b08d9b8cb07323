//! The parts of a URL that names a server: user, password, hosts, database and parameters.

use std::fmt;
use std::net::Ipv6Addr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};

use super::InvalidDatabaseUrl;

/// PostgreSQL silently cuts longer names (`NAMEDATALEN - 1`), and MongoDB refuses them ("MongoDB Limits
/// and Thresholds").
const LONGEST_NAME: usize = 63;

/// Everything except the unreserved characters of RFC 3986 (section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A URL in parts, each of them percent-decoded.
#[derive(Debug, Clone)]
pub struct ServerUrl {
    pub user: Option<String>,
    pub password: Option<SecretString>,
    pub hosts: Vec<Host>,
    pub database: String,
    /// Names and values after the `?`, in the order given. Any value may be a secret.
    pub parameters: Vec<(String, SecretString)>,
}

/// A host with its port, either of which may be empty.
#[derive(Debug, Clone)]
pub struct Host {
    /// A name, an address, or the path of a socket.
    pub name: String,
    pub port: String,
}

impl ServerUrl {
    /// Parses the part after `SCHEME:`, and splits it where libpq and the MongoDB driver would.
    pub fn parse(rest: &str) -> Result<Self, InvalidDatabaseUrl> {
        let rest = rest
            .strip_prefix("//")
            .ok_or_else(|| InvalidDatabaseUrl::new("write two slashes after the scheme's colon"))?;
        let (user_info, rest) = match rest.find(['@', '/']) {
            Some(at) if rest[at..].starts_with('@') => (Some(&rest[..at]), &rest[at + 1..]),
            _ => (None, rest),
        };
        let (hosts, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        if [hosts, path].iter().any(|part| part.contains('@')) {
            return Err(unescaped());
        }
        let (user, password) = match user_info.map(|info| info.split_once(':')) {
            Some(Some((user, password))) => (Some(user), Some(password)),
            Some(None) => (user_info, None),
            None => (None, None),
        };
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        Ok(Self {
            user: user.map(decode).transpose()?,
            password: password.map(decode).transpose()?.map(SecretString::from),
            hosts: hosts.split(',').map(Host::parse).collect::<Result<_, _>>()?,
            database: decode(path.strip_prefix('/').unwrap_or(path))?,
            parameters: pairs.map(parameter).collect::<Result<_, _>>()?,
        })
    }

    /// Checks that the URL names a database, with a name that is not too long for `storage`.
    pub fn check_database(&self, storage: &str) -> Result<(), InvalidDatabaseUrl> {
        match self.database.len() {
            0 => Err(InvalidDatabaseUrl::new(
                "it names no database: write its name after the host and a slash",
            )),
            1..=LONGEST_NAME => Ok(()),
            length => Err(InvalidDatabaseUrl::new(format!(
                "the database's name has {length} bytes: {storage} allows at most {LONGEST_NAME}"
            ))),
        }
    }

    /// Adds the password from its file.
    pub fn set_password(&mut self, password: SecretString) -> Result<(), InvalidDatabaseUrl> {
        if self.password.is_some() {
            return Err(InvalidDatabaseUrl::new(
                "it contains a password, and database.password_file names another: remove one",
            ));
        }
        self.password = Some(password);
        Ok(())
    }

    /// The URL's text, without its password, and without the value of any parameter that is not known
    /// to be harmless.
    pub fn redacted(&self, scheme: &str, harmless: &[&str]) -> String {
        let password = if self.password.is_some() { ":***" } else { "" };
        self.write(scheme, password, |name, value| {
            let is_harmless = harmless.contains(&name.to_lowercase().as_str());
            if is_harmless { encode(value.expose_secret()) } else { "***".to_owned() }
        })
    }

    /// The URL's text with all its secrets, for a driver.
    #[cfg(feature = "mongodb")]
    pub fn exposed(&self, scheme: &str) -> SecretString {
        let password = self.password.as_ref().map(|password| encode(password.expose_secret()));
        let password = password.map(|password| format!(":{password}")).unwrap_or_default();
        self.write(scheme, &password, |_, value| encode(value.expose_secret())).into()
    }

    fn write(
        &self,
        scheme: &str,
        password: &str,
        value: impl Fn(&str, &SecretString) -> String,
    ) -> String {
        let user = self.user.as_deref().map(encode).unwrap_or_default();
        let at = if user.is_empty() && password.is_empty() { "" } else { "@" };
        let hosts = self.hosts.iter().map(Host::to_string).collect::<Vec<_>>().join(",");
        let database = encode(&self.database);
        let mut text = format!("{scheme}://{user}{password}{at}{hosts}/{database}");
        for (index, (name, given)) in self.parameters.iter().enumerate() {
            let separator = if index == 0 { "?" } else { "&" };
            text.extend([separator, name, "=", &value(name, given)]);
        }
        text
    }
}

impl Host {
    fn parse(text: &str) -> Result<Self, InvalidDatabaseUrl> {
        let (name, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (address, port) = rest.split_once(']').ok_or_else(unescaped)?;
                let is_address = address.parse::<Ipv6Addr>().is_ok();
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

/// As it is written in a URL.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.contains(':') {
            write!(f, "[{}]", self.name)?;
        } else {
            f.write_str(&encode(&self.name))?;
        }
        if self.port.is_empty() { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

fn parameter(pair: &str) -> Result<(String, SecretString), InvalidDatabaseUrl> {
    let (name, value) = pair.split_once('=').ok_or_else(|| {
        InvalidDatabaseUrl::new("write each parameter after the ? in the form NAME=VALUE")
    })?;
    Ok((decode(name)?, decode(value)?.into()))
}

/// Text in the place of a host or a port is often a piece of a password.
pub fn unescaped() -> InvalidDatabaseUrl {
    InvalidDatabaseUrl::new(
        "write hosts as HOST or HOST:PORT, with a port from 1 to 65535; in a user name or a password, \
         write @ as %40, : as %3A and / as %2F",
    )
}

fn decode(text: &str) -> Result<String, InvalidDatabaseUrl> {
    let wrong = || {
        InvalidDatabaseUrl::new(
            "a % in it does not begin a percent-encoded UTF-8 character: write a literal % as %25",
        )
    };
    let is_encoded = text
        .split('%')
        .skip(1)
        .all(|after| after.len() > 1 && after.bytes().take(2).all(|b| b.is_ascii_hexdigit()));
    if !is_encoded {
        return Err(wrong());
    }
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| wrong())?;
    if decoded.contains('\0') {
        return Err(InvalidDatabaseUrl::new("it contains a NUL character (%00): remove it"));
    }
    Ok(decoded.into_owned())
}

pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}
