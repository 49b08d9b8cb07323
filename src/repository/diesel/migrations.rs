//! The migrations: embedded in the binary, and applied under a lock.

use diesel::migration::{Migration as DieselMigration, MigrationSource};
use diesel::result::{Error as DieselError, QueryResult};

use super::database::Database;
use super::queries::Queries;
use crate::logging::one_line;
use crate::repository::{Migration, StorageError};

type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// Applies the missing migrations in one transaction. If none is missing, nothing is written, so that a
/// role without rights on the schema can call this, too.
pub fn run(connection: &mut impl Queries) -> Result<Vec<String>, StorageError> {
    apply(connection).map_err(|error| failure("migrate", &error))
}

fn apply<C: Queries>(connection: &mut C) -> Result<Vec<String>, AnyError> {
    let mut names = Vec::new();
    if !pending(connection)?.is_empty() {
        names = connection.migrating(|connection| -> Result<_, AnyError> {
            let pending = connection.pending_migrations(C::MIGRATIONS)?;
            connection.run_migrations(&pending)?;
            Ok(pending.iter().map(|migration| migration.name().to_string()).collect())
        })?;
    }
    connection.enable_wal()?;
    Ok(names)
}

/// Reverts the newest migration.
pub fn revert<C: Queries>(connection: &mut C) -> Result<Option<String>, StorageError> {
    let reverted = connection.migrating(|connection| -> Result<_, AnyError> {
        let Some(newest) = connection.applied_versions()?.pop() else {
            return Ok(None);
        };
        let known = embedded::<C>()?;
        let migration = known
            .iter()
            .find(|migration| migration.name().version().to_string() == newest)
            .ok_or_else(|| {
                format!("{newest} comes from a newer rentomatic: revert it with that version")
            })?;
        connection.revert_migration(migration)?;
        Ok(Some(migration.name().to_string()))
    });
    reverted.map_err(|error| failure("revert", &error))
}

/// All migrations, and whether the database has each.
pub fn status(connection: &mut impl Queries) -> Result<Vec<Migration>, StorageError> {
    all(connection).map_err(|error| failure("read the migrations", &error.into()))
}

/// The names of the missing migrations.
pub fn pending(connection: &mut impl Queries) -> QueryResult<Vec<String>> {
    let missing = all(connection)?.into_iter().filter(|migration| !migration.applied);
    Ok(missing.map(|migration| migration.name).collect())
}

fn all<C: Queries>(connection: &mut C) -> QueryResult<Vec<Migration>> {
    let mut versions = connection.applied_versions()?;
    let mut all = Vec::new();
    for migration in embedded::<C>().map_err(DieselError::QueryBuilderError)? {
        let version = migration.name().version().to_string();
        let applied = versions.contains(&version);
        versions.retain(|one| *one != version);
        all.push(Migration { name: migration.name().to_string(), applied });
    }
    all.extend(versions.into_iter().map(|version| Migration {
        name: format!("{version} (from a newer rentomatic)"),
        applied: true,
    }));
    Ok(all)
}

fn embedded<C: Database>() -> Result<Vec<Box<dyn DieselMigration<C::Backend>>>, AnyError> {
    let mut migrations = MigrationSource::<C::Backend>::migrations(&C::MIGRATIONS)?;
    migrations.sort_by_key(|migration| migration.name().version().as_owned());
    Ok(migrations)
}

fn failure(action: &str, error: &AnyError) -> StorageError {
    let reason = one_line(error.as_ref());
    let instruction = if reason.contains("permission denied") {
        ". Run `rentomatic migrate` as the owner of the table"
    } else {
        ""
    };
    let message = format!("cannot {action}: {reason}. Nothing was changed{instruction}");
    StorageError::permanent(message)
}
