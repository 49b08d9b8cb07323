//! The three ways in which a use case can fail.

use std::error::Error;
use std::fmt;

use super::{InvalidParameter, RepositoryError};

/// Why a use case gave no result: the request was wrong, what it asked for is not there, or the
/// system behind it failed. Whoever asked turns these into its own language.
#[derive(Debug)]
pub enum Failure {
    /// The request cannot be understood: every parameter that is wrong, in the order given.
    Parameters(Vec<InvalidParameter>),
    /// What was asked for does not exist; the text says what.
    Resource(String),
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
            Self::Resource(what) => f.write_str(what),
            Self::System(error) => error.fmt(f),
        }
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::System(error) => error.source(),
            Self::Parameters(_) | Self::Resource(_) => None,
        }
    }
}

impl From<RepositoryError> for Failure {
    fn from(error: RepositoryError) -> Self {
        Self::System(error)
    }
}
