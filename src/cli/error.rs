//! Why a command failed.

use std::error::Error;

use crate::logging::one_line;

/// What is wrong, and how to fix it: one line, except for a report of invalid rows.
pub struct CliError(pub String);

impl<E: Error> From<E> for CliError {
    fn from(error: E) -> Self {
        Self(one_line(&error))
    }
}
