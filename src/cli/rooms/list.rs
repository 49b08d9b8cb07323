//! `rentomatic rooms list` and `rentomatic rooms export`

use clap::Args;

use super::output::{OutputFormat, end_line, table_of_lines};
use crate::cli::output::{CliError, print, say};
use crate::formats::ListPart;
use crate::formats::reading::query;
use crate::use_cases::{RoomListRequest, RoomPage, RoomRepository, room_list};

/// Which rooms to list, by the parameters of the web.
#[derive(Args)]
pub struct ListArgs {
    /// Only rooms for which this holds, for example price__lt=60; can be given several times
    #[arg(long = "filter", value_name = "FIELD__OP=VALUE", value_parser = filter)]
    filters: Vec<(String, String)>,
    /// Only rooms in this box, edges included
    #[arg(long, value_name = "MINLON,MINLAT,MAXLON,MAXLAT", allow_hyphen_values = true)]
    bbox: Option<String>,
    /// Only rooms within --radius of this point, nearest first
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true, requires = "radius")]
    near: Option<String>,
    /// Metres from --near
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
    pub fn request(&self) -> Result<RoomListRequest, CliError> {
        let others = [
            ("bbox", &self.bbox),
            ("near", &self.near),
            ("radius", &self.radius),
            ("sort", &self.sort),
            ("limit", &self.limit),
        ];
        let filters = self.filters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let others = others.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?)));
        Ok(query::parse(filters.chain(others))?)
    }
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
