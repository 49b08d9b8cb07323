//! `rentomatic rooms import`

use std::fs::File;
use std::io::{self, BufReader, IsTerminal, Read, Seek};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::error::CliError;
use crate::cli::output::say;
use crate::formats::reading::{ROW_FORMATS, RowFormat};
use crate::use_cases::{Failure, ImportReport, OnConflict, RoomRepository, room_import};

#[derive(Args)]
pub struct ImportArgs {
    /// The file, or - for standard input
    file: PathBuf,
    /// The file's format; by default from the file's name, or else CSV
    #[arg(long, value_parser = format())]
    format: Option<&'static dyn RowFormat>,
    /// What to do with a room whose code is taken, by a stored room or earlier in the file
    #[arg(long, default_value = "refuse", value_parser = on_conflict())]
    on_conflict: OnConflict,
}

fn format() -> impl TypedValueParser<Value = &'static dyn RowFormat> {
    PossibleValuesParser::new(ROW_FORMATS.map(RowFormat::name))
        .map(|name| named(&name).unwrap_or(ROW_FORMATS[0]))
}

fn named(name: &str) -> Option<&'static dyn RowFormat> {
    ROW_FORMATS.into_iter().find(|format| format.name() == name)
}

fn on_conflict() -> impl TypedValueParser<Value = OnConflict> {
    PossibleValuesParser::new(OnConflict::NAMES.map(|(name, _)| name))
        .map(|name| OnConflict::named(&name).unwrap_or_default())
}

/// Imports a file. The repository is opened after the file.
pub fn run(
    arguments: &ImportArgs,
    open_repository: impl FnOnce() -> Result<Arc<dyn RoomRepository>, CliError>,
) -> Result<(), CliError> {
    let extension = arguments.file.extension().and_then(|extension| extension.to_str());
    let format = arguments.format.or_else(|| named(extension?)).unwrap_or(ROW_FORMATS[0]);
    let mut file = source(arguments)?;
    let length = file.metadata()?.len();
    let repository = open_repository()?;
    // The file is read twice. A progress bar is shown on a terminal.
    let progress = if io::stderr().is_terminal() {
        ProgressBar::new(2 * length)
            .with_style(ProgressStyle::with_template("{wide_bar} {percent} % {eta}")?)
    } else {
        ProgressBar::hidden()
    };
    let mut read_error = None;
    let read = || {
        let reader: Box<dyn Read> = match file.rewind().and_then(|()| file.try_clone()) {
            Ok(file) => Box::new(progress.wrap_read(BufReader::new(file))),
            Err(error) => {
                read_error = Some(error);
                Box::new(io::empty())
            }
        };
        format.rows(reader)
    };
    let outcome = room_import(repository.as_ref(), read, arguments.on_conflict);
    progress.finish_and_clear();
    if let Some(error) = read_error {
        return Err(error.into());
    }
    let report = match outcome {
        // The report has a line for each invalid row.
        Err(rows @ Failure::Rows(_)) => {
            return Err(CliError(format!("nothing was imported\n{rows}")));
        }
        outcome => outcome?,
    };
    let ImportReport { added, replaced, skipped } = report;
    Ok(say(&format!("{added} added, {replaced} replaced, {skipped} skipped\n"))?)
}

/// The file, or a copy of standard input, which cannot be read twice.
fn source(arguments: &ImportArgs) -> Result<File, CliError> {
    if arguments.file.as_os_str() == "-" {
        let mut copy = tempfile::tempfile()?;
        io::copy(&mut io::stdin().lock(), &mut copy)?;
        return Ok(copy);
    }
    let path = arguments.file.display();
    File::open(&arguments.file).map_err(|error| CliError(format!("cannot read {path}: {error}")))
}
