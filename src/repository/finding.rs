//! What `rentomatic doctor` says of a storage.

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether it is as it should be.
    pub is_good: bool,
    /// What it is, and if it is not good, how to mend it.
    pub text: String,
}

impl Finding {
    /// Something that is as it should be.
    #[must_use]
    pub fn good(text: String) -> Self {
        Self { is_good: true, text }
    }

    /// Something that is not.
    #[must_use]
    pub fn bad(text: String) -> Self {
        Self { is_good: false, text }
    }

    /// One or the other.
    pub(super) fn of(is_good: bool, good: &str, bad: &str) -> Self {
        if is_good { Self::good(good.to_owned()) } else { Self::bad(bad.to_owned()) }
    }
}
