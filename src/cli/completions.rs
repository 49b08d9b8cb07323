//! `rentomatic completions`

use clap::{Args, Command};
use clap_complete::Shell;

use super::error::CliError;
use super::output::say;

#[derive(Args)]
pub struct Arguments {
    /// The shell to write the script for
    shell: Shell,
}

pub fn run(arguments: &Arguments, mut command: Command) -> Result<(), CliError> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "rentomatic", &mut script);
    Ok(say(&String::from_utf8(script)?)?)
}
