//! Secrets in files of their own.

use std::path::Path;

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use super::SettingsError;

/// Reads a secret from the file that `key` names, if it names one. A line break at its end is not part
/// of the secret.
pub(super) fn read(file: &Path, key: &str) -> Result<Option<SecretString>, SettingsError> {
    if file.as_os_str().is_empty() {
        return Ok(None);
    }
    let path = file.display();
    let text = std::fs::read_to_string(file)
        .map(Zeroizing::new)
        .map_err(|error| SettingsError(format!("cannot read {path} (from {key}): {error}")))?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(SettingsError(format!("{path} (from {key}) is empty"))),
        secret => Ok(Some(secret.into())),
    }
}
