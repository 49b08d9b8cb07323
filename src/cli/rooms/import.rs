//! `rentomatic rooms import`

use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::output::{CliError, say};
use crate::formats::reading::{
    FileReport, ImportChoices, ROW_FORMATS, RowFormat, UnknownColumns, format_of_name, import_file,
    in_temporary_folder, temporary_file,
};
use crate::use_cases::{Failure, ImportReport, OnConflict, RoomRepository};

#[derive(Args)]
pub struct ImportArgs {
    /// The file or pipe, or - for standard input
    file: PathBuf,
    /// The file's format; by default from the file's name, or else CSV
    #[arg(long, value_parser = format())]
    format: Option<&'static dyn RowFormat>,
    /// What to do with a room whose code is taken, by a stored room or earlier in the file
    #[arg(long, default_value = "refuse", value_parser = on_conflict())]
    on_conflict: OnConflict,
    /// What to do with columns that are not fields of a room
    #[arg(long, default_value = "refuse", value_parser = columns())]
    columns: UnknownColumns,
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

fn columns() -> impl TypedValueParser<Value = UnknownColumns> {
    PossibleValuesParser::new(UnknownColumns::NAMES.map(|(name, _)| name))
        .map(|name| UnknownColumns::named(&name).unwrap_or_default())
}

/// Imports a file. The repository is opened after the file.
pub fn run(
    arguments: &ImportArgs,
    open_repository: impl FnOnce() -> Result<Arc<dyn RoomRepository>, CliError>,
) -> Result<(), CliError> {
    let of_name = || format_of_name(&arguments.file.to_string_lossy());
    let format = arguments.format.or_else(of_name).unwrap_or(ROW_FORMATS[0]);
    let file = source(arguments)?;
    let length = file.metadata()?.len();
    let repository = open_repository()?;
    // The file is read twice. A progress bar is shown on a terminal.
    let progress = if io::stderr().is_terminal() {
        ProgressBar::new(2 * length)
            .with_style(ProgressStyle::with_template("{wide_bar} {percent} % {eta}")?)
    } else {
        ProgressBar::hidden()
    };
    let repository = repository.as_ref();
    let choices = ImportChoices { on_conflict: arguments.on_conflict, columns: arguments.columns };
    let outcome =
        import_file(repository, file, format, choices, |file| Box::new(progress.wrap_read(file)));
    progress.finish_and_clear();
    match outcome? {
        Ok(FileReport { rooms: ImportReport { added, replaced, skipped }, ignored }) => {
            say(&format!("{added} added, {replaced} replaced, {skipped} skipped\n"))?;
            if ignored.is_empty() {
                return Ok(());
            }
            say(&format!("ignored columns: {}\n", ignored.join(", ")))
        }
        // The report has a line for each invalid row.
        Err(rows @ Failure::Rows(_)) => Err(CliError(format!("nothing was imported\n{rows}"))),
        Err(failure) => Err(failure.into()),
    }
}

/// The file, or a copy of standard input or a pipe, which cannot be read twice.
fn source(arguments: &ImportArgs) -> Result<File, CliError> {
    let path = arguments.file.display();
    let failure = |error| CliError(format!("cannot read {path}: {error}"));
    if arguments.file.as_os_str() == "-" {
        return copy(io::stdin().lock(), &failure);
    }
    let file = File::open(&arguments.file).map_err(failure)?;
    if file.metadata().map_err(failure)?.is_file() { Ok(file) } else { copy(file, &failure) }
}

/// Copies everything to a temporary file.
fn copy(mut source: impl Read, failure: &impl Fn(io::Error) -> CliError) -> Result<File, CliError> {
    let mut copy = temporary_file()?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match source.read(&mut buffer) {
            Ok(0) => return Ok(copy),
            Ok(length) => {
                let written = copy.write_all(&buffer[..length]);
                written.map_err(|error| in_temporary_folder(&error))?;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(failure(error)),
        }
    }
}
