//! Words for parameters that cannot be understood, and the forms that several have in common.

use std::fmt;

/// What the name of a filter begins with.
pub const FILTER: &str = "filter_";

/// One parameter that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidParameter {
    /// Its name, as in `filter_price__lt` or `sort`.
    pub name: String,
    /// What is wrong with it, and how to mend it.
    pub message: String,
}

impl fmt::Display for InvalidParameter {
    /// All filters go by one name here, as in the Python original.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.name.starts_with(FILTER) { "filters" } else { &self.name };
        write!(f, "{name}: {}", self.message)
    }
}

/// Says that a value cannot be used, and what would be right.
pub(super) fn unusable(key: &str, value: &str, right: &str) -> String {
    format!("Value {} of {key} cannot be used: {right}", quoted(value))
}

/// So many finite numbers between commas.
pub(super) fn decimals<const N: usize>(value: &str) -> Option<[f64; N]> {
    let numbers: Option<Vec<f64>> = value
        .split(',')
        .map(|number| number.parse().ok().filter(|number: &f64| number.is_finite()))
        .collect();
    numbers?.try_into().ok()
}

/// The value between quotes, with control characters made visible and a long one cut.
fn quoted(value: &str) -> String {
    const SHOWN: usize = 60;
    let start: String = value.chars().take(SHOWN).collect();
    let rest = if start.len() < value.len() { "…" } else { "" };
    format!("{start:?}{rest}")
}
