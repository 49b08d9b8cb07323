//! `rentomatic rooms add`, `delete` and `import`

use std::fs::File;
use std::io::{self, BufReader, IsTerminal, Read, Seek};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::Failure;
use crate::cli::output::say;
use crate::entities::RoomCode;
use crate::representation::rows::RowFormat;
use crate::use_cases::{
    self, FieldValue, OnConflict, RoomFields, RoomRepository, room_add, room_import, room_remove,
    whatever,
};

#[derive(Debug, Args)]
pub struct NewRoom {
    /// A UUID; by default a new one
    #[arg(long)]
    code: Option<String>,
    /// Square metres
    #[arg(long)]
    size: String,
    /// Euro a day
    #[arg(long)]
    price: String,
    /// Degrees north of the equator
    #[arg(long, allow_hyphen_values = true)]
    latitude: String,
    /// Degrees east of Greenwich
    #[arg(long, allow_hyphen_values = true)]
    longitude: String,
}

#[derive(Debug, Args)]
pub struct Import {
    /// The file, or - for standard input
    file: PathBuf,
    /// How it is written; by default as its name ends, or CSV
    #[arg(long, value_parser = format())]
    format: Option<RowFormat>,
    /// What becomes of a room whose code is taken, in the catalogue or earlier in the file
    #[arg(long, default_value = "refuse", value_parser = on_conflict())]
    on_conflict: OnConflict,
}

fn format() -> impl TypedValueParser<Value = RowFormat> {
    PossibleValuesParser::new(RowFormat::ALL.map(RowFormat::name))
        .map(|name| named(&name).unwrap_or(RowFormat::Csv))
}

fn named(name: &str) -> Option<RowFormat> {
    RowFormat::ALL.into_iter().find(|format| format.name() == name)
}

fn on_conflict() -> impl TypedValueParser<Value = OnConflict> {
    PossibleValuesParser::new(OnConflict::NAMES.map(|(name, _)| name)).map(|name| {
        let found = OnConflict::NAMES.iter().find(|(known, _)| *known == name);
        found.map_or_else(OnConflict::default, |(_, on_conflict)| *on_conflict)
    })
}

pub fn add(repository: &dyn RoomRepository, room: &NewRoom) -> Result<(), Failure> {
    let fields = [
        ("size", Some(&room.size)),
        ("price", Some(&room.price)),
        ("latitude", Some(&room.latitude)),
        ("longitude", Some(&room.longitude)),
        ("code", room.code.as_ref()),
    ];
    let written = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), FieldValue::Text(value?.clone()))));
    let room = RoomFields::parse_room(written, RoomCode::random())
        .map_err(use_cases::Failure::Parameters)?;
    room_add(repository, &room)?;
    Ok(say(&format!("{}\n", room.code))?)
}

pub fn delete(repository: &dyn RoomRepository, codes: &[RoomCode]) -> Result<(), Failure> {
    for code in codes {
        room_remove(repository, *code, &whatever)?;
        say(&format!("{code}\n"))?;
    }
    Ok(())
}

/// Imports a file; the repository is opened only if the file can be.
pub fn import(
    arguments: &Import,
    open: impl FnOnce() -> Result<Arc<dyn RoomRepository>, Failure>,
) -> Result<(), Failure> {
    let ending = arguments.file.extension().and_then(|ending| ending.to_str());
    let format = arguments.format.or_else(|| named(ending?)).unwrap_or(RowFormat::Csv);
    let mut file = source(arguments)?;
    let length = file.metadata()?.len();
    let repository = open()?;
    // The file is read twice; a bar goes on where somebody watches.
    let progress = if io::stderr().is_terminal() {
        ProgressBar::new(2 * length)
            .with_style(ProgressStyle::with_template("{wide_bar} {percent} % {eta}")?)
    } else {
        ProgressBar::hidden()
    };
    let mut broken = None;
    let read = || {
        let again: Box<dyn Read> = match file.rewind().and_then(|()| file.try_clone()) {
            Ok(file) => Box::new(progress.wrap_read(BufReader::new(file))),
            Err(error) => {
                broken = Some(error);
                Box::new(io::empty())
            }
        };
        format.rows(again)
    };
    let outcome = room_import(repository.as_ref(), read, arguments.on_conflict);
    progress.finish_and_clear();
    if let Some(error) = broken {
        return Err(error.into());
    }
    let report = match outcome {
        // A report has a line for each wrong row.
        Err(rows @ use_cases::Failure::Rows(_)) => {
            return Err(Failure(format!("nothing was imported\n{rows}")));
        }
        outcome => outcome?,
    };
    let (added, replaced, skipped) = (report.added, report.replaced, report.skipped);
    Ok(say(&format!("{added} added, {replaced} replaced, {skipped} skipped\n"))?)
}

/// The file, or a copy of standard input, which cannot be read twice.
fn source(arguments: &Import) -> Result<File, Failure> {
    if arguments.file.as_os_str() == "-" {
        let mut copy = tempfile::tempfile()?;
        io::copy(&mut io::stdin().lock(), &mut copy)?;
        return Ok(copy);
    }
    let path = arguments.file.display();
    File::open(&arguments.file).map_err(|error| Failure(format!("cannot read {path}: {error}")))
}
