//! What happens to the columns of a file, or the names of an object, that are not fields.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::excerpt::excerpt;
use super::limits::{MAX_COLUMNS, MAX_NAMES};
use crate::entities::Field;

/// The most ignored columns that are reported by name.
const MAX_REPORTED: usize = 100;

/// What to do with columns that are not fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownColumns {
    /// They are errors.
    #[default]
    Refuse,
    /// They are skipped, and reported.
    Ignore,
}

impl UnknownColumns {
    /// Each choice with its name in a request.
    pub const NAMES: [(&str, Self); 2] = [("refuse", Self::Refuse), ("ignore", Self::Ignore)];

    /// The choice with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, choice)| choice)
    }
}

/// The columns that were skipped, while a file is read.
#[derive(Debug, Default)]
pub struct Columns {
    unknown: UnknownColumns,
    ignored: RefCell<BTreeSet<String>>,
}

impl Columns {
    /// No columns yet.
    #[must_use]
    pub fn new(unknown: UnknownColumns) -> Self {
        Self { unknown, ignored: RefCell::default() }
    }

    /// The names of those that were skipped, in alphabetical order.
    #[must_use]
    pub fn into_ignored(self) -> Vec<String> {
        self.ignored.into_inner().into_iter().collect()
    }

    /// Whether to skip this column, which is not a field.
    pub(super) fn ignores(&self, name: &str) -> bool {
        if self.unknown == UnknownColumns::Refuse {
            return false;
        }
        let mut ignored = self.ignored.borrow_mut();
        if ignored.len() < MAX_REPORTED {
            ignored.insert(excerpt(name));
        }
        true
    }

    /// Leaves out those members of an object that are to be skipped.
    pub(super) fn keep<T>(&self, members: Vec<(String, T)>) -> Vec<(String, T)> {
        let is_kept = |(name, _): &(String, T)| Field::named(name).is_some() || !self.ignores(name);
        members.into_iter().filter(is_kept).collect()
    }

    /// What to do with columns that are not fields.
    pub(super) fn unknown(&self) -> UnknownColumns {
        self.unknown
    }

    /// The most columns.
    pub(super) fn most(&self) -> usize {
        match self.unknown {
            UnknownColumns::Refuse => MAX_NAMES,
            UnknownColumns::Ignore => MAX_COLUMNS,
        }
    }
}
