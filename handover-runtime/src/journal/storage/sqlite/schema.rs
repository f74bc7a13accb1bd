//! The schema and its version.

use rusqlite::Connection;

/// Marks the file as a journal: "HAND".
pub(super) const APPLICATION_ID: i32 = 0x4841_4e44;

/// The version of the tables, as `PRAGMA user_version` says it.
pub(super) const VERSION: usize = 1;

const TABLES: &str = include_str!("schema.sql");

/// Makes the tables of a new file; the inner error says what the file is instead.
pub(super) fn prepare(connection: &Connection) -> rusqlite::Result<Result<(), String>> {
    let tables: usize =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables > 0 {
        return check(connection);
    }
    connection.execute_batch(&format!(
        "BEGIN IMMEDIATE;
         {TABLES}
         PRAGMA application_id = {APPLICATION_ID};
         PRAGMA user_version = {VERSION};
         COMMIT;"
    ))?;
    Ok(Ok(()))
}

/// Whether it is an unfinished copy of another journal.
pub(super) fn has_migration(connection: &Connection) -> rusqlite::Result<bool> {
    let table = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'migration')";
    connection.query_row(table, [], |row| row.get(0))
}

/// Whether it is a journal of this version; the inner error says what it is instead.
pub(super) fn check(connection: &Connection) -> rusqlite::Result<Result<(), String>> {
    let application: i32 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version: usize = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(match version {
        _ if application != APPLICATION_ID => Err("it is another program's database".to_owned()),
        VERSION => Ok(()),
        version => Err(format!(
            "it was written by another version of handover (schema {version}, this one knows {VERSION})"
        )),
    })
}
