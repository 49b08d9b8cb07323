//! `rentomatic rooms`

mod add;
mod import;
mod list;
mod output;

use clap::{Args, Subcommand};

use self::add::AddArgs;
use self::import::ImportArgs;
use self::list::ListArgs;
use self::output::OutputFormat;
use super::output::{CliError, say};
use super::storage::open_ready;
use crate::entities::RoomCode;
use crate::formats::reading::room::parse_code;
use crate::settings::Settings;
use crate::use_cases::{no_precondition, room_remove, room_show};

#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// List rooms
    List {
        #[command(flatten)]
        list: ListArgs,
        /// The output format
        #[arg(long, default_value = OutputFormat::TABLE, value_parser = OutputFormat::parser())]
        format: OutputFormat,
    },
    /// Print rooms for programs: the same as list, in CSV
    Export {
        #[command(flatten)]
        list: ListArgs,
        /// The output format
        #[arg(long, default_value = "csv", value_parser = OutputFormat::parser())]
        format: OutputFormat,
    },
    /// Add a room
    Add(AddArgs),
    /// Delete rooms
    Delete {
        /// Their codes
        #[arg(required = true, value_parser = parse_code)]
        codes: Vec<RoomCode>,
    },
    /// Add many rooms from a file, all of them or none
    Import(ImportArgs),
    /// Show one room
    Show {
        /// The room's code
        #[arg(value_parser = parse_code)]
        code: RoomCode,
        /// The output format
        #[arg(long, default_value = OutputFormat::TABLE, value_parser = OutputFormat::parser())]
        format: OutputFormat,
    },
}

pub fn run(arguments: &Arguments, settings: &Settings) -> Result<(), CliError> {
    match &arguments.action {
        Action::Add(room) => add::run(open_ready(settings)?.as_ref(), room),
        Action::Delete { codes } => {
            let repository = open_ready(settings)?;
            for code in codes {
                room_remove(repository.as_ref(), *code, &no_precondition)?;
                say(&format!("{code}\n"))?;
            }
            Ok(())
        }
        Action::Import(import) => import::run(import, || open_ready(settings)),
        Action::List { list, format } | Action::Export { list, format } => {
            let request = list.request(settings)?;
            list::run(open_ready(settings)?.as_ref(), request, *format)
        }
        Action::Show { code, format } => {
            format.print_one(&room_show(open_ready(settings)?.as_ref(), *code)?)
        }
    }
}
