//! Where a journal keeps what it holds.

#[cfg(feature = "sqlite")]
use std::path::Path;
use std::sync::{Arc, Mutex};

#[cfg(feature = "postgres")]
use super::PostgresAddress;
use super::engine::Engine;
#[cfg(feature = "postgres")]
use super::nodes::Nodes;
use super::receipt::Watchers;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
use super::storage::JournalPlace;
use super::storage::Memory;
#[cfg(feature = "sqlite")]
use super::storage::Sqlite;
#[cfg(feature = "postgres")]
use super::storage::{Postgres, PostgresError};
use super::writer::Writer;
use super::{EngineHost, Journal, JournalInner, OpenError, Retention};
use crate::clock::Clock;
use crate::metrics::Histogram;

impl Journal {
    /// Creates a journal in memory: for tests, and for bots that may lose their work when they stop. Uses
    /// this clock.
    ///
    /// Keeps the last 100 000 dedupe keys and the last 10 000 dead letters.
    #[must_use]
    pub fn in_memory(clock: Clock) -> Self {
        let watchers = Watchers::default();
        let engine = Engine::in_memory(Memory::default(), clock.clone(), watchers.clone());
        Self(Arc::new(JournalInner {
            host: EngineHost::Inline(Box::new(Mutex::new(engine))),
            identity: "memory:".to_owned(),
            is_durable: false,
            clock,
            watchers,
            paused_before: Vec::new(),
            #[cfg(feature = "postgres")]
            nodes: None,
        }))
    }

    /// Opens a journal in an SQLite file. Creates the file if it does not exist.
    ///
    /// What it has accepted is on disk. One process at a time can open it; any tool can read it meanwhile.
    /// `sqlite3 handover.db .schema` explains its tables.
    ///
    /// ```
    /// use handover_runtime::journal::Journal;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let directory = std::env::temp_dir().join(format!("handover-doc-{}", std::process::id()));
    /// # std::fs::create_dir_all(&directory)?;
    /// let journal = Journal::open(directory.join("handover.db"))?;
    /// assert_eq!(journal.backlog().await?.events, 0);
    /// journal.close().await?;
    /// # std::fs::remove_dir_all(directory)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If another process has opened it, or it cannot be read and written.
    #[cfg(feature = "sqlite")]
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::open_with(path, Retention::default(), Clock::default(), None)
    }

    /// Opens a journal in an SQLite file with a [`Retention`] and a clock.
    ///
    /// # Errors
    ///
    /// If another process has opened it, or it cannot be read and written.
    #[cfg(feature = "sqlite")]
    pub fn open_with_retention(
        path: impl AsRef<Path>,
        retention: Retention,
        clock: Clock,
    ) -> Result<Self, OpenError> {
        Self::open_with(path, retention, clock, None)
    }

    #[cfg(feature = "sqlite")]
    pub(crate) fn open_with(
        path: impl AsRef<Path>,
        retention: Retention,
        clock: Clock,
        commits: Option<Histogram>,
    ) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let storage = Sqlite::open(path, retention, clock.now())?;
        let watchers = Watchers::default();
        let engine = Engine::open(Box::new(storage), clock.clone(), commits, watchers.clone())
            .map_err(|error| OpenError::unreadable(path, error))?;
        let paused_before = Sqlite::pauses(path)?;
        let writer = Writer::start(engine).map_err(|source| OpenError::Inaccessible {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self(Arc::new(JournalInner {
            host: EngineHost::Thread(writer),
            identity: JournalPlace::File(path.to_owned()).identity(),
            is_durable: true,
            clock,
            watchers,
            paused_before,
            #[cfg(feature = "postgres")]
            nodes: None,
        })))
    }

    /// Opens a journal in a PostgreSQL database, and makes its tables if there are none. Several processes
    /// that open it share the work.
    ///
    /// Waits for the database, so call it where that does no harm, such as at the start of a program.
    ///
    /// ```no_run
    /// use handover_runtime::journal::{Journal, Retention};
    /// use handover_runtime::testing::Clock;
    ///
    /// let address = "postgres://bot:secret@db.example.com/bots".parse()?;
    /// let journal = Journal::connect(&address, Retention::default(), Clock::default())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the database refuses the login, is not suitable, or holds something else. While it cannot be
    /// reached, every method fails, until it can.
    #[cfg(feature = "postgres")]
    pub fn connect(
        address: &PostgresAddress,
        retention: Retention,
        clock: Clock,
    ) -> Result<Self, OpenError> {
        Self::connect_as(address, None, retention, clock, None)
    }

    /// The same, for the bot of this name: the journal of another is refused.
    #[cfg(feature = "postgres")]
    pub(crate) fn connect_as(
        address: &PostgresAddress,
        bot: Option<String>,
        retention: Retention,
        clock: Clock,
        commits: Option<Histogram>,
    ) -> Result<Self, OpenError> {
        let failed = |reason: &str| {
            OpenError::Postgres(PostgresError::Unreachable {
                database: address.to_string(),
                reason: reason.to_owned(),
            })
        };
        let of_thread = address.clone();
        // The storage waits, which is not allowed where other tasks run.
        let opening = std::thread::spawn(move || {
            let storage = Postgres::open(&of_thread, bot.as_deref(), retention, clock.clone())?;
            let nodes = Nodes {
                lease: storage.lease(),
                news: storage.news(),
                status: Box::new(storage.status()),
            };
            let watchers = Watchers::default();
            let (is_there, storage) = (storage.is_prepared(), Box::new(storage));
            let mut engine = Engine::open_later(storage, clock.clone(), commits, watchers.clone());
            match engine.load() {
                Err(error) if is_there && !PostgresError::may_pass(&error) => {
                    return Err(OpenError::Postgres(PostgresError::Failed {
                        database: of_thread.to_string(),
                        reason: error.to_string(),
                    }));
                }
                // It is tried again with the first command.
                Ok(()) | Err(_) => {}
            }
            Ok::<_, OpenError>((engine, nodes, watchers, clock))
        });
        let opened = opening.join();
        let (engine, nodes, watchers, clock) =
            opened.map_err(|_| failed("the program failed"))??;
        let writer = Writer::start(engine).map_err(|error| failed(&error.to_string()))?;
        Ok(Self(Arc::new(JournalInner {
            host: EngineHost::Thread(writer),
            identity: JournalPlace::Postgres(Box::new(address.clone())).identity(),
            is_durable: true,
            clock,
            watchers,
            paused_before: Vec::new(),
            nodes: Some(nodes),
        })))
    }
}
