//! The bot's journal: a file that can be read while the bot runs.

use std::path::{Path, PathBuf};

use clap::Args;
use handover::Store;
use handover_runtime::journal_file::{Inspector, OpenError};
use thiserror::Error;

use crate::command_error::CommandError;
use crate::environment::CliEnvironment;

/// The journal.
#[derive(Args)]
pub(crate) struct StoreArgument {
    /// The bot's store [default: HANDOVER_STORE, or sqlite:handover.db]
    #[arg(long, value_name = "sqlite:PATH")]
    store: Option<String>,
}

#[derive(Debug, Error)]
pub(crate) enum StoreProblem {
    #[error("`{store}` is not a store; write sqlite:PATH")]
    Unknown { store: String },
    #[error(
        "the bot keeps its events in memory (HANDOVER_STORE=memory:), which other programs cannot read; use a file, sqlite:PATH"
    )]
    Memory,
    #[error(
        "the bot keeps its events in PostgreSQL, which this command cannot read yet; use SQL (the tables explain themselves), or the bot's own HTTP API"
    )]
    Postgres,
    #[error("there is no journal at {}; run this in the folder of the bot, or use `--store sqlite:PATH`", path.display())]
    Missing { path: PathBuf },
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl StoreArgument {
    /// The file, which may not exist.
    pub(crate) fn path(&self, environment: &CliEnvironment) -> Result<PathBuf, CommandError> {
        let said = self
            .store
            .clone()
            .or_else(|| environment.get("HANDOVER_STORE"));
        let store = match &said {
            None => Store::default(),
            // Not printed: it holds a password.
            Some(address) if address.starts_with("postgres") && address.contains("://") => {
                return Err(CommandError::usage(StoreProblem::Postgres));
            }
            // A path alone is as clear.
            Some(path) if !path.contains(':') => Store::Sqlite(path.into()),
            Some(store) => {
                let unknown = |_| StoreProblem::Unknown {
                    store: store.clone(),
                };
                store
                    .parse()
                    .map_err(unknown)
                    .map_err(CommandError::usage)?
            }
        };
        match store {
            Store::Sqlite(path) => Ok(path),
            _ => Err(CommandError::usage(StoreProblem::Memory)),
        }
    }
}

/// Opens a journal to read it.
pub(crate) fn open(path: &Path) -> Result<Inspector, StoreProblem> {
    if !path.exists() {
        return Err(StoreProblem::Missing {
            path: path.to_owned(),
        });
    }
    Ok(Inspector::open(path)?)
}
