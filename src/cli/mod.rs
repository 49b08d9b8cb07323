//! How the terminal asks: one file a subcommand.
//!
//! This ring knows all others, and is the one place that puts the concrete parts together. It is
//! also the only one that reads the environment and writes to standard output.

mod backup;
mod completions;
mod doctor;
mod healthcheck;
mod init_db;
mod migrate;
mod output;
mod print_config;
mod rooms;
mod serve;
mod token;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::logging;
use crate::repository::DatabaseUrl;
use crate::settings::{self, Setting, Settings, SettingsError, Sources};

/// A catalogue of rooms for rent: in a browser, as an API and on the terminal.
#[derive(Debug, Parser)]
#[command(name = "rentomatic", version)]
struct Arguments {
    /// Read the settings from this file
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Where rooms are kept
    #[arg(
        long,
        global = true,
        value_name = "URL",
        help = "Where rooms are kept: sqlite:PATH, postgres://USER@HOST[:PORT]/DATABASE or memory:"
    )]
    database_url: Option<String>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Apply pending migrations, then serve until told to stop (SIGTERM or SIGINT)
    Serve(serve::Arguments),
    /// Make the database that the URL names, unless it exists
    InitDb,
    /// Apply, take back or list the migrations of the database's schema
    Migrate(migrate::Arguments),
    /// Show rooms
    Rooms(rooms::Arguments),
    /// Copy all rooms of an SQLite database into a new file, while it is in use
    Backup(backup::Arguments),
    /// Put the rooms of such a copy in place of those that are there, all of them or none
    Restore(backup::Arguments),
    /// Look at the database and the settings, and say what is unwise
    Doctor,
    /// Print the settings in force and where each came from
    Config,
    /// Ask a server whether it is ready
    Healthcheck(healthcheck::Arguments),
    /// Print a new admin token
    Token,
    /// Print a completion script for a shell
    Completions(completions::Arguments),
}

/// Runs the program: reads the command line and the environment, does what they say, and gives the
/// exit code: 0 done, 1 failed, 2 wrong usage.
#[must_use]
#[expect(clippy::print_stderr, reason = "the one line that says why a command failed")]
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    match dispatch(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(message)) => {
            eprintln!("rentomatic: {message}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: Arguments) -> Result<(), Failure> {
    if let Command::Completions(arguments) = &arguments.command {
        return completions::run(arguments);
    }
    let (settings, listed) = load(&arguments)?;
    logging::start(&settings.log);
    match arguments.command {
        Command::Serve(arguments) => serve::run(&arguments, &settings),
        Command::InitDb => init_db::run(&settings),
        Command::Migrate(arguments) => migrate::run(&arguments, &settings),
        Command::Rooms(arguments) => rooms::run(&arguments, &settings),
        Command::Backup(arguments) => backup::backup(&arguments, &settings),
        Command::Restore(arguments) => backup::restore(&arguments, &settings),
        Command::Doctor => doctor::run(&settings),
        Command::Config => print_config::run(&listed),
        Command::Healthcheck(arguments) => healthcheck::run(&arguments, &settings),
        Command::Token => token::run(),
        Command::Completions(arguments) => completions::run(&arguments),
    }
}

fn load(arguments: &Arguments) -> Result<(Settings, Vec<Setting>), SettingsError> {
    let mut flags = Vec::new();
    if let Some(url) = &arguments.database_url {
        flags.push(("--database-url", "database.url", url.clone()));
    }
    if let Command::Serve(serve::Arguments { bind: Some(bind), .. }) = &arguments.command {
        flags.push(("--bind", "server.bind", bind.to_string()));
    }
    let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    settings::load(&Sources {
        environment: std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect(),
        file: arguments.config.clone(),
        folder: PathBuf::new(),
        flags,
    })
}

/// The storage that the settings name, with the password from its file.
fn database_url(settings: &Settings) -> Result<DatabaseUrl, Failure> {
    let url: DatabaseUrl = settings.database.url.parse()?;
    Ok(match (url, settings.database.password()?) {
        (DatabaseUrl::Postgres(url), Some(password)) => {
            DatabaseUrl::Postgres(url.with_password(&password)?)
        }
        #[cfg(feature = "mongodb")]
        (DatabaseUrl::Mongo(url), Some(password)) => {
            DatabaseUrl::Mongo(url.with_password(&password)?)
        }
        (url, _) => url,
    })
}

/// Prints clap's words on a command line that it cannot read, and any help that was asked for. An
/// argument that may hold a password, as a URL in the wrong place, is not repeated.
#[expect(clippy::print_stderr, reason = "how the command line was wrong")]
fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return match output::say(&error.render().to_string()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    let mut message = error.render().to_string();
    for argument in std::env::args_os() {
        let argument = argument.to_string_lossy();
        if argument.contains("://") || argument.contains('@') {
            message = message.replace(&*argument, "***");
        }
    }
    eprint!("{message}");
    ExitCode::from(2)
}

/// Why a command failed: one line that says what is wrong and how to mend it.
#[derive(Debug)]
struct Failure(String);

impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(logging::one_line(&error))
    }
}
