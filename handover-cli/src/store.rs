//! The bot's journal, which can be read while the bot runs: a file, or a PostgreSQL database.

use std::fmt;
use std::path::{Path, PathBuf};

use clap::Args;
use handover::Store;
#[cfg(feature = "postgres")]
use handover_runtime::PostgresAddress;
#[cfg(feature = "postgres")]
use handover_runtime::journal_file::JournalClient;
use handover_runtime::journal_file::{Inspector, OpenError};
use handover_runtime::shared::without_password;
use thiserror::Error;

use crate::command_error::CommandError;
use crate::environment::{CliEnvironment, VariableError};

/// The journal.
#[derive(Args)]
pub(crate) struct StoreArgument {
    /// The bot's store, sqlite:PATH or postgres://… [default: HANDOVER_STORE, or sqlite:handover.db]
    #[arg(long, value_name = "STORE")]
    store: Option<String>,
}

/// Where the journal is.
pub(crate) enum CliStore {
    /// A file, which may not exist.
    File(PathBuf),
    #[cfg(feature = "postgres")]
    Postgres(Box<PostgresAddress>),
}

#[derive(Debug, Error)]
pub(crate) enum StoreProblem {
    #[error(
        "`{}` is not a store; write sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/NAME",
        without_password(store)
    )]
    Unknown { store: String },
    #[error(
        "the bot keeps its events in memory (HANDOVER_STORE=memory:), which other programs cannot read; use a file, sqlite:PATH"
    )]
    Memory,
    #[cfg(not(feature = "postgres"))]
    #[error(
        "the bot keeps its events in PostgreSQL, and this command is built without it; run `cargo install --path handover-cli --features postgres` in a clone of handover"
    )]
    NoPostgres,
    /// It does not print the address, which holds a password.
    #[cfg(feature = "postgres")]
    #[error(transparent)]
    Address(#[from] handover_runtime::PostgresAddressError),
    #[error("there is no journal at {}; run this in the folder of the bot, or use `--store sqlite:PATH`; the bot of `handover dev` has its journal in a temporary folder: see it with `handover operations --open`", path.display())]
    Missing { path: PathBuf },
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// A bot has the store open, and cannot be asked.
#[derive(Debug, Error)]
#[error(
    "a running bot has {} open, but cannot be asked: set HANDOVER_OPERATIONS to the address of its operations port, or stop the bot, repeat the command, and start it again ({reason})",
    path.display()
)]
pub(crate) struct StoreInUse {
    pub(crate) path: PathBuf,
    pub(crate) reason: String,
}

impl StoreArgument {
    /// Where the journal is. A file may not exist.
    pub(crate) fn find(&self, environment: &CliEnvironment) -> Result<CliStore, CommandError> {
        match self.said(environment).map_err(CommandError::usage)? {
            None => CliStore::of(&Store::default()),
            Some(said) => CliStore::parse(&said),
        }
        .map_err(CommandError::usage)
    }

    /// Connects to the database, if the journal is in one: commands go through it to whichever node works
    /// the thread.
    #[cfg(feature = "postgres")]
    pub(crate) fn client(
        &self,
        environment: &CliEnvironment,
    ) -> Result<Option<JournalClient>, CommandError> {
        let said = self.said(environment).map_err(CommandError::usage)?;
        if !said.is_some_and(|said| is_postgres(&said)) {
            return Ok(None);
        }
        match self.find(environment)? {
            CliStore::Postgres(address) => Ok(Some(JournalClient::connect(&address)?)),
            CliStore::File(_) => Ok(None),
        }
    }

    /// Whether the command line names it.
    pub(crate) fn is_explicit(&self) -> bool {
        self.store.is_some()
    }

    /// The store that the command line or the variable names.
    pub(crate) fn said(
        &self,
        environment: &CliEnvironment,
    ) -> Result<Option<String>, VariableError> {
        match &self.store {
            Some(said) => Ok(Some(said.clone())),
            None => environment.get("HANDOVER_STORE"),
        }
    }
}

fn is_postgres(store: &str) -> bool {
    store.starts_with("postgres://") || store.starts_with("postgresql://")
}

impl CliStore {
    /// The store that a text names; a path alone is as clear.
    pub(crate) fn parse(said: &str) -> Result<Self, StoreProblem> {
        if is_postgres(said) {
            #[cfg(feature = "postgres")]
            return Ok(Self::Postgres(Box::new(said.parse()?)));
            #[cfg(not(feature = "postgres"))]
            return Err(StoreProblem::NoPostgres);
        }
        if !said.contains(':') && !said.contains("password=") {
            return Ok(Self::File(said.into()));
        }
        match said.parse() {
            Ok(store) => Self::of(&store),
            Err(_) => Err(StoreProblem::Unknown {
                store: said.to_owned(),
            }),
        }
    }

    fn of(store: &Store) -> Result<Self, StoreProblem> {
        match store {
            Store::Sqlite(path) => Ok(Self::File(path.clone())),
            #[cfg(feature = "postgres")]
            Store::Postgres(address) => Ok(Self::Postgres(address.clone())),
            _ => Err(StoreProblem::Memory),
        }
    }

    /// Where it is, if it is a file.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => None,
        }
    }

    /// Opens it to read it.
    pub(crate) fn open(&self) -> Result<Inspector, StoreProblem> {
        match self {
            Self::File(path) => Ok(Inspector::open(existing(path)?)?),
            #[cfg(feature = "postgres")]
            Self::Postgres(address) => Ok(Inspector::connect(address)?),
        }
    }
}

/// The file, if there is one.
pub(crate) fn existing(path: &Path) -> Result<&Path, StoreProblem> {
    match path.exists() {
        true => Ok(path),
        false => Err(StoreProblem::Missing {
            path: path.to_owned(),
        }),
    }
}

/// The result of opening it; `None` if a bot has it open and has to be asked.
pub(crate) fn unless_in_use<T>(opened: Result<T, OpenError>) -> Result<Option<T>, OpenError> {
    match opened {
        Err(OpenError::InUse { .. }) => Ok(None),
        opened => opened.map(Some),
    }
}

/// Without a password.
impl fmt::Display for CliStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            #[cfg(feature = "postgres")]
            Self::Postgres(address) => write!(f, "{address}"),
        }
    }
}
