//! Everything of a journal is copied to another storage: resumable, and compared in the end.

use std::fmt;
#[cfg(feature = "sqlite")]
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::OpenError;
#[cfg(feature = "postgres")]
use super::postgres::PostgresCopy;
#[cfg(feature = "sqlite")]
use super::sqlite::SqliteCopy;
#[cfg(feature = "postgres")]
use crate::journal::PostgresAddress;

/// How many rows are copied in one commit.
const TOGETHER: usize = 500;

/// Where a journal is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum JournalPlace {
    /// An SQLite file.
    #[cfg(feature = "sqlite")]
    File(PathBuf),
    /// A schema of a PostgreSQL database.
    #[cfg(feature = "postgres")]
    Postgres(Box<PostgresAddress>),
}

/// How far a migration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MigrationProgress {
    /// The table that is copied or compared.
    pub table: &'static str,
    /// How many of its rows are done.
    pub rows: u64,
    /// How many rows it has.
    pub of: u64,
    /// Whether everything is copied, and compared now.
    pub compares: bool,
}

/// What [`migrate`] has copied.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Migrated {
    /// How many rows each table has.
    pub tables: Vec<(&'static str, u64)>,
    /// Whether a copy that was interrupted was continued.
    pub resumed: bool,
}

/// Why a journal was not copied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MigrationError {
    /// One of the two cannot be opened, read or written.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Both are the same.
    #[error("{place} cannot be copied to itself")]
    Same {
        /// The journal.
        place: String,
    },
    /// The target holds something.
    #[error(
        "{target} is not empty (it has rows in the table `{table}`), so nothing is copied to it; choose an empty target"
    )]
    NotEmpty {
        /// The target.
        target: String,
        /// A table with rows.
        table: &'static str,
    },
    /// The target is the unfinished copy of something else.
    #[error(
        "{target} is the unfinished copy of {source_name}; continue with that one, or delete the target"
    )]
    OtherSource {
        /// The target.
        target: String,
        /// What was copied to it.
        source_name: String,
    },
    /// The copy is not what was copied: something has written to the source or the target meanwhile.
    #[error(
        "the copy differs from the source in the table `{table}` ({source_rows} rows in the source, {target_rows} in the copy): one of the two was changed meanwhile; delete the copy in {target}, and start again"
    )]
    Differs {
        /// The target.
        target: String,
        /// The table.
        table: &'static str,
        /// How many rows the source has in it.
        source_rows: u64,
        /// How many rows the target has in it.
        target_rows: u64,
    },
}

/// What a column holds, in both databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CopyColumn {
    Int,
    /// 0 or 1 where the database has no truth values.
    Bool,
    Text,
    /// As hexadecimal digits in between.
    Bytes,
}

/// A table of a journal, without what only one of the databases has.
#[derive(Debug)]
pub(super) struct CopyTable {
    pub(super) name: &'static str,
    pub(super) columns: &'static [(&'static str, CopyColumn)],
    /// In the order of these columns the rows are copied.
    pub(super) key: &'static [&'static str],
}

impl CopyTable {
    /// Whether its rows are of a thread, and so of a lane.
    #[cfg(feature = "postgres")]
    pub(super) fn has_threads(&self) -> bool {
        self.columns.iter().any(|(name, _)| *name == "account")
    }

    pub(super) fn place_of(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|(name, _)| *name == column)
    }
}

/// A row on its way.
#[derive(Clone, Debug)]
pub(super) struct CopyRow {
    /// A number, a text or null for each column.
    pub(super) cells: Vec<Value>,
    /// Where the source goes on after it.
    pub(super) cursor: Value,
}

/// How far a copy is, in the target.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct CopyMarker {
    /// What is copied.
    pub(super) source: String,
    /// The table that is copied now.
    pub(super) table: usize,
    /// Up to where.
    pub(super) after: Option<Value>,
}

/// A storage that is copied, or is the copy. Nobody else works on it meanwhile.
pub(super) trait CopyStore {
    fn count(&mut self, table: &CopyTable) -> Result<u64, OpenError>;
    /// The next rows in the order of the table's key, as this database sorts it.
    fn read(
        &mut self,
        table: &CopyTable,
        after: Option<&Value>,
        limit: usize,
    ) -> Result<Vec<CopyRow>, OpenError>;
    /// A table with rows, if there is one.
    fn has_rows(&mut self) -> Result<Option<&'static str>, OpenError>;
    /// How far an unfinished copy is.
    fn marker(&mut self) -> Result<Option<CopyMarker>, OpenError>;
    /// Begins a copy: nobody but a migration opens it until it is finished.
    fn begin(&mut self, marker: &CopyMarker) -> Result<(), OpenError>;
    /// Writes rows and how far that is, in one commit.
    fn write(
        &mut self,
        table: &CopyTable,
        rows: &[CopyRow],
        marker: &CopyMarker,
    ) -> Result<(), OpenError>;
    /// The copy is whole: a bot may open it.
    fn finish(&mut self) -> Result<(), OpenError>;
    /// Lets go of it.
    fn close(&mut self) -> Result<(), OpenError>;
}

