//! The places in the binary. They are searched where they are: nothing is loaded or built at start.
//!
//! `data/places/README.md` describes the files, and `scripts/places` generates them.

use fst::{IntoStreamer, Map, Streamer};

use super::fold::fold;
use super::named_place::NamedPlace;
use super::record::{Record, band};
use super::similar::Similar;
use crate::entities::{EARTH_RADIUS, Place};

/// The folded names, each with the number of its place or, from the number of places on, with the position in
/// [`SHARED`] of its places.
// Statics, because a constant is copied to each of its uses.
static NAMES: &[u8] = include_bytes!("../../data/places/names.fst");

/// The places of names that several have: their number, then the places.
static SHARED: &[u8] = include_bytes!("../../data/places/shared.bin");

static RECORDS: &[u8] = include_bytes!("../../data/places/records.bin");

static TEXTS: &str = include_str!("../../data/places/texts.txt");

/// The number of places.
pub const COUNT: usize = RECORDS.len() / Record::LENGTH;

/// The shortest text whose continuations are searched: thousands of names begin with one letter.
const SHORTEST_START: usize = 2;

/// From this length on, a name may differ by two letters.
const TWO_CHANGES_FROM: usize = 6;

/// How far the nearest place may be, in metres.
const FARTHEST: f64 = 50_000.0;

/// The radius in metres in which the nearest place is searched first; then it doubles.
const FIRST_RADIUS: f64 = 6_250.0;

pub struct Gazetteer {
    names: Map<&'static [u8]>,
}

impl Gazetteer {
    /// # Errors
    ///
    /// If the file with the names is of another version of its format.
    pub fn open() -> Result<Self, fst::Error> {
        Ok(Self { names: Map::new(NAMES)? })
    }

    /// The numbers of the places with this folded name.
    pub fn named(&self, key: &str) -> Vec<usize> {
        self.names.get(key).map(places).unwrap_or_default()
    }

    /// The numbers of the places of which a folded name begins so, in any order.
    pub fn beginning(&self, start: &str) -> Vec<usize> {
        let mut found = Vec::new();
        if start.len() >= SHORTEST_START {
            let mut names = self.names.range().ge(start).into_stream();
            while let Some((name, value)) = names.next() {
                if !name.starts_with(start.as_bytes()) {
                    break;
                }
                found.extend(places(value));
            }
        }
        found
    }

    /// The numbers of the places with a folded name that differs from this one by as few letters as possible,
    /// at most two.
    pub fn similar(&self, key: &str) -> Vec<usize> {
        let most = if key.len() >= TWO_CHANGES_FROM { 2 } else { 1 };
        for changes in 1..=most {
            let Some(similar) = Similar::new(key, changes) else { break };
            let mut found = Vec::new();
            let mut names = self.names.search(similar).into_stream();
            while let Some((_, value)) = names.next() {
                found.extend(places(value));
            }
            if !found.is_empty() {
                return found;
            }
        }
        Vec::new()
    }
}

/// The number of inhabitants of the place with this number.
pub fn inhabitants(number: usize) -> u32 {
    Record::read(RECORDS, number).map_or(0, |record| record.inhabitants)
}

/// The place with this number.
pub fn place(number: usize) -> Option<NamedPlace<'static>> {
    let record = Record::read(RECORDS, number)?;
    let (region, country) = record.region.of(TEXTS).split_once('\t')?;
    Some(NamedPlace {
        name: record.name.of(TEXTS),
        region,
        country,
        location: record.location()?,
        inhabitants: Some(record.inhabitants),
    })
}

/// The nearest place, within 50 km.
pub fn nearest(to: Place) -> Option<NamedPlace<'static>> {
    let mut radius = FIRST_RADIUS;
    while radius <= FARTHEST {
        let places = within_box(to, radius).filter_map(|number| {
            let location = Record::read(RECORDS, number)?.location()?;
            Some((location.distance_to(to), number))
        });
        // A place in a corner of the box may be farther than one outside.
        let nearest = places
            .filter(|(metres, _)| *metres <= radius)
            .min_by(|(left, _), (right, _)| left.total_cmp(right));
        if let Some((_, number)) = nearest {
            return place(number);
        }
        radius *= 2.0;
    }
    None
}

/// The numbers of the places in a box around a circle. Near a pole the box is too narrow, but no place of the
/// gazetteer is there.
fn within_box(centre: Place, radius: f64) -> impl Iterator<Item = usize> {
    let (latitude, longitude) = (centre.latitude.get(), centre.longitude.get());
    let height = (radius / EARTH_RADIUS).to_degrees();
    let width = height / latitude.to_radians().cos().max(0.01);
    let bands = band(latitude - height)..=band(latitude + height);
    // A part beyond the antimeridian is on the other side of the map.
    let beyond = match longitude {
        _ if longitude - width < -180.0 => Some(longitude + 360.0),
        _ if longitude + width > 180.0 => Some(longitude - 360.0),
        _ => None,
    };
    let middles = move || [Some(longitude), beyond].into_iter().flatten();
    bands.flat_map(move |band| middles().map(move |middle| (band, middle))).flat_map(
        move |(band, middle)| position(band, middle - width)..position(band, middle + width),
    )
}

/// The number of the first place from this meridian on, in this band or after it.
fn position(band: i32, longitude: f64) -> usize {
    let (mut low, mut high) = (0, COUNT);
    while low < high {
        let middle = usize::midpoint(low, high);
        let precedes =
            Record::read(RECORDS, middle).is_some_and(|record| record.precedes(band, longitude));
        if precedes { low = middle + 1 } else { high = middle }
    }
    low
}

/// The numbers of the places with a value of [`NAMES`].
fn places(value: u64) -> Vec<usize> {
    let Ok(value) = usize::try_from(value) else { return Vec::new() };
    let Some(start) = value.checked_sub(COUNT) else { return vec![value] };
    let word = |at: usize| {
        let bytes = SHARED.get(4 * at..4 * at + 4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    };
    let count = word(start).unwrap_or_default();
    (start + 1..=start + count).filter_map(word).collect()
}

/// Whether the place's own name is this one, rather than an alternative name.
pub fn is_own_name(place: &NamedPlace, key: &str) -> bool {
    fold(place.name) == key
}
