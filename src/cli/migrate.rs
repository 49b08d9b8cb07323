//! `rentomatic init-db` and `rentomatic migrate`

use clap::{Args, Subcommand};

use super::output::{CliError, say};
use super::storage::storage;
use crate::settings::Settings;

#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Clone, Copy, Default, Subcommand)]
enum Action {
    /// Apply all migrations that the database lacks (the default)
    #[default]
    Run,
    /// Revert the newest migration
    Revert,
    /// List all migrations, and whether the database has each
    Status,
}

pub fn create(settings: &Settings) -> Result<(), CliError> {
    let storage = storage(settings)?;
    let result = if storage.create()? { "created" } else { "exists already" };
    say(&format!("{storage}: {result}\n"))
}

pub fn run(arguments: &Arguments, settings: &Settings) -> Result<(), CliError> {
    let storage = storage(settings)?;
    let (lines, if_empty): (Vec<String>, _) = match arguments.action.unwrap_or_default() {
        Action::Run => {
            let lines = storage.migrate()?.into_iter().map(|name| format!("applied {name}\n"));
            (lines.collect(), "nothing to apply\n")
        }
        Action::Revert => {
            let lines = storage.revert()?.into_iter().map(|name| format!("reverted {name}\n"));
            (lines.collect(), "nothing to revert\n")
        }
        Action::Status => {
            let lines = storage.status()?.into_iter().map(|migration| {
                let state = if migration.applied { "applied" } else { "pending" };
                format!("{state}  {}\n", migration.name)
            });
            (lines.collect(), "no migrations\n")
        }
    };
    say(&if lines.is_empty() { if_empty.to_owned() } else { lines.concat() })
}
