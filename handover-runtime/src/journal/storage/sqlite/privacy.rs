//! What is kept of a person, read and deleted: so that also the bytes are gone from the files.

use std::path::{Path, PathBuf};

use handover_protocol::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;

use super::Sqlite;
use super::open::{connect_to_read, from_sqlite};
use super::rows::{from_json, optional_time, time, turn};
use crate::journal::privacy::{
    DeletionStatus, ExportedRow, Forgotten, PendingDeletion, ThreadExport,
};
use crate::journal::rules::DeletionChange;
use crate::journal::storage::{OpenError, StorageError};
use crate::thread::ThreadKey;

/// Larger files are rewritten with the help of a temporary file instead of memory, in bytes.
const REWRITTEN_IN_MEMORY: u64 = 256 * 1024 * 1024;

/// Deletes the rows of a thread that were there when it was forgotten, and notes that their bytes have
/// to go from the files as well.
pub(super) fn forget(
    connection: &Connection,
    key: &ThreadKey,
    last_sequence: u64,
    last_call: u64,
) -> rusqlite::Result<Forgotten> {
    let (account, person) = (key.account.as_str(), key.party.as_text());
    let delete = |table: &str, bound: &str, last: u64| -> rusqlite::Result<u64> {
        let rows = connection
            .prepare_cached(&format!(
                "DELETE FROM {table} WHERE account = ?1 AND person = ?2 AND {bound} <= ?3"
            ))?
            .execute(params![account, person, last])?;
        Ok(rows as u64)
    };
    let mut forgotten = Forgotten {
        events: delete("event", "sequence", last_sequence)?,
        turns: delete("turn", "0", 0)?,
        sessions: delete("thread", "0", 0)?,
        calls: delete("call", "id", last_call)?,
        timers: delete("timer", "0", 0)?,
        dead_letters: delete("dead_letter", "0", 0)?,
        receipts: delete("receipt", "0", 0)?,
    };
    if let Some(quoted) = key.quoted_person() {
        // Events of the account as a whole that name them, such as a comment.
        forgotten.events += connection.execute(
            "DELETE FROM event WHERE account = ?1 AND person = '' AND settled_at IS NOT NULL
             AND sequence <= ?3 AND instr(content, ?2)",
            params![account, quoted, last_sequence],
        )? as u64;
        forgotten.dead_letters += connection.execute(
            "DELETE FROM dead_letter WHERE account = ?1 AND person = '' AND instr(content, ?2)",
            params![account, quoted],
        )? as u64;
    }
    // Numbers go on from it, also if the newest event was among those.
    connection.execute(
        "INSERT OR REPLACE INTO meta VALUES ('last_sequence', ?1)",
        [last_sequence],
    )?;
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('to_erase', 1)", [])?;
    Ok(forgotten)
}

/// Something else reads the file for so long that what was deleted cannot be taken out of it.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} was deleted from, but another program is reading it, so its bytes are still in the file {}-wal: end that program, and ask again",
    path.display(), path.display()
)]
struct StillRead {
    path: PathBuf,
}

impl Sqlite {
    /// Rewrites the file without what was deleted, and empties the write-ahead log.
    pub(super) fn erase_deleted(&self) -> Result<(), StorageError> {
        let sqlite = |source| self.error(source);
        let connection = &self.connection;
        let size = self.path.metadata().map_or(0, |metadata| metadata.len());
        let is_large = size > REWRITTEN_IN_MEMORY;
        if is_large {
            connection
                .execute_batch("PRAGMA temp_store = FILE")
                .map_err(sqlite)?;
        }
        let rewritten = connection.execute_batch("VACUUM");
        if is_large {
            connection
                .execute_batch("PRAGMA temp_store = MEMORY")
                .map_err(sqlite)?;
        }
        rewritten.map_err(sqlite)?;
        crate::failpoint::failpoint!("journal.erasing");
        let is_read: bool = connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
            .map_err(sqlite)?;
        if is_read {
            return Err(StorageError::new(StillRead {
                path: self.path.clone(),
            }));
        }
        connection
            .execute("UPDATE meta SET value = 0 WHERE name = 'to_erase'", [])
            .map_err(sqlite)?;
        Ok(())
    }

    /// Does what a process before this one did not come to.
    pub(super) fn erase_if_owed(&self) {
        let owed = self.connection.query_row(
            "SELECT EXISTS (SELECT 1 FROM meta WHERE name = 'to_erase' AND value = 1)",
            [],
            |row| row.get::<_, bool>(0),
        );
        if owed.unwrap_or(false)
            && let Err(error) = self.erase_deleted()
        {
            tracing::error!(%error, "what was deleted could not be taken out of the file; the next start tries again");
        }
    }
}

