//! The rows in an SQLite file: they survive a crash of the bot and of the machine.

mod commit;
mod copy;
mod dedupe;
mod figures;
mod inspect;
mod listing;
mod network;
mod open;
mod pauses;
mod privacy;
mod read;
mod replay;
mod retention;
mod rows;
mod schema;

use handover_protocol::Timestamp;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

pub(super) use copy::SqliteCopy;
pub(super) use inspect::SqliteInspector;

use super::{Count, OpenError, ReadExport, Replay, Replayed, Retention, Storage, StorageError};
use crate::journal::listing::{DeadLetterRow, ReadRows, ThreadSearch, ThreadSummary};
use crate::journal::rules::{JournalSnapshot, ReadRequest, ReadResult, RowChange};
use crate::journal::{
    DeadLetter, DeletionStatus, Forgotten, LaneScope, PendingDeletion, StoredPause,
};
use crate::thread::ThreadKey;
use dedupe::DedupeTables;
use open::Lock;

/// The open file.
pub(in crate::journal) struct Sqlite {
    path: PathBuf,
    connection: Connection,
    retention: Retention,
    seen: DedupeTables,
    /// Changes whenever another connection has written.
    data_version: i64,
    /// Whether times that the last process set are to be looked at.
    is_fresh: bool,
    /// Whether SQLite's own memory of the file is in doubt.
    is_broken: bool,
    /// What was deleted of threads that were forgotten, until somebody asks.
    forgotten: Vec<(ThreadKey, Forgotten)>,
    /// How many dead letters were too old since that was asked.
    dead_letters_gone: u64,
    /// Where the search for threads goes on whose sessions are too old.
    looked_at: Option<ThreadKey>,
    _lock: Lock,
}

impl Sqlite {
    /// Opens the file, or makes a new one.
    pub(in crate::journal) fn open(
        path: &Path,
        retention: Retention,
        now: Timestamp,
    ) -> Result<Self, OpenError> {
        let lock = open::lock(path)?;
        open::create(path)?;
        let connection = open::connect(path)?;
        open::check(&connection, path)?;
        let seen = DedupeTables::load(&connection, now);
        let sqlite = Self {
            path: path.to_owned(),
            seen: seen.map_err(|source| open::from_sqlite(path, source))?,
            connection,
            retention,
            data_version: 0,
            is_fresh: true,
            is_broken: false,
            forgotten: Vec::new(),
            dead_letters_gone: 0,
            looked_at: None,
            _lock: lock,
        };
        sqlite.erase_if_owed();
        Ok(sqlite)
    }

    /// The accounts for which sending is paused in the journal at this path.
    pub(in crate::journal) fn pauses(path: &Path) -> Result<Vec<StoredPause>, OpenError> {
        pauses::read(path)
    }

    fn error(&self, source: rusqlite::Error) -> StorageError {
        StorageError::new(SqliteError {
            path: self.path.clone(),
            source,
        })
    }

    fn data_version(&self) -> rusqlite::Result<i64> {
        let mut version = self.connection.prepare_cached("PRAGMA data_version")?;
        version.query_row([], |row| row.get(0))
    }

    fn execute(&self, statement: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(statement)?.execute([])?;
        Ok(())
    }
}

/// SQLite failed.
#[derive(Debug, thiserror::Error)]
#[error("{}{}", path.display(), hint(source))]
struct SqliteError {
    path: PathBuf,
    source: rusqlite::Error,
}

/// What to do, where SQLite only says what is.
fn hint(error: &rusqlite::Error) -> &'static str {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => " (no space left on the disk: free some)",
        Some(rusqlite::ErrorCode::ReadOnly) => " (the file or its directory cannot be written)",
        Some(rusqlite::ErrorCode::DatabaseCorrupt) => {
            " (the file is damaged: stop the bot and restore a backup)"
        }
        Some(rusqlite::ErrorCode::SystemIoFailure) => " (the disk reports an error)",
        _ => "",
    }
}

impl Storage for Sqlite {
    fn is_durable(&self) -> bool {
        true
    }

    fn load(
        &mut self,
        timers_before: Timestamp,
        now: Timestamp,
    ) -> Result<JournalSnapshot, StorageError> {
        if self.is_broken {
            self.connection = open::connect(&self.path).map_err(StorageError::new)?;
            self.is_broken = false;
        }
        // They are not counted any more.
        self.dead_letters_gone = 0;
        self.load_rows(timers_before, now)
            .map_err(|source| self.error(source))
    }

