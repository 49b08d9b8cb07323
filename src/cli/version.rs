//! `rentomatic version`

use clap::Args;

use super::output::{CliError, say};
use crate::repository::sqlite_version;

#[derive(Args)]
pub struct Arguments {
    /// Also print the versions of the built-in C libraries and of the main crates
    #[arg(long)]
    verbose: bool,
}

pub fn run(arguments: &Arguments) -> Result<(), CliError> {
    let mut text = format!("rentomatic {}\n", env!("CARGO_PKG_VERSION"));
    if arguments.verbose {
        let sqlite = sqlite_version()?;
        for (name, version) in [
            ("OpenSSL", env!("VERSION_OF_OPENSSL")),
            ("SQLite", &sqlite),
            ("libpq", env!("VERSION_OF_LIBPQ")),
            ("actix-web", env!("VERSION_OF_ACTIX_WEB")),
            ("actix-http", env!("VERSION_OF_ACTIX_HTTP")),
            ("diesel", env!("VERSION_OF_DIESEL")),
        ] {
            text.extend([name, " ", version, "\n"]);
        }
    }
    say(&text)
}
