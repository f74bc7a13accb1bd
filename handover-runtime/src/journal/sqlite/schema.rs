//! The schema and its versions.

use rusqlite::Connection;

/// Tells the file from other SQLite databases: "HAND".
const APPLICATION_ID: i32 = 0x4841_4e44;

/// One script per version: the one at index `n` leads from version `n` to `n + 1`.
const MIGRATIONS: [&str; 1] = [include_str!("schema.sql")];

/// Brings the database to the newest version; the inner error says what it is instead.
pub(super) fn prepare(connection: &Connection) -> rusqlite::Result<Result<(), String>> {
    let application: i32 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version: usize = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let tables: usize =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION_ID && tables > 0 {
        return Ok(Err("it is another program's database".to_owned()));
    }
    let Some(missing) = MIGRATIONS.get(version..) else {
        return Ok(Err(format!(
            "it was written by a later version of handover (schema {version}, this one knows {})",
            MIGRATIONS.len()
        )));
    };
    for (script, to) in missing.iter().zip(version + 1..) {
        connection.execute_batch(&format!(
            "BEGIN IMMEDIATE;
             {script}
             PRAGMA application_id = {APPLICATION_ID};
             PRAGMA user_version = {to};
             COMMIT;"
        ))?;
    }
    Ok(Ok(()))
}
