//! A place that has a name.

use super::fold::fold;
use crate::entities::Place;

/// A town, a district, or a place of the owner's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NamedPlace<'a> {
    /// Its name, for example `Kreuzberg`.
    pub name: &'a str,
    /// The state, province or canton, for example `Berlin`; empty if it is not known.
    pub region: &'a str,
    /// The country's English name, for example `Germany`; empty if it is not known.
    pub country: &'a str,
    /// Where its middle is.
    pub location: Place,
    /// The number of inhabitants, if it is known.
    pub inhabitants: Option<u32>,
}

impl NamedPlace<'_> {
    /// The name with its region, for example `Zehlendorf, Berlin`. A place that is named like its region, for
    /// example Berlin, has only one name.
    #[must_use]
    pub fn label(&self) -> String {
        let region = if fold(self.region) == fold(self.name) { "" } else { self.region };
        joined([self.name, region])
    }

    /// The name with its region and country, for example `Kreuzberg, Berlin, Germany`.
    #[must_use]
    pub fn full_label(&self) -> String {
        joined([&self.label(), self.country])
    }
}

fn joined(parts: [&str; 2]) -> String {
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(", ")
}
