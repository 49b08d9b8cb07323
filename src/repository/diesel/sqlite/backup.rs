//! Copies of an SQLite file.

use std::error::Error;
use std::fmt;
use std::fs::{self, File};
use std::path::Path;

use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel::sql_query;
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;

use super::connection::{IntegrityLine, connect, uri};
use crate::repository::StorageError;
use crate::repository::diesel::schema::room;

/// Copies a consistent snapshot of the database while it is in use. The copy gets its final name when it
/// is complete and on the disk.
pub fn backup(path: &Path, file: &Path) -> Result<(), StorageError> {
    if file.exists() {
        return Err(StorageError::permanent(format!(
            "{} exists already: name a file that does not",
            file.display()
        )));
    }
    let mut connection = connect(path)?;
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    copy(&mut connection, part, file).map_err(|error| {
        let _ = fs::remove_file(part);
        StorageError::permanent(format!(
            "cannot write {}: {error}. Check that its folder exists, that you may write to it, and that \
             the disk has space",
            file.display()
        ))
    })
}

fn copy(connection: &mut SqliteConnection, part: &Path, file: &Path) -> Result<(), Box<dyn Error>> {
    let _ = fs::remove_file(part);
    sql_query("VACUUM INTO ?").bind::<Text, _>(uri(part, "rwc")).execute(connection)?;
    File::open(part)?.sync_all()?;
    fs::rename(part, file)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    Ok(File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?)
}

/// Replaces all rooms by those of a copy.
pub fn restore(path: &Path, file: &Path) -> Result<usize, StorageError> {
    let failure = |reason: &dyn fmt::Display| {
        StorageError::permanent(format!(
            "cannot restore {}: {reason}. Nothing was changed. Check that `rentomatic backup` wrote the \
             file",
            file.display()
        ))
    };
    let mut connection = connect(path)?;
    sql_query("ATTACH ? AS copy")
        .bind::<Text, _>(uri(file, "ro"))
        .execute(&mut connection)
        .map_err(|error| failure(&error))?;
    let lines: Vec<IntegrityLine> = sql_query("PRAGMA copy.integrity_check")
        .load(&mut connection)
        .map_err(|error| failure(&error))?;
    if let Some(damage) = lines.iter().find(|line| !line.is_ok()) {
        return Err(failure(&damage.integrity_check));
    }
    connection
        .immediate_transaction(|connection| {
            diesel::delete(room::table).execute(connection)?;
            let columns = shared_columns(connection)?;
            let copy = format!(
                "INSERT INTO main.room ({columns}) SELECT {columns} FROM copy.room ORDER BY id"
            );
            sql_query(copy).execute(connection)
        })
        .map_err(|error: DieselError| failure(&error))
}

/// The columns that both tables have, so that a copy from before a migration can be restored.
fn shared_columns(connection: &mut SqliteConnection) -> QueryResult<String> {
    #[derive(QueryableByName)]
    struct Columns {
        #[diesel(sql_type = Text)]
        columns: String,
    }
    let shared: Columns = sql_query(
        "SELECT coalesce(group_concat(printf('\"%w\"', name), ', '), 'id') AS columns \
         FROM pragma_table_info('room', 'main') \
         WHERE name IN (SELECT name FROM pragma_table_info('room', 'copy'))",
    )
    .get_result(connection)?;
    Ok(shared.columns)
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;

    use super::*;

    #[test]
    fn a_copy_may_lack_newer_columns_and_have_others() {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        let tables = "ATTACH ':memory:' AS copy; \
                      CREATE TABLE main.room (id INTEGER, size INTEGER, code TEXT, note TEXT); \
                      CREATE TABLE copy.room (code TEXT, id INTEGER, size INTEGER, colour TEXT)";
        connection.batch_execute(tables).unwrap();
        let columns = shared_columns(&mut connection).unwrap();
        assert_eq!(columns, "\"id\", \"size\", \"code\"");
    }
}
