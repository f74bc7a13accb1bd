//! The schema and its versions.

use rusqlite::Connection;

/// Tells the file from other SQLite databases: "HAND".
pub(super) const APPLICATION_ID: i32 = 0x4841_4e44;

/// One script per version: the one at index `n` leads from version `n` to `n + 1`.
pub(super) const MIGRATIONS: [&str; 3] = [
    include_str!("schema.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
];

/// Brings the database to the newest version; the inner error says what it is instead.
pub(super) fn prepare(connection: &Connection) -> rusqlite::Result<Result<(), String>> {
    let tables: usize =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables > 0
        && let Err(reason) = check(connection)?
    {
        return Ok(Err(reason));
    }
    let version: usize = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let missing = MIGRATIONS.get(version..).unwrap_or_default();
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

/// Whether it is a journal of this version or an earlier one; the inner error says what it is
/// instead.
pub(super) fn check(connection: &Connection) -> rusqlite::Result<Result<(), String>> {
    let application: i32 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version: usize = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(match version {
        _ if application != APPLICATION_ID => Err("it is another program's database".to_owned()),
        version if version > MIGRATIONS.len() => Err(format!(
            "it was written by a later version of handover (schema {version}, this one knows {})",
            MIGRATIONS.len()
        )),
        _ => Ok(()),
    })
}
