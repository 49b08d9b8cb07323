//! `rentomatic doctor`

use super::output::say;
use super::{Failure, database_url};
use crate::repository::{self, Finding};
use crate::settings::Settings;

pub fn run(settings: &Settings) -> Result<(), Failure> {
    let url = database_url(settings)?;
    let mut findings = vec![Finding::good(format!("rooms are kept in {url}"))];
    findings.extend(repository::examine(&url)?);
    findings.push(writes(settings)?);
    let (server, database) = (&settings.server, &settings.database);
    findings.push(Finding::good(format!(
        "{} requests ask at once, {} more wait for up to {} ms, and each takes {} ms at most",
        database.pool_size, server.queue, database.pool_wait_ms, server.request_timeout_ms
    )));
    findings.push(Finding::good(format!(
        "an import takes {} s at most, and the server goes {} s at the latest after it is told to stop",
        server.import_timeout_s, server.shutdown_timeout_s
    )));
    findings.push(Finding::good(format!(
        "a client has {} s to send a head and {} s a body, and {} s between two requests",
        server.head_timeout_s, server.body_timeout_s, server.keep_alive_s
    )));
    findings.push(Finding::good(format!(
        "a path with its query has {} bytes at most, a room or a form {} KiB, an import {} MiB",
        server.max_uri_bytes, server.max_body_kib, server.max_import_mib
    )));
    findings.push(Finding::good(match settings.cache.max_mib {
        0 => "no lists are kept, every request asks (cache.max_mib)".to_owned(),
        most => format!("up to {most} MiB of lists are kept while no room changes"),
    }));
    let lines = findings.iter().map(|finding| {
        let mark = if finding.is_good { "ok  " } else { "mend" };
        format!("{mark}  {}\n", finding.text)
    });
    Ok(say(&lines.collect::<String>())?)
}

/// A token that is easily guessed is refused outright.
fn writes(settings: &Settings) -> Result<Finding, Failure> {
    Ok(match settings.writes.token()? {
        None => Finding::good("nobody can write, as no admin token is set".to_owned()),
        Some(_) if !settings.writes.admin_token_file.as_os_str().is_empty() => Finding::good(
            "the owner can write, with the token in writes.admin_token_file".to_owned(),
        ),
        Some(_) => {
            Finding::good("the owner can write, with the token in writes.admin_token".to_owned())
        }
    })
}
