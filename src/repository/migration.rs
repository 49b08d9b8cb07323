//! A migration, as commands report it.

/// A migration of a storage's schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Its version and name. Names sort in the order in which they are applied.
    pub name: String,
    /// Whether the storage has it.
    pub applied: bool,
}
