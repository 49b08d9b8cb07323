//! Searches for places by name, and for the place that a room is in.

use std::cmp::Reverse;
use std::path::Path;

use super::fold::{LONGEST_NAME, fold};
use super::gazetteer::{Gazetteer, inhabitants, is_own_name, nearest, place};
use super::location::parse_location;
use super::named_place::NamedPlace;
use super::own::{OwnPlace, PlacesError, read};
use crate::entities::Place;

/// The most places that a search finds if only the start of their names matches.
const MOST_BY_START: usize = 20;

/// The largest places whose names begin in some way are weighed against each other, at most so many.
const MOST_WEIGHED: usize = 300;

/// A place with an alternative name that begins so is weighed as if it had fewer inhabitants, divided by this.
const ALTERNATIVE_NAME: u32 = 10;

/// The most similar names that are suggested.
const MOST_SUGGESTED: usize = 5;

/// The shortest start of a name for which places are suggested.
const SHORTEST_SUGGESTED: usize = 3;

/// The most characters of a text that are searched for: a name, a region and a country.
const LONGEST_QUERY: usize = 3 * LONGEST_NAME;

/// The places that a text can mean.
#[derive(Debug, Clone, PartialEq)]
pub enum Resolved<'a> {
    /// A point: the text has coordinates.
    Point(Place),
    /// One place.
    One(NamedPlace<'a>),
    /// Several places, at least two.
    Several(Vec<NamedPlace<'a>>),
    /// No place.
    None,
}

/// The gazetteer and the owner's own places.
pub struct Places {
    gazetteer: Gazetteer,
    own: Vec<OwnPlace>,
}

impl Places {
    /// The gazetteer, and the places in this file, unless its path is empty.
    ///
    /// # Errors
    ///
    /// [`PlacesError`] if the file cannot be read or a line of it is invalid.
    pub fn open(file: &Path) -> Result<Self, PlacesError> {
        let gazetteer = Gazetteer::open().map_err(|error| {
            PlacesError(format!("the gazetteer is broken: {error}. Run scripts/places"))
        })?;
        let own = if file.as_os_str().is_empty() { Vec::new() } else { read(file)? };
        Ok(Self { gazetteer, own })
    }

    /// The number of the owner's own places.
    #[must_use]
    pub fn own_count(&self) -> usize {
        self.own.len()
    }

    /// The places whose names match, at most `most` of them: those with this name first, then those whose name
    /// begins so; within each, the owner's own first, then by inhabitants. If only an alternative name begins so,
    /// a place counts as if it had a tenth of them.
    #[must_use]
    pub fn search(&self, text: &str, most: usize) -> Vec<NamedPlace<'_>> {
        let query = Query::of(text);
        let mut found = self.named(&query);
        found.truncate(most);
        if found.len() < most {
            // Those that are found already are among them.
            let others = self.beginning(&query, most + found.len());
            let others: Vec<_> = others.into_iter().filter(|one| !found.contains(one)).collect();
            found.extend(others);
        }
        found.truncate(most);
        found
    }

    /// What a text in a form means: coordinates, a link to a map, or the name of a place, which may be followed by
    /// its region or its country. A place that has the name itself precedes those that have it as an alternative
    /// name, and these precede those whose name begins so.
    #[must_use]
    pub fn resolve(&self, text: &str) -> Resolved<'_> {
        if let Some(point) = parse_location(text) {
            return Resolved::Point(point);
        }
        let query = Query::of(text);
        let mut found = self.named(&query);
        if found.iter().any(|place| is_own_name(place, &query.name)) {
            found.retain(|place| is_own_name(place, &query.name));
        }
        if found.is_empty() {
            found = self.beginning(&query, MOST_BY_START);
        }
        match found.as_slice() {
            [] => Resolved::None,
            [one] => Resolved::One(*one),
            _ => Resolved::Several(found),
        }
    }

    /// The place of the gazetteer that is nearest, within 50 km.
    #[must_use]
    pub fn nearest(&self, to: Place) -> Option<NamedPlace<'static>> {
        nearest(to)
    }

    fn named(&self, query: &Query) -> Vec<NamedPlace<'_>> {
        let own = self.own.iter().filter(|own| own.key == query.name);
        largest_first(own, self.gazetteer.named(&query.name), query, usize::MAX)
    }

    fn beginning(&self, query: &Query, most: usize) -> Vec<NamedPlace<'_>> {
        if query.name.is_empty() {
            return Vec::new();
        }
        let own = self.own.iter().filter(|own| own.key.starts_with(&query.name));
        let numbers = self.gazetteer.beginning(&query.name);
        let mut found = largest_first(own, numbers, query, MOST_WEIGHED);
        found.sort_by_cached_key(|place| Reverse(weight(place, &query.name)));
        found.truncate(most);
        found
    }

    /// The places with the nearest spellings for a text that resolves to none, the largest first: their names
    /// differ by at most two letters, or begin with as much of this name as possible. The work takes up to some
    /// milliseconds, however long the text is.
    #[must_use]
    pub fn suggestions(&self, text: &str) -> Vec<NamedPlace<'_>> {
        let name = Query::of(text).name;
        if name.is_empty() {
            return Vec::new();
        }
        let mut numbers = self.gazetteer.similar(&name);
        let mut start = name.as_str();
        while numbers.is_empty() && start.len() > SHORTEST_SUGGESTED {
            start = &start[..start.len() - 1];
            numbers = self.gazetteer.beginning(start);
        }
        let everywhere = Query { name: String::new(), within: Vec::new() };
        largest_first([].into_iter(), numbers, &everywhere, MOST_SUGGESTED)
    }
}

/// How far up a place comes if its name, or an alternative name, begins so. Many large cities have an alternative
/// name that begins in some way, so it counts for less.
fn weight(place: &NamedPlace, start: &str) -> u32 {
    match place.inhabitants {
        None => u32::MAX,
        Some(number) if fold(place.name).starts_with(start) => number,
        Some(number) => number / ALTERNATIVE_NAME,
    }
}

/// The owner's places, then those with these numbers by their inhabitants, at most `most` of them.
fn largest_first<'a>(
    own: impl Iterator<Item = &'a OwnPlace>,
    mut numbers: Vec<usize>,
    query: &Query,
    most: usize,
) -> Vec<NamedPlace<'a>> {
    numbers.sort_by_cached_key(|number| (Reverse(inhabitants(*number)), *number));
    numbers.dedup();
    let own = own.map(OwnPlace::named_place);
    let known =
        numbers.into_iter().filter_map(|number| -> Option<NamedPlace<'a>> { place(number) });
    own.chain(known).filter(|place| query.is_in(place)).take(most).collect()
}

/// A name to search for, folded.
struct Query {
    name: String,
    /// The regions and countries that follow it, for example after a comma in `Frankfurt, Germany`.
    within: Vec<String>,
}

impl Query {
    fn of(text: &str) -> Self {
        let end = text.char_indices().nth(LONGEST_QUERY).map_or(text.len(), |(end, _)| end);
        let mut parts = text[..end].split(',').map(fold);
        let name = parts.next().unwrap_or_default();
        Self { name, within: parts.filter(|part| !part.is_empty()).take(3).collect() }
    }

    /// Whether the place is in all these regions and countries.
    fn is_in(&self, place: &NamedPlace) -> bool {
        // A part can also begin within a name: a country's name may have a comma.
        let has = |name: &str, part: &str| format!(" {}", fold(name)).contains(&format!(" {part}"));
        let names = [place.region, place.country, place.name];
        self.within.iter().all(|part| names.iter().any(|name| has(name, part)))
    }
}
