//! Commands of operators: the nodes carry them out, wherever they are given.

use std::time::{Duration, Instant};

use handover_protocol::Timestamp;
use tokio_postgres::types::Type;

use super::address::PostgresAddress;
use super::connected::Connected;
use super::error::PostgresError;
use super::forgotten_rows;
use super::replay::Stored;
use super::rows::{number, time};
use crate::clock::Clock;
use crate::journal::forward::{ForgetPart, ForwardedCommand};
use crate::journal::storage::{OpenError, Replay, Replayed, Retention};
use crate::journal::{
    Forgotten, Journal, PauseChange, StoredReceipt, Submission, ThreadChange, ThreadExport,
};
use crate::thread::ThreadKey;

/// How long a node may take to do what it was asked.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// Pause before the next look, doubled up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// A journal in PostgreSQL, asked from outside: an operator's command does not have to reach a node, only the
/// database.
///
/// What changes something is stored as a row for the owner of the lane, which `NOTIFY` wakes. So it is done
/// in the order of the thread, also if the lane moves meanwhile, and if no node runs, by the next one.
pub struct JournalClient {
    connected: Connected,
    address: PostgresAddress,
}

/// Whether a node has done what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoteChange {
    /// It has.
    Done,
    /// No node runs: the next one does it.
    Waits,
}

impl JournalClient {
    /// Connects to a journal.
    ///
    /// # Errors
    ///
    /// If the database cannot be reached, or holds no journal of this version.
    pub fn connect(address: &PostgresAddress) -> Result<Self, OpenError> {
        Ok(Self {
            connected: Connected::open(address)?,
            address: address.clone(),
        })
    }

    /// How many nodes run, by their leases.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn nodes(&self) -> Result<u64, PostgresError> {
        self.connected.ask(async |reader| {
            let sql = "SELECT count(*) FROM {schema}.node WHERE expires >= clock_timestamp()";
            let rows = reader.rows(sql, &[]).await?;
            Ok(reader.each(&rows, |row| number(row, 0))?[0])
        })
    }

    /// Opens the journal as a node, where no other runs.
    ///
    /// # Errors
    ///
    /// If the database fails, or the journal is copied now.
    pub fn open(&self) -> Result<Journal, OpenError> {
        Journal::connect(&self.address, Retention::default(), Clock::default())
    }

    /// What would be replayed and what not, in order. Changes nothing.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn preview(&self, replay: &Replay) -> Result<Vec<Replayed>, PostgresError> {
        self.connected
            .ask_for_long(async |reader| reader.preview(replay).await)
    }

    /// Hands what was settled or given up to the nodes: all of it or, with an error, nothing.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub fn replay(&self, replay: &Replay) -> Result<Vec<Replayed>, PostgresError> {
        self.connected
            .ask_for_long(async |reader| reader.replay(replay).await)
    }

    /// Everything that is kept of a thread.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn export(&self, thread: &ThreadKey) -> Result<ThreadExport, PostgresError> {
        self.connected
            .ask_for_long(async |reader| reader.export(thread).await)
    }

    /// Pauses the bot in a thread for this time; without one, ends its pause.
    ///
    /// # Errors
    ///
    /// If the database fails, or the node does not answer.
    pub fn pause(
        &self,
        thread: &ThreadKey,
        time: Option<Duration>,
    ) -> Result<RemoteChange, PostgresError> {
        let change = match time {
            Some(time) => PauseChange::Begins {
                until: self.now()? + time,
                echo: None,
                spares: None,
            },
            None => PauseChange::Ends,
        };
        let stored = self.forward(&ForwardedCommand::Change {
            thread: thread.clone(),
            change: ThreadChange::of_pause(change),
        })?;
        if self.nodes()? == 0 {
            return Ok(RemoteChange::Waits);
        }
        self.until(|| {
            let is_done = !self
                .connected
                .ask(async |reader| reader.is_stored(stored).await)?;
            Ok(is_done.then_some(RemoteChange::Done))
        })
    }

    /// Deletes everything of a thread; the node that works it says how much that was.
    ///
    /// # Errors
    ///
    /// If the database fails, or no node answers.
    pub fn forget(&self, thread: &ThreadKey) -> Result<Forgotten, PostgresError> {
        let mentions = thread.person().map(|_| ForgetPart::Mentions);
        let parts = std::iter::once(ForgetPart::Thread).chain(mentions);
        let (answers, commands): (Vec<_>, Vec<_>) = parts
            .map(|part| {
                let answer = format!("{:016x}", fastrand::u64(..));
                let command = part.command(thread.clone(), answer.clone());
                (answer, command)
            })
            .unzip();
        // All are stored before any is waited for: they may be two nodes', and one of those may be away.
        self.connected
            .ask(async |reader| reader.forward_all(&commands).await)?;
        let mut forgotten = Forgotten::default();
        for answer in &answers {
            forgotten += self.forgotten(answer)?;
        }
        Ok(forgotten)
    }

    /// What a node has deleted, by its answer of this name.
    fn forgotten(&self, answer: &str) -> Result<Forgotten, PostgresError> {
        self.until(|| {
            self.connected.ask(async |reader| {
                let sql = "SELECT content FROM {schema}.answer WHERE name = $1";
                let rows = reader.rows(sql, &[(&answer, Type::TEXT)]).await?;
                let counts =
                    reader.each(&rows, |row| Ok(serde_json::from_str(row.try_get(0)?)?))?;
                Ok(counts.into_iter().next().map(forgotten_rows))
            })
        })
    }

    /// The time of the database, by which the nodes go: the clock of an operator's machine may be wrong.
    pub(crate) fn now(&self) -> Result<Timestamp, PostgresError> {
        self.connected.ask(async |reader| {
            let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
            let rows = reader.rows(sql, &[]).await?;
            Ok(reader.each(&rows, |row| time(row, 0))?[0])
        })
    }

    /// The product of a thread, as its newest event says it.
    pub(crate) fn object_of(&self, thread: &ThreadKey) -> Result<Option<String>, PostgresError> {
        self.connected
            .ask(async |reader| reader.object_of(thread).await)
    }

    /// Stores something from outside a handler. The receipt has the node that works the thread, `None` while
    /// none runs.
    pub(crate) fn submit(
        &self,
        submission: Submission,
    ) -> Result<Option<StoredReceipt>, PostgresError> {
        let (thread, id) = (submission.thread.clone(), submission.id.clone());
        self.forward(&ForwardedCommand::Submit(submission))?;
        if self.nodes()? == 0 {
            return Ok(None);
        }
        self.until(|| self.receipt(&thread, &id)).map(Some)
    }

    /// What has become of what was sent into a thread with this id.
    pub(crate) fn receipt(
        &self,
        thread: &ThreadKey,
        id: &str,
    ) -> Result<Option<StoredReceipt>, PostgresError> {
        self.connected
            .ask(async |reader| reader.receipt(thread, id).await)
    }

    /// Looks until there is an answer.
    pub(crate) fn until<T>(
        &self,
        look: impl Fn() -> Result<Option<T>, PostgresError>,
    ) -> Result<T, PostgresError> {
        let (since, mut pause) = (Instant::now(), FIRST_PAUSE);
        loop {
            if let Some(found) = look()? {
                return Ok(found);
            }
            if since.elapsed() > ANSWER_WITHIN {
                return Err(PostgresError::NoAnswer {
                    database: self.address.to_string(),
                });
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn forward(&self, command: &ForwardedCommand) -> Result<Stored, PostgresError> {
        self.connected
            .ask(async |reader| reader.forward(command).await)
    }
}

impl std::fmt::Debug for JournalClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JournalClient")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
