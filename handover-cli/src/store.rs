//! The bot's journal: a file that can be read while the bot runs.

use std::path::{Path, PathBuf};

use clap::Args;
use handover::Store;
use handover_runtime::journal_file::{Inspector, OpenError};
use thiserror::Error;

use crate::command_error::CommandError;
use crate::environment::CliEnvironment;

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
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl StoreArgument {
    /// The file; whether it is there is not looked at.
    pub(crate) fn path(&self, environment: &CliEnvironment) -> Result<PathBuf, CommandError> {
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

/// Opens a journal to look at it.
pub(crate) fn open(path: &Path) -> Result<Inspector, StoreProblem> {
    if !path.exists() {
        return Err(StoreProblem::Missing {
            path: path.to_owned(),
        });
    }
    Ok(Inspector::open(path)?)
}
