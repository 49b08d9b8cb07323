//! Whether the table of rooms is where the connection looks for it.

use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel::sql_query;
use diesel::sql_types::Text;

use crate::logging::one_line;
use crate::repository::StorageError;
use crate::repository::url::PostgresUrl;

/// A table that the search path hides.
#[derive(QueryableByName)]
struct Hidden {
    #[diesel(sql_type = Text)]
    schema: String,
    #[diesel(sql_type = Text)]
    search_path: String,
}

/// Checks that no table of rooms is hidden: a migration would create a second one, and the catalogue would
/// look empty. A table that no migration knows may be another program's. A search path in the URL itself is
/// intended, for example for one schema per site.
pub fn check(url: &PostgresUrl, connection: &mut PgConnection) -> Result<(), StorageError> {
    if url.sets_option("search_path") {
        return Ok(());
    }
    let hidden: Option<Hidden> = sql_query(
        "SELECT nspname::text AS schema, current_setting('search_path') AS search_path \
         FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace \
         WHERE relname = 'room' AND relkind IN ('r', 'p') AND to_regclass('room') IS NULL \
         AND EXISTS (SELECT FROM pg_class AS migrations WHERE migrations.relnamespace = pg_namespace.oid \
                     AND migrations.relname IN ('__diesel_schema_migrations', 'alembic_version')) \
         ORDER BY nspname LIMIT 1",
    )
    .get_result(connection)
    .optional()
    .map_err(|error: DieselError| {
        StorageError::permanent(format!("cannot examine {url}: {}", one_line(&error)))
    })?;
    let Some(Hidden { schema, search_path }) = hidden else { return Ok(()) };
    Err(StorageError::permanent(format!(
        "the table room is in the schema {schema}, where this role does not look for it: its search_path is \
         {search_path}. Run `ALTER ROLE … SET search_path = {schema}` and `GRANT USAGE ON SCHEMA {schema} TO \
         …`. To use another schema on purpose, name it in the URL: ?options=-csearch_path%3DNAME"
    )))
}
