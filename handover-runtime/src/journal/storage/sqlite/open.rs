//! Opening the file: one process at a time, on a disk of this machine, and whole.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::{network, schema};

/// The first release without the bug by which two connections could damage the file (SQLite 3.51.3).
const OLDEST_SQLITE: i32 = 3_051_003;
/// Checking a larger file would keep the bot from starting.
const CHECKED_BYTES: u64 = 1 << 30;

/// Why a journal cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process has it open.
    #[error(
        "the journal {} is in use by another process; stop that bot first, or set HANDOVER_STORE=sqlite:PATH to another file",
        path.display()
    )]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be created, read or written.
    #[error("the journal {} cannot be opened for reading and writing; check that its directory exists and belongs to the bot", path.display())]
    Inaccessible {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It lies on a network file system, where locks and syncs cannot be relied on.
    #[error("the journal {} lies on a network file system ({kind}), which may lose what was stored; set HANDOVER_STORE=sqlite:PATH to a local disk", path.display())]
    Network {
        /// The file.
        path: PathBuf,
        /// The kind of file system.
        kind: String,
    },
    /// It is not a journal, or was written by another version.
    #[error("{} is not a journal that this version can read: {reason}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is.
        reason: String,
    },
    /// It is damaged.
    #[error("the journal {} is damaged ({reason}); restore it from a backup, or move it away to start afresh", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// What waits in it cannot be read.
    #[error("what waits in the journal {} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the storage says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The database cannot be used.
    #[cfg(feature = "postgres")]
    #[error(transparent)]
    Postgres(#[from] crate::journal::PostgresError),
    /// SQLite reports an error.
    #[error("the journal {} cannot be opened", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
}

impl OpenError {
    pub(in crate::journal) fn unreadable(
        path: &Path,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Unreadable {
            path: path.to_owned(),
            source: source.into(),
        }
    }
}

/// The lock that keeps other processes out while it lives.
pub(super) struct Lock {
    _file: File,
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
        Ok(()) => Ok(Lock { _file: file }),
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

/// Opens the file; a new one is given its tables.
pub(super) fn connect(path: &Path) -> Result<Connection, OpenError> {
    let sqlite = |source| from_sqlite(path, source);
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
    let connection = Connection::open(path).map_err(sqlite)?;
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA fullfsync = 1;
             PRAGMA wal_autocheckpoint = 10000;
             PRAGMA cache_size = -16384;
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
        _ => OpenError::Sqlite { path, source },
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
