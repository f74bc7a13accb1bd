//! The bot's journal: a file that can be read while the bot runs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use handover::Store;
use handover::journal::SqliteJournal;
use rusqlite::{Connection, OpenFlags};
use thiserror::Error;

use crate::environment::Environment;
use crate::failure::Failure;

/// Which journal.
#[derive(Args)]
pub(crate) struct StoreArgument {
    /// The bot's store [default: HANDOVER_STORE, or else sqlite:handover.db]
    #[arg(long, value_name = "sqlite:PATH")]
    store: Option<String>,
}

#[derive(Debug, Error)]
pub(crate) enum StoreProblem {
    #[error("`{store}` is no store: write sqlite:PATH")]
    Unknown { store: String },
    #[error(
        "the bot keeps its events in memory (HANDOVER_STORE=memory:), where nobody else can see them; let it have a file, sqlite:PATH"
    )]
    Memory,
    #[error("there is no journal at {}; go to the folder in which the bot runs, or say `--store sqlite:PATH`", path.display())]
    Missing { path: PathBuf },
    #[error("the journal {} cannot be read; it belongs to the user of the bot, so be that user", path.display())]
    Unreadable {
        path: PathBuf,
        source: rusqlite::Error,
    },
    #[error("{} is not a journal that this command knows; is it of the same version as the bot?", path.display())]
    Foreign { path: PathBuf },
}

impl StoreArgument {
    /// The file; whether it is there is not looked at.
    pub(crate) fn path(&self, environment: &Environment) -> Result<PathBuf, Failure> {
        let said = self
            .store
            .clone()
            .or_else(|| environment.get("HANDOVER_STORE"));
        let store = match &said {
            None => Store::default(),
            // A path alone is as clear.
            Some(path) if !path.contains(':') => Store::Sqlite(path.into()),
            Some(store) => {
                let unknown = |_| StoreProblem::Unknown {
                    store: store.clone(),
                };
                store.parse().map_err(unknown).map_err(Failure::usage)?
            }
        };
        match store {
            Store::Sqlite(path) => Ok(path),
            _ => Err(Failure::usage(StoreProblem::Memory)),
        }
    }
}

const VERSION: i64 = SqliteJournal::SCHEMA_VERSION as i64;

/// Opens a journal to look at it.
pub(crate) fn open(path: &Path) -> Result<Connection, StoreProblem> {
    if !path.exists() {
        return Err(StoreProblem::Missing {
            path: path.to_owned(),
        });
    }
    let unreadable = |source| StoreProblem::Unreadable {
        path: path.to_owned(),
        source,
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(unreadable)?;
    connection
        .busy_timeout(Duration::from_secs(5))
        .map_err(unreadable)?;
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let foreign = || StoreProblem::Foreign {
        path: path.to_owned(),
    };
    match (number("application_id"), number("user_version")) {
        (Ok(id), Ok(VERSION)) if id == i64::from(SqliteJournal::APPLICATION_ID) => Ok(connection),
        (Err(error), _) if error.sqlite_error_code() != Some(rusqlite::ErrorCode::NotADatabase) => {
            Err(unreadable(error))
        }
        _ => Err(foreign()),
    }
}
