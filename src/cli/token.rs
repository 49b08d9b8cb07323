//! `rentomatic token`

use uuid::Uuid;

use super::error::CliError;
use super::output::say;

/// Prints a token with 244 random bits, in hexadecimal digits.
pub fn run() -> Result<(), CliError> {
    Ok(say(&format!("{}{}\n", Uuid::new_v4().simple(), Uuid::new_v4().simple()))?)
}
