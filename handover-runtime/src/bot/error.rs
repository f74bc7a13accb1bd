//! Errors of a bot.

use std::fmt;
use std::net::SocketAddr;

use super::config_error::ConfigError;
use crate::accounts::TokenFileError;
use crate::graph::GraphError;
use crate::journal::{JournalError, OpenError};
use crate::notice::NotifierError;
use crate::operations::AddressInUse;
use crate::routing::RouteError;

/// Result of building and running a bot.
pub type Result<T = (), E = Error> = std::result::Result<T, E>;

/// Why a bot cannot start or continue.
///
/// `Debug` prints the same text as `Display`, so that a `main` that returns the error prints a readable
/// message.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The configuration is incomplete.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A route cannot work.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// The Graph client cannot be created, or a call failed.
    #[error("{}", with_variable(.0))]
    Graph(#[from] GraphError),
    /// The journal cannot be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The journal failed.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The accounts file cannot be used.
    #[error("MESSENGER_ACCOUNTS_FILE: {0}")]
    Accounts(#[from] TokenFileError),
    /// A notifier cannot be used.
    #[error(transparent)]
    Notifier(#[from] NotifierError),
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {address}: {source}; is another program using it? HOST and PORT choose another address"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Error of the system.
        source: std::io::Error,
    },
    /// The address for `/metrics` cannot be listened on.
    #[error(
        "cannot listen on {address} for /metrics: {source}; is another bot using it? HANDOVER_OPERATIONS chooses another address, or none with `off`"
    )]
    Operations {
        /// The address.
        address: SocketAddr,
        /// Error of the system.
        source: std::io::Error,
    },
    /// The recording cannot be begun.
    #[error(
        "the recording {} cannot be begun: {source}; HANDOVER_RECORD names another file", path.display()
    )]
    Recording {
        /// The file.
        path: std::path::PathBuf,
        /// Error of the system.
        source: std::io::Error,
    },
    /// There is no tokio runtime.
    #[error("a bot runs inside tokio: call it from an async function under `#[tokio::main]`")]
    NoRuntime,
    /// Another error of the program.
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
}

/// Adds the variable from which a setting of the Graph client comes.
fn with_variable(error: &GraphError) -> String {
    let variable = match error {
        GraphError::Settings { setting, .. } => match *setting {
            "base_url" => Some("GRAPH_API_URL"),
            "version" => Some("GRAPH_API_VERSION"),
            "page_id" => Some("MESSENGER_PAGE_ID"),
            "access_token" => Some("MESSENGER_ACCESS_TOKEN"),
            _ => None,
        },
        _ => None,
    };
    match variable {
        Some(variable) => format!("{variable}: {error}"),
        None => error.to_string(),
    }
}

impl Error {
    /// Wraps another error of the program.
    pub fn other(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Other(error.into())
    }
}

impl From<AddressInUse> for Error {
    fn from(AddressInUse { address, source }: AddressInUse) -> Self {
        Self::Operations { address, source }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
