//! The binary: hands the command line to [`rentomatic::cli`], and its result to the shell.

use std::process::ExitCode;

fn main() -> ExitCode {
    rentomatic::cli::run()
}