use CopyColumn::{Bool, Bytes, Int, Text};

/// All that is copied. Pauses of accounts are not: they are short, and the first call shows whether one goes on.
pub(super) const TABLES: [CopyTable; 10] = [
    CopyTable {
        name: "event",
        columns: &[
            ("sequence", Int),
            ("account", Text),
            ("person", Text),
            ("kind", Text),
            ("channel", Text),
            ("content", Text),
            ("received_at", Int),
            ("attempts", Int),
            ("due", Int),
            ("held", Bool),
            ("settled_at", Int),
            ("outcome", Text),
        ],
        key: &["sequence"],
    },
    CopyTable {
        name: "thread",
        columns: &[
            ("account", Text),
            ("person", Text),
            ("session", Text),
            ("session_version", Int),
            ("owner", Text),
            ("owner_app", Text),
            ("owner_since", Int),
            ("owner_seen_at", Int),
            ("owner_as_of", Int),
            ("owner_confirmed_at", Int),
            ("person_wrote_at", Int),
            ("messaged_at", Int),
            ("began_at", Int),
            ("may_have_missed", Bool),
            ("paused_until", Int),
            ("paused_by", Text),
            ("paused_before", Int),
            ("paused_spares", Int),
            ("away_since", Int),
            ("away_from", Text),
            ("away_turn", Int),
            ("idle_after", Int),
            ("reclaiming", Text),
            ("changed_at", Int),
        ],
        key: &["account", "person"],
    },
    CopyTable {
        name: "turn",
        columns: &[
            ("account", Text),
            ("person", Text),
            ("number", Int),
            ("at", Int),
            ("speaker", Text),
            ("app", Text),
            ("text", Text),
            ("attachments", Text),
            ("mid", Text),
            ("is_edited", Bool),
        ],
        key: &["account", "person", "number"],
    },
    CopyTable {
        name: "call",
        columns: &[
            ("id", Int),
            ("account", Text),
            ("person", Text),
            ("object", Text),
            ("name", Text),
            ("control", Text),
            ("reclaims", Text),
            ("timers", Text),
            ("notifier", Text),
            ("request", Text),
            ("reference", Text),
            ("outcome", Int),
            ("quiet", Bool),
            ("ended", Text),
            ("receipt", Int),
            ("holds", Bool),
            ("expires_at", Int),
            ("otherwise", Text),
            ("state", Text),
            ("uncertain", Bool),
            ("attempts", Int),
            ("due", Int),
            ("started_at", Int),
            ("created_at", Int),
        ],
        key: &["id"],
    },
    CopyTable {
        name: "receipt",
        columns: &[
            ("number", Int),
            ("account", Text),
            ("person", Text),
            ("id", Text),
            ("signal", Text),
            ("digest", Bytes),
            ("status", Text),
            ("detail", Text),
            ("created_at", Int),
            ("changed_at", Int),
        ],
        key: &["number"],
    },
    CopyTable {
        name: "timer",
        columns: &[
            ("account", Text),
            ("person", Text),
            ("name", Text),
            ("due", Int),
            ("event", Text),
        ],
        key: &["account", "person", "name"],
    },
    CopyTable {
        name: "dead_letter",
        columns: &[
            ("id", Int),
            ("account", Text),
            ("person", Text),
            ("kind", Text),
            ("content", Text),
            ("cause", Text),
            ("at", Int),
        ],
        key: &["id"],
    },
    CopyTable {
        name: "deletion",
        columns: &[
            ("code", Text),
            ("user", Text),
            ("requested_at", Int),
            ("done_at", Int),
        ],
        key: &["code"],
    },
    CopyTable {
        name: SEEN,
        columns: &[("key", Bytes)],
        key: &["key"],
    },
    CopyTable {
        name: META,
        columns: &[("name", Text), ("value", Int)],
        key: &["name"],
    },
];

/// The dedupe keys.
pub(super) const SEEN: &str = "seen";
/// The facts that are copied: on which accounts echoes of the bot's own were seen.
pub(super) const META: &str = "meta";
/// With what their names begin.
pub(super) const ECHOES: &str = "echoes of ";

/// What an unfinished copy is, and what to do.
pub(super) const UNFINISHED_COPY: &str = "it is the unfinished copy of another journal; run `handover migrate` again, which goes on where it was";

