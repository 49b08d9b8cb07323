//! `rentomatic rooms`

mod writes;

use std::sync::Arc;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use comfy_table::{CellAlignment, LineStyle, Table, presets};

use super::output::{print, say};
use super::{Failure, database_url};
use crate::entities::{Room, RoomCode};
use crate::repository;
use crate::representation::{FORMATS, Format};
use crate::settings::Settings;
use crate::use_cases::{
    self, FILTER, ListedRoom, RepositoryError, RoomListRequest, RoomRepository, readiness,
    room_list, room_show,
};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List rooms
    List {
        #[command(flatten)]
        wanted: Wanted,
        /// How to write them
        #[arg(long, default_value = TABLE, value_parser = output())]
        format: Output,
    },
    /// Print rooms for programs: the same as list, as CSV
    Export {
        #[command(flatten)]
        wanted: Wanted,
        /// How to write them
        #[arg(long, default_value = "csv", value_parser = output())]
        format: Output,
    },
    /// Add a room
    Add(writes::NewRoom),
    /// Delete rooms
    Delete {
        /// Their codes
        #[arg(required = true)]
        codes: Vec<RoomCode>,
    },
    /// Add many rooms from a file, all of them or none
    Import(writes::Import),
    /// Show one room
    Show {
        /// The room's code
        code: RoomCode,
        /// How to write it
        #[arg(long, default_value = TABLE, value_parser = output())]
        format: Output,
    },
}

/// Which rooms, as on the web.
#[derive(Debug, Args)]
struct Wanted {
    /// Only rooms for which this holds, as price__lt=60; may be given several times
    #[arg(long = "filter", value_name = "FIELD__OP=VALUE", value_parser = filter)]
    filters: Vec<(String, String)>,
    /// Only rooms in this box, edges included
    #[arg(long, value_name = "MINLON,MINLAT,MAXLON,MAXLAT", allow_hyphen_values = true)]
    bbox: Option<String>,
    /// Only rooms within --radius of this point, the nearest first
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true, requires = "radius")]
    near: Option<String>,
    /// Metres from --near
    #[arg(long, value_name = "METRES", requires = "near")]
    radius: Option<String>,
    /// The order, as price,-size; by default that of insertion
    #[arg(long, value_name = "FIELD,-FIELD", allow_hyphen_values = true)]
    sort: Option<String>,
    /// The most rooms
    #[arg(long, value_name = "NUMBER")]
    limit: Option<String>,
}

impl Wanted {
    fn request(&self) -> Result<RoomListRequest, Failure> {
        let filters: Vec<_> =
            self.filters.iter().map(|(key, value)| (format!("{FILTER}{key}"), value)).collect();
        let others = [
            ("bbox", &self.bbox),
            ("near", &self.near),
            ("radius", &self.radius),
            ("sort", &self.sort),
            ("limit", &self.limit),
        ];
        let filters = filters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let others = others.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?)));
        Ok(RoomListRequest::parse(filters.chain(others))?)
    }
}

/// The name of [`Output::Table`].
const TABLE: &str = "table";

/// How rooms are written.
#[derive(Clone, Copy)]
enum Output {
    /// For people.
    Table,
    /// For programs.
    Data(&'static dyn Format),
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Table => TABLE,
            Self::Data(format) => format.name(),
        })
    }
}

fn output() -> impl TypedValueParser<Value = Output> {
    let names = [TABLE].into_iter().chain(FORMATS.map(Format::name));
    PossibleValuesParser::new(names).map(|name| {
        FORMATS.into_iter().find(|format| format.name() == name).map_or(Output::Table, Output::Data)
    })
}

pub fn run(arguments: &Arguments, settings: &Settings) -> Result<(), Failure> {
    match &arguments.action {
        Action::Add(room) => writes::add(open(settings)?.as_ref(), room)?,
        Action::Delete { codes } => writes::delete(open(settings)?.as_ref(), codes)?,
        Action::Import(import) => writes::import(import, || open(settings))?,
        Action::List { wanted, format } | Action::Export { wanted, format } => {
            let request = wanted.request()?;
            let repository = open(settings)?;
            match format {
                Output::Table => {
                    let mut rooms = Vec::new();
                    each_page(repository.as_ref(), request, |page| {
                        rooms.extend(page.iter().map(|listed| listed.room.clone()));
                        Ok(true)
                    })?;
                    say(&table(&rooms))?;
                }
                Output::Data(format) => list(*format, repository.as_ref(), request)?,
            }
        }
        Action::Show { code, format } => {
            let room = room_show(open(settings)?.as_ref(), *code)?;
            match format {
                Output::Table => say(&table(&[room]))?,
                Output::Data(format) => {
                    let mut bytes = Vec::new();
                    format.one(&mut bytes, &room)?;
                    end_line(&mut bytes);
                    print(&bytes)?;
                }
            }
        }
    }
    Ok(())
}

/// Prints a list as it is read, so that it need not be in memory.
fn list(
    format: &dyn Format,
    repository: &dyn RoomRepository,
    request: RoomListRequest,
) -> Result<(), Failure> {
    let mut bytes = Vec::new();
    format.begin(&mut bytes)?;
    let mut is_first = true;
    let is_read = each_page(repository, request, |page| {
        for listed in page {
            format.room(&mut bytes, &listed.room, listed.distance, is_first)?;
            is_first = false;
        }
        Ok(print(&std::mem::take(&mut bytes))?)
    })?;
    if is_read {
        format.end(&mut bytes)?;
        end_line(&mut bytes);
        print(&bytes)?;
    }
    Ok(())
}

/// Reads one page after the other while `work` wants more; says whether it wanted all.
fn each_page(
    repository: &dyn RoomRepository,
    mut request: RoomListRequest,
    mut work: impl FnMut(&[ListedRoom]) -> Result<bool, Failure>,
) -> Result<bool, Failure> {
    loop {
        let page = room_list(repository, &request)?;
        if !work(&page.rooms)? {
            return Ok(false);
        }
        match page.next() {
            Some(last) if request.limit.is_none() => request.after = Some(last.clone()),
            _ => return Ok(true),
        }
    }
}

/// So that the shell's prompt stands on a line of its own.
fn end_line(bytes: &mut Vec<u8>) {
    if matches!(bytes.last(), Some(last) if *last != b'\n') {
        bytes.push(b'\n');
    }
}

/// A repository that is known to answer.
fn open(settings: &Settings) -> Result<Arc<dyn RoomRepository>, Failure> {
    let url = database_url(settings)?;
    let repository = repository::open(&url, &settings.database);
    readiness(repository.as_ref()).map_err(|failure| {
        let is_absent =
            matches!(failure, use_cases::Failure::System(RepositoryError::Unavailable(_)));
        let help = if is_absent { ". Is it there? Was `rentomatic migrate` run?" } else { "" };
        let Failure(reason) = failure.into();
        Failure(format!("cannot read rooms from {url}: {reason}{help}"))
    })?;
    Ok(repository)
}

fn filter(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write it as price__lt=60")?;
    Ok((key.to_owned(), value.to_owned()))
}

fn table(rooms: &[Room]) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none())).set_header([
        "code",
        "size (m²)",
        "price (€/day)",
        "latitude (°)",
        "longitude (°)",
    ]);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for room in rooms {
        table.add_row([
            room.code.to_string(),
            room.size.get().to_string(),
            room.price.get().to_string(),
            room.latitude.get().to_string(),
            room.longitude.get().to_string(),
        ]);
    }
    format!("{table}\n")
}
