//! What `rentomatic doctor` reports about a storage.

use super::Migration;

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether the check passed.
    pub is_good: bool,
    /// What was found, and how to fix it if the check failed.
    pub text: String,
}

impl Finding {
    /// A check that passed.
    #[must_use]
    pub fn good(text: String) -> Self {
        Self { is_good: true, text }
    }

    /// A check that failed.
    #[must_use]
    pub fn bad(text: String) -> Self {
        Self { is_good: false, text }
    }

    /// The text for either result.
    pub(super) fn of(is_good: bool, good: &str, bad: &str) -> Self {
        if is_good { Self::good(good.to_owned()) } else { Self::bad(bad.to_owned()) }
    }

    /// Whether the schema has all migrations.
    pub(super) fn of_schema(migrations: &[Migration]) -> Self {
        let pending: Vec<_> =
            migrations.iter().filter(|one| !one.applied).map(|one| one.name.as_str()).collect();
        Self::of(
            pending.is_empty(),
            "the schema is the one that this program needs",
            &format!("the schema lacks {}: run `rentomatic migrate`", pending.join(", ")),
        )
    }
}
