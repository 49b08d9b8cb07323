//! SQLite.

mod backup;
mod connection;
mod database;
mod deadline;
mod doctor;
mod file;
mod opener;
mod watch;

use std::path::Path;
use std::sync::Arc;

pub use self::connection::version as sqlite_version;
use self::opener::SqliteOpener;
use super::migrations;
use super::opener::Opener;
use super::repository::DieselRepository;
use crate::repository::url::SqlitePath;
use crate::repository::{Finding, Migration, Storage, StorageError};
use crate::settings::Settings;
use crate::use_cases::Repository;

impl Storage for SqlitePath {
    fn open(&self, settings: &Settings) -> Arc<dyn Repository> {
        let sqlite = Arc::new(SqliteOpener::new(self.as_path()));
        let watched = Arc::clone(&sqlite);
        let opener = Opener::new(move || sqlite.open());
        let repository: Arc<dyn Repository> =
            Arc::new(DieselRepository::new(opener, &settings.database, None));
        watch::watch(watched, &repository);
        repository
    }

    fn create(&self) -> Result<bool, StorageError> {
        connection::create(self.as_path())
    }

    fn migrate(&self) -> Result<Vec<String>, StorageError> {
        self.create()?;
        migrations::run(&mut connection::connect(self.as_path())?)
    }

    fn revert(&self) -> Result<Option<String>, StorageError> {
        migrations::revert(&mut connection::connect(self.as_path())?)
    }

    fn status(&self) -> Result<Vec<Migration>, StorageError> {
        migrations::status(&mut connection::connect(self.as_path())?)
    }

    fn examine(&self, _settings: &Settings) -> Result<Vec<Finding>, StorageError> {
        doctor::examine(self.as_path())
    }

    fn backup(&self, file: &Path) -> Result<(), StorageError> {
        backup::backup(self.as_path(), file)
    }

    fn restore(&self, file: &Path) -> Result<usize, StorageError> {
        self.migrate()?;
        backup::restore(self.as_path(), file)
    }
}