/// A request for deletion comes, or is carried out.
pub(super) fn change_deletion(
    connection: &Connection,
    change: &DeletionChange,
) -> rusqlite::Result<()> {
    match change {
        DeletionChange::Requested(deletion) => connection.execute(
            "INSERT INTO deletion (code, user, requested_at) VALUES (?1, ?2, ?3)",
            params![
                deletion.code,
                deletion.user,
                deletion.requested_at.as_millis()
            ],
        )?,
        DeletionChange::Done { code, at } => {
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('to_erase', 1)", [])?;
            connection.execute(
                "UPDATE deletion SET user = NULL, done_at = ?2 WHERE code = ?1",
                params![code, at.as_millis()],
            )?
        }
    };
    Ok(())
}

pub(super) fn pending_deletions(connection: &Connection) -> rusqlite::Result<Vec<PendingDeletion>> {
    let mut pending = connection.prepare_cached(
        "SELECT code, user, requested_at FROM deletion WHERE done_at IS NULL AND user IS NOT NULL
         ORDER BY requested_at",
    )?;
    let pending = pending.query_map([], |row| {
        Ok(PendingDeletion {
            code: row.get(0)?,
            user: row.get(1)?,
            requested_at: time(row, 2)?,
        })
    })?;
    pending.collect()
}

pub(super) fn deletion(
    connection: &Connection,
    code: &str,
) -> rusqlite::Result<Option<DeletionStatus>> {
    connection
        .prepare_cached("SELECT requested_at, done_at FROM deletion WHERE code = ?1")?
        .query_row([code], |row| {
            Ok(DeletionStatus {
                requested_at: time(row, 0)?,
                done_at: optional_time(row, 1)?,
            })
        })
        .optional()
}

/// Everything there is of a thread.
pub(super) fn export(path: &Path, key: &ThreadKey) -> Result<ThreadExport, OpenError> {
    let connection = connect_to_read(path)?;
    // So that all of it is of one moment.
    let read = connection
        .execute_batch("BEGIN")
        .and_then(|()| read(&connection, key));
    read.map_err(|source| from_sqlite(path, source))
}

fn read(connection: &Connection, key: &ThreadKey) -> rusqlite::Result<ThreadExport> {
    let (account, person) = (key.account.as_str(), key.party.as_text());
    let rows = |sql: &str| -> rusqlite::Result<Vec<ExportedRow>> {
        let mut statement = connection.prepare(sql)?;
        let rows = statement.query_map([account, &person], row)?;
        rows.collect()
    };
    // Also of the account as a whole, if the content names the person.
    let quoted = key.quoted_person();
    let rows_about = |columns: &str, order: &str| -> rusqlite::Result<Vec<ExportedRow>> {
        let mut statement = connection.prepare(&format!(
            "SELECT {columns} WHERE account = ?1 AND person IN (?2, '')
             AND (person = ?2 OR instr(content, ?3)) ORDER BY {order}"
        ))?;
        let rows = statement.query_map(params![account, person, quoted], row)?;
        rows.collect()
    };
    let mut export = ThreadExport {
        events: rows_about("kind, received_at, content, NULL FROM event", "sequence")?,
        calls: rows(
            "SELECT name, created_at, request, NULL FROM call
             WHERE account = ?1 AND person = ?2 ORDER BY id",
        )?,
        timers: rows(
            "SELECT name, due, event, NULL FROM timer
             WHERE account = ?1 AND person = ?2 ORDER BY due",
        )?,
        dead_letters: rows_about("kind, at, content, cause FROM dead_letter", "id")?,
        receipts: rows(
            "SELECT coalesce(signal, 'message'), created_at,
                    json_patch(coalesce(detail, json_object('status', status)), json_object('id', id)),
                    NULL
             FROM receipt WHERE account = ?1 AND person = ?2 ORDER BY number",
        )?,
        ..ThreadExport::of(key.clone())
    };
    let mut turns = connection.prepare(
        "SELECT number, at, speaker, app, text, attachments, mid, is_edited FROM turn
         WHERE account = ?1 AND person = ?2 ORDER BY number",
    )?;
    let turns = turns.query_map([account, &person], turn)?;
    export.history = turns.collect::<Result<_, _>>()?;
    let mut state = connection.prepare(
        "SELECT session, person_wrote_at FROM thread WHERE account = ?1 AND person = ?2",
    )?;
    let mut state = state.query([account, &person])?;
    if let Some(row) = state.next()? {
        let session: Option<String> = row.get(0)?;
        export.session = session.map(|session| from_json(&session)).transpose()?;
        export.person_wrote_at = optional_time(row, 1)?;
    }
    Ok(export)
}

fn row(row: &Row<'_>) -> rusqlite::Result<ExportedRow> {
    let content: String = row.get(2)?;
    let content = serde_json::from_str(&content).unwrap_or(Value::String(content));
    Ok(ExportedRow {
        cause: row.get(3)?,
        ..ExportedRow::new(
            row.get::<_, String>(0)?,
            Timestamp::from_millis(row.get(1)?),
            content,
        )
    })
}
