//! What a command prints, and why it failed.

use std::error::Error;
use std::io::{self, ErrorKind, Write};

use crate::logging::{one_line, printable};

/// What is wrong, and how to fix it: one line, except for a report of invalid rows.
pub struct CliError(pub String);

impl<E: Error> From<E> for CliError {
    fn from(error: E) -> Self {
        Self(one_line(&error))
    }
}

/// Prints a result, or a part of one. Returns whether the reader wants more: one that exits early, for
/// example `head`, does not, and that is not an error.
pub fn print(bytes: &[u8]) -> Result<bool, CliError> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Prints text for people.
pub fn say(text: &str) -> Result<(), CliError> {
    print(printable(text).as_bytes()).map(drop)
}
