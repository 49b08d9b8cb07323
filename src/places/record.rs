//! How the gazetteer stores a place: in a fixed number of bytes, so that a place is found by its number.

use std::cmp::Ordering;

use crate::entities::{Latitude, Longitude, Place};

/// Coordinates are stored in units of about a metre.
const PER_DEGREE: f64 = 1e5;

/// How many bands of latitude a degree has.
const BANDS_PER_DEGREE: f64 = 4.0;

/// A part of the texts: its first byte, at most 2²⁴ - 1, and its length in bytes, at most 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextRange(u32);

impl TextRange {
    /// The range, if it is not too far away or too long.
    #[must_use]
    pub fn new(start: usize, length: usize) -> Option<Self> {
        let (start, length) = (u32::try_from(start).ok()?, u32::from(u8::try_from(length).ok()?));
        start.checked_mul(256).map(|start| Self(start + length))
    }

    /// This part of the texts.
    #[must_use]
    pub fn of(self, texts: &str) -> &str {
        let (start, length) = ((self.0 / 256) as usize, (self.0 % 256) as usize);
        texts.get(start..start + length).unwrap_or_default()
    }
}

/// A place of the gazetteer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// In 1e-5 degrees north.
    latitude: i32,
    /// In 1e-5 degrees east.
    longitude: i32,
    /// The number of inhabitants.
    pub inhabitants: u32,
    /// The name.
    pub name: TextRange,
    /// The region and the country, with a tab between them.
    pub region: TextRange,
}

impl Record {
    /// The number of bytes of a record.
    pub const LENGTH: usize = 20;

    /// A place with its coordinates rounded to about a metre.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "valid degrees fit")]
    pub fn new(place: Place, inhabitants: u32, name: TextRange, region: TextRange) -> Self {
        let units = |degrees: f64| (degrees * PER_DEGREE).round() as i32;
        let (latitude, longitude) = (place.latitude.get(), place.longitude.get());
        Self { latitude: units(latitude), longitude: units(longitude), inhabitants, name, region }
    }

    /// Where it is.
    #[must_use]
    pub fn location(self) -> Option<Place> {
        let latitude = Latitude::new(f64::from(self.latitude) / PER_DEGREE).ok()?;
        let longitude = Longitude::new(f64::from(self.longitude) / PER_DEGREE).ok()?;
        Some(Place { latitude, longitude })
    }

    /// The order of the records: by bands of latitude, and from west to east within a band. So the places of a
    /// small area are in a few short ranges.
    #[must_use]
    pub fn order(self, other: Self) -> Ordering {
        let key = |record: Self| {
            let latitude = f64::from(record.latitude) / PER_DEGREE;
            (band(latitude), record.longitude, record.latitude)
        };
        key(self).cmp(&key(other))
    }

    /// Whether it comes before this meridian of this band.
    #[must_use]
    pub fn precedes(self, in_band: i32, longitude: f64) -> bool {
        let own = band(f64::from(self.latitude) / PER_DEGREE);
        own < in_band || own == in_band && f64::from(self.longitude) < longitude * PER_DEGREE
    }

    /// Its bytes, each number with its least significant byte first.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        let (latitude, longitude) = (self.latitude.to_le_bytes(), self.longitude.to_le_bytes());
        let numbers = [self.inhabitants, self.name.0, self.region.0].map(u32::to_le_bytes);
        let all = [latitude, longitude].into_iter().chain(numbers);
        for (place, byte) in bytes.iter_mut().zip(all.flatten()) {
            *place = byte;
        }
        bytes
    }

    /// The record with this number.
    #[must_use]
    pub fn read(records: &[u8], number: usize) -> Option<Self> {
        let start = number.checked_mul(Self::LENGTH)?;
        let bytes = records.get(start..start.checked_add(Self::LENGTH)?)?;
        let word = |at: usize| <[u8; 4]>::try_from(bytes.get(4 * at..4 * at + 4)?).ok();
        Some(Self {
            latitude: i32::from_le_bytes(word(0)?),
            longitude: i32::from_le_bytes(word(1)?),
            inhabitants: u32::from_le_bytes(word(2)?),
            name: TextRange(u32::from_le_bytes(word(3)?)),
            region: TextRange(u32::from_le_bytes(word(4)?)),
        })
    }
}

/// The band of a latitude.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "from -360 to 360")]
pub fn band(latitude: f64) -> i32 {
    (latitude * BANDS_PER_DEGREE).floor() as i32
}
