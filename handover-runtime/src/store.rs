//! Store of a bot.

use std::path::PathBuf;
use std::str::FromStr;

use crate::clock::Clock;
#[cfg(feature = "postgres")]
use crate::journal::PostgresAddress;
use crate::journal::{Journal, OpenError, Retention};
use crate::metrics::Histogram;

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
    /// `sqlite:PATH`: an SQLite file. The bot continues from it after a crash. Needs the feature `sqlite`,
    /// which is on by default.
    Sqlite(PathBuf),
    /// `postgres://USER:PASSWORD@HOST:PORT/NAME`: a PostgreSQL database. Needs the feature `postgres`.
    #[cfg(feature = "postgres")]
    Postgres(Box<PostgresAddress>),
    /// `memory:`: lost when the process ends. For tests.
    Memory,
}

impl Default for Store {
    fn default() -> Self {
        Self::Sqlite(PathBuf::from("handover.db"))
    }
}

impl Store {
    /// Opens it for the bot of this name: where several bots could use it, that of another is refused.
    pub(crate) fn open(
        &self,
        _bot: String,
        clock: &Clock,
        retention: Retention,
        commits: Histogram,
    ) -> Result<Journal, OpenError> {
        Ok(match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(path) => {
                Journal::open_with(path, retention, clock.clone(), Some(commits))?
            }
            #[cfg(not(feature = "sqlite"))]
            Self::Sqlite(path) => return Err(OpenError::WithoutSqlite { path: path.clone() }),
            #[cfg(feature = "postgres")]
            Self::Postgres(address) => {
                Journal::connect_as(address, Some(_bot), retention, clock.clone(), Some(commits))?
            }
            Self::Memory => Journal::in_memory(clock.clone()),
        })
    }
}

/// Unknown kind of store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnknownStore(String);

impl UnknownStore {
    #[cfg(feature = "postgres")]
    const KINDS: &str =
        "write `sqlite:PATH`, `postgres://USER:PASSWORD@HOST:PORT/NAME` or `memory:`";
    #[cfg(not(feature = "postgres"))]
    const KINDS: &str = "write `sqlite:PATH` or `memory:`";
}

impl FromStr for Store {
    type Err = UnknownStore;

    fn from_str(text: &str) -> Result<Self, UnknownStore> {
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            #[cfg(feature = "postgres")]
            Some(("postgres" | "postgresql", _)) => match text.parse() {
                Ok(address) => Ok(Self::Postgres(Box::new(address))),
                Err(error) => Err(UnknownStore(error.to_string())),
            },
            #[cfg(not(feature = "postgres"))]
            Some(("postgres" | "postgresql", _)) => Err(UnknownStore(
                "this program is built without PostgreSQL: turn the feature `postgres` of `handover` on in Cargo.toml".to_owned(),
            )),
            Some(("memory", "")) => Ok(Self::Memory),
            _ => Err(UnknownStore(UnknownStore::KINDS.to_owned())),
        }
    }
}
