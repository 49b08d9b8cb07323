//! `rentomatic completions`

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Failure;
use super::output::say;

#[derive(Debug, Args)]
pub struct Arguments {
    /// The shell to write for
    shell: Shell,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut script = Vec::new();
    let mut command = super::Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, "rentomatic", &mut script);
    Ok(say(&String::from_utf8(script)?)?)
}
