//! The ways in which a use case can fail.

use std::error::Error;
use std::fmt;

use super::RepositoryError;

/// The number of invalid rows that are reported one by one.
const MAX_REPORTED_ROWS: usize = 100;

/// Why a use case has no result. The caller turns it into its own language: a response, a page, a line
/// on standard error.
#[derive(Debug)]
pub enum Failure {
    /// The request cannot be understood: every invalid parameter, in the order given.
    Parameters(Vec<InvalidParameter>),
    /// The requested thing does not exist; the text says which.
    Resource(String),
    /// The request contradicts the current state; the text says how.
    Conflict(String),
    /// Rows of an import are invalid; nothing was imported.
    Rows(InvalidRows),
    /// The room is not in the state that the caller expects.
    Precondition,
    /// The system failed.
    System(RepositoryError),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameters(parameters) => f.write_str(&lines(parameters)),
            Self::Resource(text) | Self::Conflict(text) => f.write_str(text),
            Self::Rows(rows) => {
                f.write_str(&lines(&rows.first))?;
                if rows.more > 0 { write!(f, "\nand {} more", rows.more) } else { Ok(()) }
            }
            Self::Precondition => f.write_str("The room has changed since it was read"),
            Self::System(error) => error.fmt(f),
        }
    }
}

fn lines(items: &[impl ToString]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
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

/// A parameter, a field or a column that is invalid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidParameter {
    /// Its name, for example `filter_price__lt`, `sort` or `size`.
    pub name: String,
    /// What is wrong with it, and what to do.
    pub message: String,
}

impl InvalidParameter {
    /// The name of every filter begins with this.
    pub const FILTER_PREFIX: &str = "filter_";
}

impl fmt::Display for InvalidParameter {
    /// All filters share one name here, as in the Python original.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_filter = self.name.starts_with(Self::FILTER_PREFIX);
        write!(f, "{}: {}", if is_filter { "filters" } else { &self.name }, self.message)
    }
}

/// An invalid value in a row of an import, or an invalid row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidRow {
    /// The line where the row begins, from 1.
    pub line: u64,
    /// The value in the file, if one value is invalid; long values are cut.
    pub value: Option<String>,
    /// The column, and what to write there.
    pub error: InvalidParameter,
}

impl fmt::Display for InvalidRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.error)?;
        match &self.value {
            Some(value) => write!(f, " (found {value:?})"),
            None => Ok(()),
        }
    }
}

/// The invalid rows of a file: the first hundred, and the number of the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InvalidRows {
    /// The first of them, in order.
    pub first: Vec<InvalidRow>,
    /// The number of those after them.
    pub more: u64,
}

impl InvalidRows {
    /// Adds a row.
    pub fn push(&mut self, row: InvalidRow) {
        if self.first.len() < MAX_REPORTED_ROWS {
            self.first.push(row);
        } else {
            self.more += 1;
        }
    }
}
