//! Rooms in MongoDB: documents of one collection, with the fields that the Python original gave them.
//!
//! [`client`] connects to the server and limits each wait; [`document`] turns rooms into documents and
//! back; [`pipeline`] turns conditions into stages; [`transaction`] writes several rooms or none;
//! [`rules`] has the validator and the indexes, and [`schema`] applies them.

mod client;
mod collection;
mod doctor;
mod document;
mod error;
mod pipeline;
mod repository;
mod rules;
mod schema;
mod sessions;
mod transaction;

use std::sync::Arc;

use secrecy::SecretString;

use crate::repository::url::MongoUrl;
use crate::repository::{Finding, InvalidDatabaseUrl, Migration, Storage, StorageError};
use crate::settings::Settings;
use crate::use_cases::Repository;

impl Storage for MongoUrl {
    fn set_password(&mut self, password: SecretString) -> Result<(), InvalidDatabaseUrl> {
        self.add_password(password)
    }

    fn open(&self, settings: &Settings) -> Arc<dyn Repository> {
        Arc::new(repository::MongoRepository::new(self, &settings.database))
    }

    fn create(&self) -> Result<bool, StorageError> {
        Ok(!self.migrate()?.is_empty())
    }

    fn migrate(&self) -> Result<Vec<String>, StorageError> {
        schema::migrate(self)
    }

    fn revert(&self) -> Result<Option<String>, StorageError> {
        schema::revert(self)
    }

    fn status(&self) -> Result<Vec<Migration>, StorageError> {
        schema::status(self)
    }

    fn examine(&self, _settings: &Settings) -> Result<Vec<Finding>, StorageError> {
        doctor::examine(self)
    }
}
