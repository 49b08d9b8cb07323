//! `rentomatic rooms add`

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use crate::cli::output::{CliError, say};
use crate::entities::{FIELDS, Field, Kind, RoomCode};
use crate::formats::reading::room::{FieldValue, parse_room};
use crate::use_cases::{Failure, RoomRepository, room_add};

/// The values of a new room's fields: one option per field.
pub struct AddArgs(Vec<(String, FieldValue)>);

impl Args for AddArgs {
    fn augment_args(command: Command) -> Command {
        command.args(FIELDS.iter().map(option))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for AddArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let written = |field: &Field| {
            let text = matches.get_one::<String>(field.name)?;
            Some((field.name.to_owned(), FieldValue::Text(text.clone())))
        };
        Ok(Self(FIELDS.iter().filter_map(written).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn option(field: &Field) -> Arg {
    let (value_name, default) = match field.kind {
        Kind::Code => ("UUID", "; by default a new one"),
        Kind::Whole { .. } => ("NUMBER", ""),
        Kind::Degrees { .. } => ("DEGREES", ""),
        Kind::Text { .. } => ("TEXT", ""),
    };
    Arg::new(field.name)
        .long(field.name)
        .value_name(value_name)
        .help(format!("{}{default}", field.description))
        .required(field.is_required())
        .allow_hyphen_values(true)
}

pub fn run(repository: &dyn RoomRepository, room: &AddArgs) -> Result<(), CliError> {
    let room =
        parse_room(room.0.iter().cloned(), RoomCode::random()).map_err(Failure::Parameters)?;
    room_add(repository, &room)?;
    say(&format!("{}\n", room.code))
}
