//! `rentomatic rooms`

use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use comfy_table::{CellAlignment, LineStyle, Table, presets};

use super::output::print;
use super::{Failure, database_url};
use crate::entities::{Room, RoomCode};
use crate::repository;
use crate::representation::json;
use crate::settings::Settings;
use crate::use_cases::{RoomListRequest, RoomRepository, readiness, room_list, room_show};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the rooms that pass all filters
    List {
        /// Only rooms for which this holds, as price__lt=60; may be given several times
        #[arg(long = "filter", value_name = "FIELD__OP=VALUE", value_parser = filter)]
        filters: Vec<(String, String)>,
        /// How to write them
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Show one room
    Show {
        /// The room's code
        code: RoomCode,
        /// How to write it
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// For programs
    Json,
}

pub fn run(arguments: &Arguments, settings: &Settings) -> Result<(), Failure> {
    let text = match &arguments.action {
        Action::List { filters, format } => {
            let pairs = filters.iter().map(|(key, value)| (key.as_str(), value.as_str()));
            let request = RoomListRequest::parse(pairs)?;
            let rooms = room_list(open(settings)?.as_ref(), &request)?;
            match format {
                Format::Table => table(&rooms),
                Format::Json => json::list(&rooms)?,
            }
        }
        Action::Show { code, format } => {
            let room = room_show(open(settings)?.as_ref(), *code)?;
            match format {
                Format::Table => table(&[room]),
                Format::Json => json::one(&room)?,
            }
        }
    };
    Ok(print(&format!("{text}\n"))?)
}

/// A repository that is known to answer.
fn open(settings: &Settings) -> Result<Arc<dyn RoomRepository>, Failure> {
    let url = database_url(settings)?;
    let repository = repository::open(&url, &settings.database);
    readiness(repository.as_ref()).map_err(|failure| {
        let Failure(reason) = failure.into();
        Failure(format!("cannot read rooms from {url}: {reason}. Was `rentomatic migrate` run?"))
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
    table.to_string()
}
