//! Why a journal cannot be opened.

use std::path::{Path, PathBuf};

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
    /// It was there, and is gone.
    #[error(
        "the journal {} is gone: somebody has deleted or moved it while it was in use; stop the bot and put the file back, or the next start makes an empty one",
        path.display()
    )]
    Missing {
        /// The file.
        path: PathBuf,
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
    /// The program is built without SQLite.
    #[cfg(not(feature = "sqlite"))]
    #[error(
        "this program is built without SQLite, so it cannot open the journal {}: turn the feature `sqlite` of `handover` on in Cargo.toml, or set HANDOVER_STORE to another store",
        path.display()
    )]
    WithoutSqlite {
        /// The file.
        path: PathBuf,
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
        source: Box<dyn std::error::Error + Send + Sync>,
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
