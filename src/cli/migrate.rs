//! `rentomatic migrate`

use clap::{Args, Subcommand};

use super::output::say;
use super::{Failure, database_url};
use crate::repository;
use crate::settings::Settings;

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Clone, Copy, Default, Subcommand)]
enum Action {
    /// Apply every migration that the database lacks (the default)
    #[default]
    Run,
    /// Take back the newest migration
    Revert,
    /// List all migrations, and which the database has
    Status,
}

pub fn run(arguments: &Arguments, settings: &Settings) -> Result<(), Failure> {
    let url = database_url(settings)?;
    let text = match arguments.action.unwrap_or_default() {
        Action::Run => {
            let names = repository::migrate(&url)?;
            let lines: Vec<_> = names.iter().map(|name| format!("applied {name}\n")).collect();
            or_else(&lines, "nothing to apply\n")
        }
        Action::Revert => {
            let name = repository::revert(&url)?;
            let lines: Vec<_> = name.iter().map(|name| format!("took back {name}\n")).collect();
            or_else(&lines, "nothing to take back\n")
        }
        Action::Status => {
            let lines: Vec<_> = repository::migration_status(&url)?
                .iter()
                .map(|migration| {
                    let state = if migration.applied { "applied" } else { "pending" };
                    format!("{state}  {}\n", migration.name)
                })
                .collect();
            or_else(&lines, "no migrations\n")
        }
    };
    Ok(say(&text)?)
}

fn or_else(lines: &[String], none: &str) -> String {
    if lines.is_empty() { none.to_owned() } else { lines.concat() }
}
