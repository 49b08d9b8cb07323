//! Who may write.

use std::collections::HashSet;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{SettingsError, secret_file};

/// Who may write: a client that sends the admin token. Without a token, nobody can write.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriteSettings {
    admin_token: SecretString,
    /// A file that holds the token; empty if there is none.
    pub admin_token_file: PathBuf,
}

impl WriteSettings {
    /// The token, if one is set.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] if it is set twice, if its file cannot be read, or if it is easy to guess.
    pub fn token(&self) -> Result<Option<AdminToken>, SettingsError> {
        let from_file = secret_file::read(&self.admin_token_file, "writes.admin_token_file")?;
        let given = Some(&self.admin_token).filter(|token| !token.expose_secret().is_empty());
        let (token, key) = match (given, from_file) {
            (None, None) => return Ok(None),
            (None, Some(token)) => (token, "writes.admin_token_file"),
            (Some(token), None) => (token.clone(), "writes.admin_token"),
            (Some(_), Some(_)) => {
                let problem = "writes.admin_token and writes.admin_token_file are both set";
                return Err(SettingsError(format!("{problem}: remove one")));
            }
        };
        AdminToken::new(token).map(Some).map_err(|reason| {
            let instruction = "`rentomatic token` prints a good one";
            SettingsError(format!("the token in {key} cannot be used: {reason}; {instruction}"))
        })
    }
}

/// The secret that the owner sends in order to write.
#[derive(Debug, Clone)]
pub struct AdminToken(SecretString);

impl AdminToken {
    /// The fewest characters of a token.
    const MIN_LENGTH: usize = 32;

    /// The fewest different characters of a token.
    const MIN_DISTINCT: usize = 10;

    /// Words of texts that stand where a token should be.
    const PLACEHOLDERS: [&str; 6] =
        ["change", "example", "placeholder", "your-", "your_", "secret"];

    /// Accepts a token that is hard to guess.
    ///
    /// # Errors
    ///
    /// Why it is easy to guess, or cannot be sent.
    pub fn new(token: impl Into<SecretString>) -> Result<Self, &'static str> {
        let secret: SecretString = token.into();
        let secret: SecretString = secret.expose_secret().trim().into();
        let token = secret.expose_secret();
        let lower = token.to_lowercase();
        let distinct: HashSet<char> = token.chars().collect();
        if token.starts_with(['"', '\'', '`']) || token.ends_with(['"', '\'', '`']) {
            Err("it is in quotes, which would be a part of it: remove them")
        } else if is_assignment(token) {
            Err("it has the form NAME=TOKEN: remove the name and the =")
        } else if token.chars().count() < Self::MIN_LENGTH {
            Err("it has fewer than 32 characters")
        } else if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            Err("it has a character other than an ASCII letter, digit or punctuation mark")
        } else if distinct.len() < Self::MIN_DISTINCT
            || Self::PLACEHOLDERS.iter().any(|word| lower.contains(word))
        {
            Err("it looks like a placeholder")
        } else {
            Ok(Self(secret))
        }
    }

    /// Its bytes, to be compared in constant time.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

/// Whether it is a line of a file with environment variables. At the end of a token, = is padding (RFC 4648).
fn is_assignment(token: &str) -> bool {
    token.split_once('=').is_some_and(|(name, value)| {
        let is_part_of_a_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        !value.trim_matches('=').is_empty() && name.chars().all(is_part_of_a_name)
    })
}
