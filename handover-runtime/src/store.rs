//! Where a bot keeps its journal.

use std::path::PathBuf;
use std::str::FromStr;

use prometheus::Histogram;

use crate::clock::Clock;
use crate::journal::{Journal, OpenError, Retention};

/// Where events and calls are kept: what `HANDOVER_STORE` says.
///
/// ```
/// use handover_runtime::Store;
///
/// assert_eq!(Store::default(), "sqlite:handover.db".parse()?);
/// assert_eq!(Store::Memory, "memory:".parse()?);
/// # Ok::<(), handover_runtime::UnknownStore>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Store {
    /// `sqlite:PATH`: in an SQLite file, from where the bot goes on after a crash.
    Sqlite(PathBuf),
    /// `memory:`: nowhere; what is under way when the process ends is lost. For tests.
    Memory,
}

impl Default for Store {
    fn default() -> Self {
        Self::Sqlite(PathBuf::from("handover.db"))
    }
}

impl Store {
    pub(crate) fn open(&self, clock: &Clock, commits: Histogram) -> Result<Journal, OpenError> {
        Ok(match self {
            Self::Sqlite(path) => {
                Journal::open_with(path, Retention::default(), clock.clone(), Some(commits))?
            }
            Self::Memory => Journal::in_memory(clock.clone()),
        })
    }
}

/// A store that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write `sqlite:PATH` or `memory:`")]
pub struct UnknownStore;

impl FromStr for Store {
    type Err = UnknownStore;

    fn from_str(text: &str) -> Result<Self, UnknownStore> {
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            Some(("memory", "")) => Ok(Self::Memory),
            _ => Err(UnknownStore),
        }
    }
}
