//! What the file holds, read beside the writer: counting all threads may take a while.

use handover_protocol::Timestamp;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension};

use super::open::{self, from_sqlite};
use super::rows::time;
use crate::journal::Figures;
use crate::journal::storage::OpenError;
use crate::journal::storage::columns::owner_of;
use crate::thread::KnownOwner;

/// All but the backlog, which the rules know.
pub(super) fn read(path: &Path, now: Timestamp) -> Result<Figures, OpenError> {
    let connection = open::connect_to_read(path)?;
    let sqlite = |source| from_sqlite(path, source);
    let oldest = |sql: &str| {
        let row = connection.query_row(sql, [], |row| time(row, 0));
        row.optional().map_err(sqlite)
    };
    let mut figures = Figures {
        oldest_event_at: oldest(
            "SELECT received_at FROM event
             WHERE sequence >= (SELECT value FROM meta WHERE name = 'settled_before')
               AND settled_at IS NULL ORDER BY sequence LIMIT 1",
        )?,
        oldest_call_at: oldest(
            "SELECT created_at FROM call WHERE state <> 'confirmed' AND notifier IS NULL
             ORDER BY id LIMIT 1",
        )?,
        ..Figures::default()
    };
    for (ownership, threads) in threads(&connection, now).map_err(sqlite)? {
        figures.threads.count(&ownership, now, threads);
    }
    Ok(figures)
}

/// How many threads are owned alike; of each such group, when the latest was seen.
fn threads(connection: &Connection, now: Timestamp) -> rusqlite::Result<Vec<(KnownOwner, usize)>> {
    let mut groups = connection.prepare(
        "SELECT owner, owner_app, max(owner_seen_at), count(*) FROM thread
         WHERE person <> '' GROUP BY owner, owner_app, owner_seen_at > ?1",
    )?;
    let groups = groups.query_map([(now - KnownOwner::EXPIRES_AFTER).as_millis()], |row| {
        let owner: String = row.get(0)?;
        let ownership = KnownOwner::seen(owner_of(&owner, row.get(1)?), time(row, 2)?, 0);
        Ok((ownership, row.get(3)?))
    })?;
    groups.collect()
}
