//! The terminal: one file per subcommand, except for those of a line or two.
//!
//! This ring knows all others, and is the only place that puts the concrete parts together, reads the
//! environment and writes to standard output.

mod backup;
mod doctor;
mod healthcheck;
mod migrate;
mod output;
mod print_config;
mod rooms;
mod serve;
mod storage;
mod token;
mod version;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use self::output::{CliError, say};
use crate::logging::{self, printable};
use crate::repository::url_forms;
use crate::settings::{self, Setting, Settings, SettingsError, Sources};

/// A catalogue of rooms for rent: in a browser, as an API and on the terminal.
#[derive(Parser)]
#[command(name = "rentomatic", version)]
struct Arguments {
    /// Read the settings from this file
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,

    #[arg(
        long,
        global = true,
        value_name = "URL",
        help = format!("Where rooms are stored: {}", url_forms())
    )]
    database_url: Option<String>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Apply pending migrations, then serve until stopped (SIGTERM or SIGINT)
    Serve(serve::Arguments),
    /// Create the database, unless it exists
    InitDb,
    /// Apply, revert or list the migrations of the database
    Migrate(migrate::Arguments),
    /// List, show, add, delete, import or export rooms
    Rooms(rooms::Arguments),
    /// Copy all rooms of an SQLite database to a new file, while it is in use
    Backup(backup::Arguments),
    /// Replace all rooms of an SQLite database by those of such a copy, all of them or none
    Restore(backup::Arguments),
    /// Check the database and the settings, and say what to fix
    Doctor,
    /// Print the current settings and where each comes from
    Config,
    /// Check whether a server is ready
    Healthcheck(healthcheck::Arguments),
    /// Print a new admin token, or write it to a file that only its owner can read
    Token(token::Arguments),
    /// Print the version
    Version(version::Arguments),
    /// Print a completion script for a shell
    Completions {
        /// The shell to write the script for
        shell: Shell,
    },
}

/// Runs the command in the command line, and returns the exit code: 0 for success, 1 for a failure, 2 for
/// a wrong command line.
#[must_use]
#[expect(clippy::print_stderr, reason = "a failure is reported here")]
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    match dispatch(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(CliError(message)) => {
            eprintln!("rentomatic: {}", printable(&message));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: Arguments) -> Result<(), CliError> {
    // These must work even if the settings are invalid.
    match &arguments.command {
        Command::Completions { shell } => return print_completions(*shell),
        Command::Version(arguments) => return version::run(arguments),
        _ => {}
    }
    let (settings, listed) = load(&arguments)?;
    logging::start(&settings.log);
    match arguments.command {
        Command::Serve(arguments) => serve::run(&arguments, &settings),
        Command::InitDb => migrate::create(&settings),
        Command::Migrate(arguments) => migrate::run(&arguments, &settings),
        Command::Rooms(arguments) => rooms::run(&arguments, &settings),
        Command::Backup(arguments) => backup::backup(&arguments, &settings),
        Command::Restore(arguments) => backup::restore(&arguments, &settings),
        Command::Doctor => doctor::run(&settings, &listed),
        Command::Config => print_config::run(&listed),
        Command::Healthcheck(arguments) => healthcheck::run(&arguments, &settings),
        Command::Token(arguments) => token::run(&arguments),
        Command::Version(arguments) => version::run(&arguments),
        Command::Completions { shell } => print_completions(shell),
    }
}

fn print_completions(shell: Shell) -> Result<(), CliError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "rentomatic", &mut script);
    output::print(&script).map(drop)
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

/// Prints clap's error about the command line, or the requested help. An argument that may hold a
/// password, for example a URL in the wrong place, is not repeated.
#[expect(clippy::print_stderr, reason = "an error in the command line is reported here")]
fn usage(error: &clap::Error) -> ExitCode {
    let mut message = error.render().to_string();
    if !error.use_stderr() {
        return say(&message).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    for argument in std::env::args_os() {
        let argument = argument.to_string_lossy();
        if argument.contains("://") || argument.contains('@') {
            message = message.replace(&*argument, "***");
        }
    }
    eprint!("{}", printable(&message));
    ExitCode::from(2)
}
