//! The ways in which a use case can fail.

use std::error::Error;
use std::fmt;

use super::{InvalidParameter, InvalidRows, RepositoryError};

/// Why a use case gave no result: the request was wrong, what it asked for is not there or not as
/// expected, or the system behind it failed. Whoever asked turns these into its own language.
#[derive(Debug)]
pub enum Failure {
    /// The request cannot be understood: every parameter that is wrong, in the order given.
    Parameters(Vec<InvalidParameter>),
    /// What was asked for does not exist; the text says what.
    Resource(String),
    /// What is there does not allow it; the text says what.
    Conflict(String),
    /// Rows of an import are wrong; nothing was imported.
    Rows(InvalidRows),
    /// What is there is not what the request expects to change.
    Precondition,
    /// The system failed.
    System(RepositoryError),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameters(parameters) => {
                for (index, parameter) in parameters.iter().enumerate() {
                    let separator = if index == 0 { "" } else { "\n" };
                    write!(f, "{separator}{parameter}")?;
                }
                Ok(())
            }
            Self::Resource(what) | Self::Conflict(what) => f.write_str(what),
            Self::Rows(rows) => {
                for (index, row) in rows.first.iter().enumerate() {
                    let separator = if index == 0 { "" } else { "\n" };
                    write!(f, "{separator}line {}: {}", row.line, row.error)?;
                    if let Some(value) = &row.value {
                        write!(f, " (here it is {value:?})")?;
                    }
                }
                if rows.more > 0 { write!(f, "\nand {} more", rows.more) } else { Ok(()) }
            }
            Self::Precondition => f.write_str("The room was changed by another meanwhile"),
            Self::System(error) => error.fmt(f),
        }
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::System(error) => error.source(),
            _ => None,
        }
    }
}

impl From<RepositoryError> for Failure {
    fn from(error: RepositoryError) -> Self {
        Self::System(error)
    }
}
