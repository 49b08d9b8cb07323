//! `rentomatic rooms list` and `rentomatic rooms export`

use clap::Args;

use super::output::{OutputFormat, end_line, table_of_lines};
use crate::cli::output::{CliError, print, say};
use crate::entities::Place;
use crate::formats::ListPart;
use crate::formats::reading::{excerpt, query};
use crate::places::{DEFAULT_RADIUS, NamedPlace, Places, Resolved, parse_distance, parse_location};
use crate::settings::Settings;
use crate::use_cases::{RoomListRequest, RoomPage, RoomRepository, room_list};

/// The most places that an error names.
const MOST_NAMES: usize = 10;

/// Which rooms to list, by the parameters of the web.
#[derive(Args)]
pub struct ListArgs {
    /// Only rooms for which this holds, for example price__lt=60; can be given several times
    #[arg(long = "filter", value_name = "FIELD__OP=VALUE", value_parser = filter)]
    filters: Vec<(String, String)>,
    /// Only rooms in this box, edges included
    #[arg(long, value_name = "MINLON,MINLAT,MAXLON,MAXLAT", allow_hyphen_values = true)]
    bbox: Option<String>,
    /// Only rooms within --radius of this place or point, nearest first, for example Kreuzberg or 52.5,13.4
    #[arg(long, value_name = "PLACE", allow_hyphen_values = true)]
    near: Option<String>,
    /// The distance from --near in metres, or for example 3km; by default 5km
    #[arg(long, value_name = "METRES", requires = "near")]
    radius: Option<String>,
    /// The order, for example price,-size; by default the order of insertion
    #[arg(long, value_name = "FIELD,-FIELD", allow_hyphen_values = true)]
    sort: Option<String>,
    /// The most rooms
    #[arg(long, value_name = "NUMBER")]
    limit: Option<String>,
}

impl ListArgs {
    pub fn request(&self, settings: &Settings) -> Result<RoomListRequest, CliError> {
        let near = self.near.as_deref().map(|near| point(near, settings)).transpose()?;
        let radius = self.radius.as_deref().map(metres);
        let radius = radius.or_else(|| near.is_some().then(|| DEFAULT_RADIUS.to_string()));
        let others = [
            ("bbox", &self.bbox),
            ("near", &near),
            ("radius", &radius),
            ("sort", &self.sort),
            ("limit", &self.limit),
        ];
        let filters = self.filters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let others = others.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?)));
        Ok(query::parse(filters.chain(others))?)
    }
}

/// `LAT,LON` of a place that is written as such, by its name, or as a link to a map.
fn point(text: &str, settings: &Settings) -> Result<String, CliError> {
    let written = |place: Place| format!("{},{}", place.latitude.get(), place.longitude.get());
    let names = |places: &[NamedPlace]| {
        let names = places
            .iter()
            .take(MOST_NAMES)
            .map(|place| format!("{:?} ({})", place.full_label(), written(place.location)));
        names.collect::<Vec<_>>().join(", ")
    };
    if has_numbers_only(text) {
        // If it is wrong, the error for LAT,LON is the right one.
        return Ok(parse_location(text).map_or_else(|| text.to_owned(), written));
    }
    let places = Places::open(&settings.places.file)?;
    match places.resolve(text) {
        Resolved::Point(point) => Ok(written(point)),
        Resolved::One(place) => Ok(written(place.location)),
        Resolved::Several(several) => Err(CliError(format!(
            "--near: {} places match {:?}. Write the name of one, or its coordinates: {}",
            several.len(),
            excerpt(text),
            names(&several)
        ))),
        Resolved::None => {
            let similar = names(&places.suggestions(text));
            let similar =
                if similar.is_empty() { similar } else { format!(": similar are {similar}") };
            Err(CliError(format!(
                "--near: there is no place called {:?}. Check the spelling, or write coordinates, for \
                 example 52.52,13.40{similar}",
                excerpt(text)
            )))
        }
    }
}

fn has_numbers_only(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit() || c.is_whitespace() || "+-.,".contains(c))
}

/// A distance in metres, which may have another unit.
fn metres(text: &str) -> String {
    let has_unit = text.trim_end().ends_with(['m', 'M']);
    let metres = has_unit.then(|| parse_distance(text)).flatten();
    metres.map_or_else(|| text.to_owned(), |metres| metres.to_string())
}

/// Reads `price__lt=60` as the parameter `filter_price__lt` and its value.
fn filter(text: &str) -> Result<(String, String), String> {
    let instruction = "write FIELD__OP=VALUE, for example price__lt=60";
    let (key, value) = text.split_once('=').ok_or(instruction)?;
    Ok((format!("{}{key}", query::FILTER), value.to_owned()))
}

/// Prints a list. In a format for programs, each page is printed as it is read, so that the list need not be
/// in memory.
pub fn run(
    repository: &dyn RoomRepository,
    mut request: RoomListRequest,
    format: OutputFormat,
) -> Result<(), CliError> {
    let mut is_first = true;
    let mut in_table = Vec::new();
    loop {
        let RoomPage { rooms, next, .. } = room_list(repository, &request)?;
        let is_last = next.is_none() || request.limit.is_some();
        let wants_more = match format {
            OutputFormat::Table => {
                in_table.extend(rooms);
                true
            }
            OutputFormat::Data(format) => {
                let mut bytes = Vec::new();
                format.rooms(&mut bytes, ListPart { rooms: &rooms, is_first, is_last })?;
                if is_last {
                    end_line(&mut bytes);
                }
                print(&bytes)?
            }
        };
        if is_last || !wants_more {
            break;
        }
        is_first = false;
        request.after = next;
    }
    match format {
        OutputFormat::Table => {
            let rooms: Vec<_> = in_table.iter().map(|listed| &listed.room).collect();
            say(&table_of_lines(&rooms))
        }
        OutputFormat::Data(_) => Ok(()),
    }
}
