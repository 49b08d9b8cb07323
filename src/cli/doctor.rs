//! `rentomatic doctor`

use std::env;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;

use super::output::{CliError, say};
use super::print_config::redacted;
use super::storage::storage;
use crate::formats::reading::temporary_file;
use crate::places::Places;
use crate::repository::Finding;
use crate::settings::{Setting, Settings};

pub fn run(settings: &Settings, listed: &[Setting]) -> Result<(), CliError> {
    let storage = storage(settings)?;
    let mut findings = vec![Finding::good(format!("rooms are stored in {storage}"))];
    findings.extend(storage.examine(settings)?);
    findings.push(Finding::good(writes(settings)?.to_owned()));
    findings.extend(network(settings)?);
    findings.push(temporary_folder());
    findings.extend(own_places(settings));
    findings.extend(secret_files(settings, listed).iter().filter_map(|path| readable(path)));
    findings.extend(limits(settings).map(Finding::good));
    let lines = findings.iter().map(|finding| {
        let mark = if finding.is_good { "ok  " } else { "fix " };
        format!("{mark}  {}\n", finding.text)
    });
    say(&lines.collect::<String>())
}

/// Who can write. A token that is easy to guess is an error in the settings.
fn writes(settings: &Settings) -> Result<&'static str, CliError> {
    let has_file = !settings.writes.admin_token_file.as_os_str().is_empty();
    Ok(match settings.writes.token()? {
        None => "nobody can write, because no admin token is set",
        Some(_) if has_file => "writes need the token in writes.admin_token_file",
        Some(_) => "writes need the token in writes.admin_token",
    })
}

/// Whether the admin token can cross a network in clear text; `None` if there is no token.
fn network(settings: &Settings) -> Result<Option<Finding>, CliError> {
    let bind = settings.server.bind;
    Ok(settings.writes.token()?.map(|_| {
        if bind.ip().is_loopback() {
            Finding::good(format!("only this machine reaches the server, on {bind}"))
        } else {
            Finding::bad(format!(
                "other machines can reach the server on {bind}, where the admin token is sent in clear text: \
                 put a proxy with HTTPS in front, and let only the proxy reach {bind}"
            ))
        }
    }))
}

/// Whether files that are imported can be stored while they arrive.
fn temporary_folder() -> Finding {
    match temporary_file() {
        Ok(_) => Finding::good(format!(
            "files that are imported can be stored in {} while they arrive",
            env::temp_dir().display()
        )),
        Err(error) => Finding::bad(error.to_string()),
    }
}

/// Whether the server can read the owner's places; `None` if there are none.
fn own_places(settings: &Settings) -> Option<Finding> {
    let file = &settings.places.file;
    (!file.as_os_str().is_empty()).then(|| match Places::open(file) {
        Ok(places) => {
            Finding::good(format!("places of your own: {} (places.file)", places.own_count()))
        }
        Err(error) => Finding::bad(format!("serve would not start: {error}")),
    })
}

/// The files that hold secrets: those of the token and the password, and a settings file with either.
fn secret_files(settings: &Settings, listed: &[Setting]) -> Vec<PathBuf> {
    let named = [&settings.writes.admin_token_file, &settings.database.password_file];
    let has_secret = |setting: &&Setting| {
        let value = setting.value.expose_secret();
        setting.is_secret && redacted(value) != *value
    };
    let origins = listed.iter().filter(has_secret).map(|setting| PathBuf::from(&setting.origin));
    let mut files: Vec<_> = named.into_iter().cloned().chain(origins).collect();
    files.sort();
    files.dedup();
    files
}

/// Whether other users can read this file; `None` if it does not exist.
fn readable(file: &Path) -> Option<Finding> {
    let metadata = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
    let (path, mode) = (file.display(), metadata.permissions().mode() & 0o777);
    let mode_of_others = mode % 0o100;
    Some(if mode_of_others == 0 {
        Finding::good(format!("only its owner can read {path}, which holds a secret"))
    } else {
        Finding::bad(format!(
            "other users can read {path}, which holds a secret (its mode is {mode:o}): run \
             `chmod 600 {path}`"
        ))
    })
}

fn limits(settings: &Settings) -> [String; 5] {
    let Settings { server, database, cache, .. } = settings;
    [
        format!(
            "{} requests run at once, {} more wait for up to {} ms, and each may take {} ms",
            database.pool_size, server.queue, database.pool_wait_ms, server.request_timeout_ms
        ),
        format!(
            "an import may take {} s, and the server stops at most {} s after it is told to",
            server.import_timeout_s, server.shutdown_timeout_s
        ),
        format!(
            "a client has {} s to send a head and {} s to send a body, and {} s between two requests",
            server.head_timeout_s, server.body_timeout_s, server.keep_alive_s
        ),
        format!(
            "a path with its query may have {} bytes, a room or a form {} KiB, an import {} MiB",
            server.max_uri_bytes, server.max_body_kib, server.max_import_mib
        ),
        match cache.max_mib {
            0 => "no responses are cached (cache.max_mib is 0)".to_owned(),
            most => format!("up to {most} MiB of responses are cached until a room changes"),
        },
    ]
}