    fn has_foreign_changes(&mut self) -> Result<bool, StorageError> {
        let version = self.data_version().map_err(|source| self.error(source))?;
        Ok(version != self.data_version)
    }

    fn read(&mut self, request: &ReadRequest) -> Result<ReadResult, StorageError> {
        self.read_wanted(request)
            .map_err(|source| self.error(source))
    }

    fn commit(&mut self, changes: Vec<RowChange>) -> Result<(), StorageError> {
        let forgotten = self.forgotten.len();
        let written = self.write(changes);
        if written.is_err() {
            self.forgotten.truncate(forgotten);
            self.is_broken = true;
            if !self.connection.is_autocommit() {
                // A failure here is no news: the connection is about to be replaced.
                let _ = self.execute("ROLLBACK");
            }
        }
        crate::failpoint::failpoint!("journal.after_commit");
        written.map_err(|source| self.error(source))
    }

    fn forgotten(&mut self, thread: &ThreadKey) -> Forgotten {
        Forgotten::take_of(&mut self.forgotten, thread)
    }

    fn expired(&mut self, now: Timestamp) -> Result<Vec<ThreadKey>, StorageError> {
        let (connection, retention) = (&self.connection, self.retention);
        retention::expired(connection, retention, &mut self.looked_at, now)
            .map_err(|source| self.error(source))
    }

    fn dead_letters_gone(&mut self) -> u64 {
        std::mem::take(&mut self.dead_letters_gone)
    }

    fn erase(&mut self) -> Result<(), StorageError> {
        self.erase_deleted()
    }

    fn export(&self, thread: &ThreadKey) -> Option<ReadExport> {
        let (path, thread) = (self.path.clone(), thread.clone());
        Some(Box::new(move || {
            privacy::export(&path, &thread).map_err(StorageError::new)
        }))
    }

    fn pending_deletions(&mut self) -> Result<Vec<PendingDeletion>, StorageError> {
        privacy::pending_deletions(&self.connection).map_err(|source| self.error(source))
    }

    fn deletion(&mut self, code: &str) -> Result<Option<DeletionStatus>, StorageError> {
        privacy::deletion(&self.connection, code).map_err(|source| self.error(source))
    }

    fn dead_letters(&mut self) -> Result<Vec<DeadLetter>, StorageError> {
        self.read_dead_letters()
            .map_err(|source| self.error(source))
    }

    fn threads(&self, search: &ThreadSearch, now: Timestamp) -> Option<ReadRows<ThreadSummary>> {
        let (path, search) = (self.path.clone(), search.clone());
        Some(Box::new(move || {
            listing::threads(&path, &search, now).map_err(StorageError::new)
        }))
    }

    fn dead_letter_rows(
        &self,
        ids: Option<&[u64]>,
        limit: usize,
    ) -> Option<ReadRows<DeadLetterRow>> {
        let (path, ids) = (self.path.clone(), ids.map(<[u64]>::to_vec));
        Some(Box::new(move || {
            listing::dead_letters(&path, ids.as_deref(), limit).map_err(StorageError::new)
        }))
    }

    fn discard(&mut self, ids: &[u64]) -> Result<u64, StorageError> {
        listing::discard(&self.connection, ids).map_err(|source| self.error(source))
    }

    fn preview(&mut self, replay: &Replay) -> Result<Vec<Replayed>, StorageError> {
        replay
            .preview_on(&self.connection)
            .map_err(|source| self.error(source))
    }

    fn figures(&self, now: Timestamp, _: LaneScope) -> Option<Count> {
        let path = self.path.clone();
        Some(Box::new(move || {
            figures::read(&path, now).map_err(StorageError::new)
        }))
    }

    fn replay(&mut self, replay: &Replay) -> Result<Vec<Replayed>, StorageError> {
        let replayed = self.execute("BEGIN IMMEDIATE").and_then(|()| {
            let replayed = replay.apply_on(&self.connection)?;
            self.execute("COMMIT")?;
            Ok(replayed)
        });
        if replayed.is_err() && !self.connection.is_autocommit() {
            // A failure here is no news: the error is reported as it is.
            let _ = self.execute("ROLLBACK");
        }
        replayed.map_err(|source| self.error(source))
    }

    /// Writes everything into the file itself and notes that this was done.
    fn close(&mut self) -> Result<(), StorageError> {
        let noted = self
            .connection
            .execute("UPDATE meta SET value = 1 WHERE name = 'clean'", []);
        let written = noted.and_then(|_| {
            self.connection
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        });
        written.map_err(|source| self.error(source))
    }
}