/// Copies everything of a journal to an empty one, and compares the two by counts and hashes. The source stays as
/// it is. What was interrupted goes on where it was.
///
/// `progress` is called after each batch of rows. Not to be called inside a tokio runtime: it waits.
///
/// # Errors
///
/// If a bot works on one of the two, the target is not empty and no unfinished copy of the source, one of them
/// cannot be read or written, or they differ in the end.
pub fn migrate(
    from: &JournalPlace,
    to: &JournalPlace,
    mut progress: impl FnMut(MigrationProgress),
) -> Result<Migrated, MigrationError> {
    let (source_name, target_name) = (from.to_string(), to.to_string());
    if from.identity() == to.identity() {
        return Err(MigrationError::Same { place: source_name });
    }
    let mut source = from.open(false)?;
    let mut target = to.open(true)?;
    let unfinished = target.marker()?;
    let resumed = unfinished.is_some();
    let mut marker = match unfinished {
        Some(marker) if marker.source == from.identity() => marker,
        Some(marker) => {
            return Err(MigrationError::OtherSource {
                target: target_name,
                source_name: marker.source,
            });
        }
        None => {
            if let Some(table) = target.has_rows()? {
                return Err(MigrationError::NotEmpty {
                    target: target_name,
                    table,
                });
            }
            let marker = CopyMarker {
                source: from.identity(),
                table: 0,
                after: None,
            };
            target.begin(&marker)?;
            marker
        }
    };
    for (at, table) in TABLES.iter().enumerate().skip(marker.table) {
        if at > marker.table {
            (marker.table, marker.after) = (at, None);
        }
        let of = source.count(table)?;
        let mut rows = match marker.after {
            Some(_) => target.count(table)?,
            None => 0,
        };
        loop {
            let next = source.read(table, marker.after.as_ref(), TOGETHER)?;
            let Some(last) = next.last() else {
                break;
            };
            marker.after = Some(last.cursor.clone());
            target.write(table, &next, &marker)?;
            rows += next.len() as u64;
            progress(MigrationProgress {
                table: table.name,
                rows,
                of,
                compares: false,
            });
        }
    }
    let tables = compare(&mut *source, &mut *target, &target_name, &mut progress)?;
    target.finish()?;
    target.close()?;
    source.close()?;
    Ok(Migrated { tables, resumed })
}

fn compare(
    source: &mut dyn CopyStore,
    target: &mut dyn CopyStore,
    target_name: &str,
    progress: &mut impl FnMut(MigrationProgress),
) -> Result<Vec<(&'static str, u64)>, MigrationError> {
    let mut tables = Vec::with_capacity(TABLES.len());
    for table in &TABLES {
        let of = source.count(table)?;
        let (source_rows, source_hash) = fingerprint(source, table, &mut |rows| {
            progress(MigrationProgress {
                table: table.name,
                rows,
                of,
                compares: true,
            });
        })?;
        let (target_rows, target_hash) = fingerprint(target, table, &mut |_| {})?;
        if (source_rows, source_hash) != (target_rows, target_hash) {
            return Err(MigrationError::Differs {
                target: target_name.to_owned(),
                table: table.name,
                source_rows,
                target_rows,
            });
        }
        tables.push((table.name, source_rows));
    }
    Ok(tables)
}

/// How many rows a table has, and a hash of them, in whatever order they come.
fn fingerprint(
    store: &mut dyn CopyStore,
    table: &CopyTable,
    read: &mut dyn FnMut(u64),
) -> Result<(u64, u128), OpenError> {
    let (mut rows, mut sum) = (0, 0_u128);
    let mut after = None;
    loop {
        let next = store.read(table, after.as_ref(), TOGETHER)?;
        let Some(last) = next.last() else {
            return Ok((rows, sum));
        };
        after = Some(last.cursor.clone());
        rows += next.len() as u64;
        for row in &next {
            let digest = Sha256::digest(Value::from(row.cells.clone()).to_string());
            let (first, _) = digest.split_at(size_of::<u128>());
            let mut number = [0; size_of::<u128>()];
            number.copy_from_slice(first);
            sum = sum.wrapping_add(u128::from_be_bytes(number));
        }
        read(rows);
    }
}

/// A text as both databases can hold it: PostgreSQL has no zero characters.
pub(super) fn text_cell(text: String) -> Value {
    match text.contains('\0') {
        true => text.replace('\0', "\u{fffd}").into(),
        false => text.into(),
    }
}

impl JournalPlace {
    fn open(&self, is_target: bool) -> Result<Box<dyn CopyStore>, OpenError> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::File(path) => Ok(Box::new(SqliteCopy::open(path, is_target)?)),
            #[cfg(feature = "postgres")]
            Self::Postgres(address) => Ok(Box::new(PostgresCopy::open(address, is_target)?)),
        }
    }

    /// The same whenever it is the same journal: the whole path of a file, or an address without user and password.
    #[must_use]
    pub fn identity(&self) -> String {
        match self {
            #[cfg(feature = "sqlite")]
            Self::File(path) => {
                let path = path.canonicalize().or_else(|_| std::path::absolute(path));
                match path {
                    Ok(path) => path.display().to_string(),
                    Err(_) => self.to_string(),
                }
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => self.to_string(),
        }
    }
}

impl fmt::Display for JournalPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            #[cfg(feature = "sqlite")]
            Self::File(path) => write!(f, "{}", path.display()),
            #[cfg(feature = "postgres")]
            Self::Postgres(address) => write!(f, "{address}"),
        }
    }
}
