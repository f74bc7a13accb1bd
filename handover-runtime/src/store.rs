//! Store of a bot.

use std::path::PathBuf;
use std::str::FromStr;

use prometheus::Histogram;

use crate::clock::Clock;
use crate::journal::{Journal, OpenError, Retention};

/// Storage for events and calls; the variable is `HANDOVER_STORE`.
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
    /// `sqlite:PATH`: an SQLite file. The bot continues from it after a crash.
    Sqlite(PathBuf),
    /// `memory:`: lost when the process ends. For tests.
    Memory,
}

impl Default for Store {
    fn default() -> Self {
        Self::Sqlite(PathBuf::from("handover.db"))
    }
}

impl Store {
    pub(crate) fn open(
        &self,
        clock: &Clock,
        retention: Retention,
        commits: Histogram,
    ) -> Result<Journal, OpenError> {
        Ok(match self {
            Self::Sqlite(path) => {
                Journal::open_with(path, retention, clock.clone(), Some(commits))?
            }
            Self::Memory => Journal::in_memory(clock.clone()),
        })
    }
}

/// Unknown kind of store.
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
