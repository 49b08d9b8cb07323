//! Writes the gazetteer, `data/places/`, from tab-separated lines on standard input: name, latitude, longitude,
//! inhabitants, region, country, alternative names (separated by tabs). `scripts/places` runs it.

#![expect(clippy::print_stdout, reason = "a program for the terminal")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::error::Error;
use std::fs;
use std::io::{self, BufRead};
use std::path::Path;

use rentomatic::entities::{Latitude, Longitude, Place};
use rentomatic::places::{Record, TextRange, fold};

/// Texts, each of them once.
#[derive(Default)]
struct Texts {
    all: String,
    known: HashMap<String, TextRange>,
}

impl Texts {
    fn add(&mut self, text: &str) -> Result<TextRange, String> {
        if let Some(known) = self.known.get(text) {
            return Ok(*known);
        }
        let range = TextRange::new(self.all.len(), text.len());
        let range = range.ok_or_else(|| format!("{text} is too long or too far away"))?;
        self.all.push_str(text);
        self.known.insert(text.to_owned(), range);
        Ok(range)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: places FOLDER < LINES")?;
    let mut texts = Texts::default();
    let mut places: Vec<(Record, Vec<String>)> = Vec::new();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let columns: Vec<&str> = line.split('\t').collect();
        let [name, latitude, longitude, inhabitants, region, country, alternatives @ ..] =
            columns.as_slice()
        else {
            return Err(format!("{line} has too few columns").into());
        };
        let place = Place {
            latitude: Latitude::new(latitude.parse()?)?,
            longitude: Longitude::new(longitude.parse()?)?,
        };
        let (own, region) = (texts.add(name)?, texts.add(&format!("{region}\t{country}"))?);
        let record = Record::new(place, inhabitants.parse()?, own, region);
        let keys = [name].into_iter().chain(alternatives).map(|name| fold(name));
        places.push((record, keys.filter(|key| !key.is_empty()).collect()));
    }
    places.sort_by(|(left, _), (right, _)| left.order(*right));

    let mut places_of: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for (number, (_, keys)) in (0..).zip(&places) {
        for key in keys {
            places_of.entry(key).or_default().insert(number);
        }
    }
    let mut names = fst::MapBuilder::memory();
    let mut shared: Vec<u32> = Vec::new();
    for (name, numbers) in &places_of {
        let value = if let (1, Some(number)) = (numbers.len(), numbers.first()) {
            u64::from(*number)
        } else {
            let position = places.len() + shared.len();
            shared.push(u32::try_from(numbers.len())?);
            shared.extend(numbers);
            position as u64
        };
        names.insert(name, value)?;
    }
    let records: Vec<u8> = places.iter().flat_map(|(record, _)| record.to_bytes()).collect();
    let shared: Vec<u8> = shared.iter().flat_map(|number| number.to_le_bytes()).collect();
    let files =
        [("names.fst", names.into_inner()?), ("shared.bin", shared), ("records.bin", records)];
    for (file, bytes) in files.into_iter().chain([("texts.txt", texts.all.into_bytes())]) {
        println!("{file}: {} bytes", bytes.len());
        fs::write(Path::new(&folder).join(file), bytes)?;
    }
    println!("{} places with {} names", places.len(), places_of.len());
    Ok(())
}
