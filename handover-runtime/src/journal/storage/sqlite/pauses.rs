//! Accounts for which sending is paused until a time: a restart does not end that.

use std::path::Path;

use handover_protocol::Timestamp;
use rusqlite::{Connection, params};

use super::open::{connect_to_read, from_sqlite};
use super::rows::time;
use crate::journal::storage::OpenError;
use crate::journal::{SharedPause, StoredPause};

/// A shorter pause does not replace a longer one. One without an end is not kept: after a restart, the first call
/// shows whether there is another access token.
pub(super) fn write(
    connection: &Connection,
    pause: &SharedPause,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let Some(left) = pause.left else {
        return Ok(());
    };
    connection
        .prepare_cached(
            "INSERT INTO pause (account, until, reason) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET until = excluded.until, reason = excluded.reason
               WHERE excluded.until > until",
        )?
        .execute(params![
            pause.account.as_str(),
            (at + left).as_millis(),
            pause.reason
        ])?;
    Ok(())
}

pub(super) fn read(path: &Path) -> Result<Vec<StoredPause>, OpenError> {
    let connection = connect_to_read(path)?;
    select(&connection).map_err(|source| from_sqlite(path, source))
}

fn select(connection: &Connection) -> rusqlite::Result<Vec<StoredPause>> {
    let mut pauses = connection.prepare("SELECT account, until, reason FROM pause")?;
    let pauses = pauses.query_map([], |row| {
        Ok(StoredPause {
            account: row.get::<_, String>(0)?.into(),
            until: time(row, 1)?,
            reason: row.get(2)?,
        })
    })?;
    pauses.collect()
}
