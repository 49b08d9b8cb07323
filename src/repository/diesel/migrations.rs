//! The migrations: embedded in the binary, and applied under a lock.

use diesel::migration::{Migration as DieselMigration, MigrationSource};
use diesel::result::{Error as DieselError, QueryResult};
use diesel_migrations::MigrationHarness;

use super::database::Database;
use super::queries::Queries;
use crate::logging::one_line;
use crate::repository::{Migration, StorageError};

type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// Applies the missing migrations in one transaction. If none is missing, nothing is written, so that a
/// role without rights on the schema can call this, too.
pub fn run<C>(connection: &mut C) -> Result<Vec<String>, StorageError>
where
    C: Database + Queries + MigrationHarness<C::Backend>,
{
    let cannot_migrate = |error: DieselError| failure("migrate", &error.into());
    let mut names = Vec::new();
    if !pending(connection).map_err(cannot_migrate)?.is_empty() {
        names = apply(connection)?;
    }
    connection.enable_wal().map_err(cannot_migrate)?;
    Ok(names)
}

fn apply<C>(connection: &mut C) -> Result<Vec<String>, StorageError>
where
    C: Database + Queries + MigrationHarness<C::Backend>,
{
    let applied = connection.migrating(|connection| -> Result<_, AnyError> {
        let pending = connection.pending_migrations(C::MIGRATIONS)?;
        connection.run_migrations(&pending)?;
        Ok(pending.iter().map(|migration| migration.name().to_string()).collect())
    });
    applied.map_err(|error| failure("migrate", &error))
}

/// Reverts the newest migration.
pub fn revert<C>(connection: &mut C) -> Result<Option<String>, StorageError>
where
    C: Database + Queries + MigrationHarness<C::Backend>,
{
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
pub fn status<C>(connection: &mut C) -> Result<Vec<Migration>, StorageError>
where
    C: Database + Queries,
{
    let cannot_read = |error| failure("read the migrations", &error);
    let versions = connection.applied_versions().map_err(|error| cannot_read(error.into()))?;
    let known = embedded::<C>().map_err(cannot_read)?;
    let mut status: Vec<Migration> = known
        .iter()
        .map(|migration| Migration {
            name: migration.name().to_string(),
            applied: versions.contains(&migration.name().version().to_string()),
        })
        .collect();
    let is_known = |version: &&String| {
        known.iter().any(|migration| migration.name().version().to_string() == **version)
    };
    status.extend(versions.iter().filter(|version| !is_known(version)).map(|version| Migration {
        name: format!("{version} (from a newer rentomatic)"),
        applied: true,
    }));
    Ok(status)
}

/// The names of the missing migrations.
pub fn pending<C>(connection: &mut C) -> QueryResult<Vec<String>>
where
    C: Database + Queries,
{
    let versions = connection.applied_versions()?;
    let known = embedded::<C>().map_err(DieselError::QueryBuilderError)?;
    Ok(known
        .iter()
        .filter(|migration| !versions.contains(&migration.name().version().to_string()))
        .map(|migration| migration.name().to_string())
        .collect())
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
