//! PostgreSQL.

mod connection;
mod database;
mod doctor;
mod few;
mod search_path;
mod spelled;

use std::sync::Arc;
use std::time::Duration;

pub use self::database::contained_by;
pub use self::few::{AreFew, RoomsOfFew};
use diesel::pg::PgConnection;
use secrecy::SecretString;

use super::migrations;
use super::opener::Opener;
use super::repository::DieselRepository;
use crate::repository::url::PostgresUrl;
use crate::repository::{Finding, InvalidDatabaseUrl, Migration, Storage, StorageError};
use crate::settings::Settings;
use crate::use_cases::Repository;

impl Storage for PostgresUrl {
    fn set_password(&mut self, password: SecretString) -> Result<(), InvalidDatabaseUrl> {
        self.add_password(password)
    }

    fn open(&self, settings: &Settings) -> Arc<dyn Repository> {
        let time_outs = time_outs(self, settings);
        let of_statements = time_outs.of_statements;
        let url = self.clone();
        let opener = Opener::new(move || connection::open(&url, &time_outs));
        Arc::new(DieselRepository::new(opener, &settings.database, of_statements))
    }

    fn create(&self) -> Result<bool, StorageError> {
        connection::create(self)
    }

    fn migrate(&self) -> Result<Vec<String>, StorageError> {
        migrations::run(&mut connect(self)?)
    }

    fn revert(&self) -> Result<Option<String>, StorageError> {
        migrations::revert(&mut connect(self)?)
    }

    fn status(&self) -> Result<Vec<Migration>, StorageError> {
        migrations::status(&mut connect(self)?)
    }

    fn examine(&self, settings: &Settings) -> Result<Vec<Finding>, StorageError> {
        doctor::examine(self, &time_outs(self, settings))
    }
}

/// A connection that sees the table, if there is one.
fn connect(url: &PostgresUrl) -> Result<PgConnection, StorageError> {
    let mut connection = connection::connect(url)?;
    search_path::check(url, &mut connection)?;
    Ok(connection)
}

/// The time-outs of a server's connections.
fn time_outs(url: &PostgresUrl, settings: &Settings) -> connection::TimeOuts {
    let request_timeout = settings.server.request_timeout_ms.get().into();
    connection::TimeOuts::of(url, Duration::from_millis(request_timeout))
}
