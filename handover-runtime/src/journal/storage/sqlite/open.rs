//! Opening the file: one process at a time, on a disk of this machine, and whole.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::{network, schema};
use crate::journal::storage::OpenError;
use crate::journal::storage::migrate::UNFINISHED_COPY;

/// The first release without the bug by which two connections could damage the file (SQLite 3.51.3).
const OLDEST_SQLITE: i32 = 3_051_003;
/// Checking a larger file would keep the bot from starting.
const CHECKED_BYTES: u64 = 1 << 30;

/// The lock that keeps other processes out while it lives.
pub(super) struct Lock {
    file: File,
}

impl Drop for Lock {
    /// Closing the file is not enough: a child process that is just being started has it as well.
    fn drop(&mut self) {
        if let Err(error) = self.file.unlock() {
            tracing::warn!(%error, "the journal could not be unlocked; this process may keep it");
        }
    }
}

/// Locks the file; does not touch it otherwise.
pub(super) fn lock(path: &Path) -> Result<Lock, OpenError> {
    let inaccessible = |source| OpenError::Inaccessible {
        path: path.to_owned(),
        source,
    };
    let kind = network::kind_of(path);
    if let Some(kind) = kind {
        return Err(OpenError::Network {
            path: path.to_owned(),
            kind,
        });
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let file = private(OpenOptions::new().create(true).write(true).truncate(false))
        .open(name)
        .map_err(inaccessible)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock { file }),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
            path: path.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(inaccessible(source)),
    }
}

/// Opens a journal that is there, to look into it; also while a bot has it.
pub(super) fn connect_to_read(path: &Path) -> Result<Connection, OpenError> {
    let sqlite = |source| from_sqlite(path, source);
    path.metadata().map_err(|source| OpenError::Inaccessible {
        path: path.to_owned(),
        source,
    })?;
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let connection = connection.map_err(sqlite)?;
    connection
        .execute_batch("PRAGMA busy_timeout = 5000;")
        .map_err(sqlite)?;
    schema::check(&connection)
        .map_err(sqlite)?
        .map_err(|reason| OpenError::Foreign {
            path: path.to_owned(),
            reason,
        })?;
    Ok(connection)
}

/// Makes the file if it is not there. Not while this process has a connection to it: when any descriptor of a file is
/// closed, the process loses its locks on it.
pub(super) fn create(path: &Path) -> Result<(), OpenError> {
    // The file contains private messages: no other user of the machine may read it.
    private(
        OpenOptions::new()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false),
    )
    .open(path)
    .map_err(|source| OpenError::Inaccessible {
        path: path.to_owned(),
        source,
    })?;
    close_to_others(path);
    Ok(())
}

/// Connects to the file; a new one is given its tables. SQLite does not make it: one that was deleted meanwhile would
/// come back empty, and readable by everybody.
pub(super) fn connect(path: &Path) -> Result<Connection, OpenError> {
    let sqlite = |source| from_sqlite(path, source);
    let foreign = |reason| OpenError::Foreign {
        path: path.to_owned(),
        reason,
    };
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(foreign(format!(
            "SQLite {} can damage it, 3.51.3 is needed",
            rusqlite::version()
        )));
    }
    let flags = OpenFlags::default().difference(OpenFlags::SQLITE_OPEN_CREATE);
    let opened = Connection::open_with_flags(path, flags);
    let connection = opened.map_err(|source| match path.try_exists() {
        Ok(false) => OpenError::Missing {
            path: path.to_owned(),
        },
        _ => sqlite(source),
    })?;
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA fullfsync = 1;
             PRAGMA wal_autocheckpoint = 10000;
             PRAGMA cache_size = -4096;
             PRAGMA temp_store = MEMORY;
             PRAGMA trusted_schema = OFF;
             PRAGMA busy_timeout = 5000;",
        )
        .map_err(sqlite)?;
    connection.set_prepared_statement_cache_capacity(64);
    schema::prepare(&connection)
        .map_err(sqlite)?
        .map_err(foreign)?;
    Ok(connection)
}

/// Looks for damage if the last bot was killed, and notes that one is at work.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let sqlite = |source| from_sqlite(path, source);
    if schema::has_migration(connection).map_err(sqlite)? {
        return Err(unfinished_copy(path));
    }
    let clean: bool = connection
        .query_row("SELECT value FROM meta WHERE name = 'clean'", [], |row| {
            row.get(0)
        })
        .map_err(sqlite)?;
    let size = path.metadata().map_or(0, |metadata| metadata.len());
    if !clean && size < CHECKED_BYTES {
        let found: String = connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(sqlite)?;
        if found != "ok" {
            return Err(OpenError::Damaged {
                path: path.to_owned(),
                reason: found,
            });
        }
    }
    connection
        .execute("UPDATE meta SET value = 0 WHERE name = 'clean'", [])
        .map_err(sqlite)?;
    Ok(())
}

/// Not all rows are there yet.
pub(super) fn unfinished_copy(path: &Path) -> OpenError {
    OpenError::Foreign {
        path: path.to_owned(),
        reason: UNFINISHED_COPY.to_owned(),
    }
}

pub(super) fn from_sqlite(path: &Path, source: rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => OpenError::Foreign {
            path,
            reason: "it is no SQLite database".to_owned(),
        },
        Some(rusqlite::ErrorCode::DatabaseCorrupt) => OpenError::Damaged {
            path,
            reason: source.to_string(),
        },
        _ => OpenError::Sqlite {
            path,
            source: Box::new(source),
        },
    }
}

/// Takes the rights of others away from files that are there already: the write-ahead log gets those of
/// the file.
#[cfg(unix)]
fn close_to_others(path: &Path) {
    use std::os::unix::fs::PermissionsExt;

    for end in ["", "-wal", "-shm", ".lock"] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        let Ok(metadata) = std::fs::metadata(&name) else {
            continue;
        };
        let is_open = metadata.permissions().mode() & 0o077 != 0;
        let private = std::fs::Permissions::from_mode(0o600);
        if is_open && let Err(error) = std::fs::set_permissions(&name, private) {
            tracing::warn!(file = %Path::new(&name).display(), %error, "others on this machine may read the store");
        }
    }
}

#[cfg(not(unix))]
fn close_to_others(_: &Path) {}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}
