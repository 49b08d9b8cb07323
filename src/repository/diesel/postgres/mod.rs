//! PostgreSQL.

mod connection;
mod database;
mod doctor;

use std::sync::Arc;

use secrecy::SecretString;

use super::migrations;
use super::repository::DieselRepository;
use crate::repository::url::PostgresUrl;
use crate::repository::{Finding, InvalidDatabaseUrl, Migration, Storage, StorageError};
use crate::settings::DatabaseSettings;
use crate::use_cases::Repository;

impl Storage for PostgresUrl {
    fn set_password(&mut self, password: SecretString) -> Result<(), InvalidDatabaseUrl> {
        self.add_password(password)
    }

    fn open(&self, settings: &DatabaseSettings) -> Arc<dyn Repository> {
        let time_outs = Box::new(connection::TimeOuts::of(self));
        let url = connection::with_defaults(self).to_libpq();
        Arc::new(DieselRepository::new(&url, settings, time_outs))
    }

    fn create(&self) -> Result<bool, StorageError> {
        connection::create(self)
    }

    fn migrate(&self) -> Result<Vec<String>, StorageError> {
        migrations::run(&mut connection::connect(self)?)
    }

    fn revert(&self) -> Result<Option<String>, StorageError> {
        migrations::revert(&mut connection::connect(self)?)
    }

    fn status(&self) -> Result<Vec<Migration>, StorageError> {
        migrations::status(&mut connection::connect(self)?)
    }

    fn examine(&self) -> Result<Vec<Finding>, StorageError> {
        doctor::examine(self)
    }
}
