//! `rentomatic token`

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use clap::Args;
use secrecy::zeroize::Zeroizing;
use uuid::Uuid;

use super::output::{CliError, say};

#[derive(Args)]
pub struct Arguments {
    /// Write the token to this new file, which only you can read
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Result<(), CliError> {
    // 244 random bits, in hexadecimal digits.
    let token = format!("{}{}\n", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    let token = Zeroizing::new(token);
    let Some(path) = &arguments.file else { return say(&token) };
    // The mode is set when the file is created, so at no moment can others read it.
    let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    created
        .and_then(|mut file| file.write_all(token.as_bytes()))
        .map_err(|error| {
            CliError(format!(
                "cannot write a token to {}: {error}. Name a file that does not exist, in a folder that you \
                 may write to",
                path.display()
            ))
        })
}
