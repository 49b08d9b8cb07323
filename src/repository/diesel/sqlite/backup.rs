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
    fn a_copy_without_a_newer_column_is_restored() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        for (name, columns, values) in [
            ("rooms.db", "size INTEGER, code TEXT, note TEXT", "1, 'a', 'new'"),
            ("copy.db", "code TEXT, size INTEGER, colour TEXT", "'b', 2, 'red'"),
        ] {
            let uri = uri(&file(name), "rwc");
            let mut connection = SqliteConnection::establish(&uri).unwrap();
            let table = format!(
                "CREATE TABLE room (id INTEGER PRIMARY KEY, {columns}); INSERT INTO room VALUES (7, {values})"
            );
            connection.batch_execute(&table).unwrap();
        }
        assert_eq!(restore(&file("rooms.db"), &file("copy.db")), Ok(1));
        let mut connection = connect(&file("rooms.db")).unwrap();
        let is_restored =
            "SELECT 1 FROM room WHERE id = 7 AND size = 2 AND code = 'b' AND note IS NULL";
        assert_eq!(sql_query(is_restored).execute(&mut connection), Ok(0));
        let (code, size): (String, i32) = room::table
            .select((diesel::dsl::sql::<Text>("code"), room::size))
            .first(&mut connection)
            .unwrap();
        assert_eq!((code.as_str(), size), ("b", 2));
    }
}
