//! Reading a journal for operators, whatever its database.

#[cfg(feature = "sqlite")]
use std::path::Path;

use handover_protocol::{AccountId, AppId, Timestamp};
use serde::Serialize;
use serde_json::Value;

#[cfg(feature = "postgres")]
use super::postgres::PostgresInspector;
#[cfg(feature = "sqlite")]
use super::sqlite::SqliteInspector;
use super::{JournalChange, OpenError};
#[cfg(feature = "postgres")]
use crate::journal::PostgresAddress;

/// Reads a journal, also while bots work on it. Changes nothing.
pub struct Inspector(pub(super) Box<dyn JournalReader>);

/// A table of the journal, as people look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JournalView {
    /// Threads, with owner and what is pending.
    Threads,
    /// Events that are not handled yet.
    Events,
    /// Events that were, newest first.
    Handled,
    /// Calls that are not sent yet.
    Calls,
    /// Timers that run.
    Timers,
    /// What could not be handled or sent, newest first.
    DeadLetters,
    /// What was said last, as far as the bot keeps it: each conversation in its order.
    History,
    /// The processes that share the journal; none where one has it alone.
    Nodes,
}

/// The rows of a [`JournalView`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ViewRows {
    /// The names of the columns. Those called `…_at`, `due` or `…_until` are times, in ms since
    /// 1970; those called `…_ms` are lengths of time. The last one may be long.
    pub columns: Vec<String>,
    /// A value for each column. What is stored as JSON is given as JSON.
    pub rows: Vec<Vec<Value>>,
    /// How many rows there are without the limit.
    pub total: u64,
}

/// How much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Events that are not handled.
    pub events: u64,
    /// Calls that are not sent.
    pub calls: u64,
    /// Timers that run.
    pub timers: u64,
    /// What could not be handled or sent.
    pub dead_letters: u64,
}

/// How handoffs to an app went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HandoffsTo {
    /// When one was refused last because the app is not connected.
    pub refused_at: Option<Timestamp>,
    /// When the app was last seen to own a thread.
    pub owned_at: Option<Timestamp>,
}

/// What an [`Inspector`] asks of a database.
pub(super) trait JournalReader: Send {
    fn view(
        &self,
        view: JournalView,
        account: Option<&str>,
        person: Option<&str>,
        limit: u32,
    ) -> Result<ViewRows, OpenError>;
    fn counts(&self, account: Option<&str>, person: Option<&str>) -> Result<Counts, OpenError>;
    fn handoffs_to(&self, app: &AppId, account: Option<&str>) -> Result<HandoffsTo, OpenError>;
    fn accounts_with_edits_only(&self) -> Result<Vec<(AccountId, Timestamp)>, OpenError>;
    fn signals_without_handler(&self) -> Result<Vec<(String, u64)>, OpenError>;
    fn dead_tuples(&self) -> Result<Vec<(String, u64)>, OpenError> {
        Ok(Vec::new())
    }
    fn check(&self) -> Result<(), OpenError>;

    /// Changes whenever something was written; `None` if the database does not say that.
    fn version(&self) -> Result<Option<i64>, OpenError>;
    /// The largest numbers of events, one for each block of numbers; numbers grow within a block.
    fn last_events(&self) -> Result<Vec<u64>, OpenError>;
    fn last_dead_letter(&self) -> Result<u64, OpenError>;
    /// The events of this person, or all, that wait: number, thread and kind.
    fn waiting_events(&self, person: Option<&str>)
    -> Result<Vec<(u64, String, String)>, OpenError>;
    /// How many bits of an event's number count within a block.
    fn block_bits(&self) -> u32;
    /// What is there of this person, or all: new events in these ranges of numbers, the
    /// outcomes of those and of these that waited, calls that wait, and new dead letters.
    fn follow(
        &self,
        person: Option<&str>,
        ranges: &[(u64, u64)],
        waiting: &[u64],
        last_dead_letter: u64,
    ) -> Result<Followed, OpenError>;
}

/// What [`JournalReader::follow`] reads, all of it of one moment.
#[derive(Debug, Default)]
pub(super) struct Followed {
    pub(super) new_events: Vec<JournalChange>,
    /// Of the new ones and those that were asked for, those that are settled.
    pub(super) outcomes: Vec<(u64, String)>,
    /// Number, thread and name.
    pub(super) calls: Vec<(u64, (String, String))>,
    pub(super) new_dead_letters: Vec<JournalChange>,
}

impl Inspector {
    /// Opens an SQLite file.
    ///
    /// # Errors
    ///
    /// If there is none, or it is not a journal of this version.
    #[cfg(feature = "sqlite")]
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Ok(Self(Box::new(SqliteInspector::open(path.as_ref())?)))
    }

    /// Connects to a PostgreSQL database. Takes no part in the work of the nodes.
    ///
    /// # Errors
    ///
    /// If it cannot be reached, or holds no journal of this version.
    #[cfg(feature = "postgres")]
    pub fn connect(address: &PostgresAddress) -> Result<Self, OpenError> {
        Ok(Self(Box::new(PostgresInspector::connect(address)?)))
    }

    /// The rows of a view, of all people or one, up to a limit.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read.
    pub fn view(
        &self,
        view: JournalView,
        account: Option<&str>,
        person: Option<&str>,
        limit: u32,
    ) -> Result<ViewRows, OpenError> {
        self.0.view(view, account, person, limit)
    }

    /// How much there is, of all people or one.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read.
    pub fn counts(&self, account: Option<&str>, person: Option<&str>) -> Result<Counts, OpenError> {
        self.0.counts(account, person)
    }

    /// How handoffs to an app went, on all accounts or one.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read.
    pub fn handoffs_to(&self, app: &AppId, account: Option<&str>) -> Result<HandoffsTo, OpenError> {
        self.0.handoffs_to(app, account)
    }

    /// Accounts of which the bot got a `message_edit` with `num_edit` 0 but no message at that time,
    /// and when it got the last.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read.
    pub fn accounts_with_edits_only(&self) -> Result<Vec<(AccountId, Timestamp)>, OpenError> {
        self.0.accounts_with_edits_only()
    }

    /// The names of signals among the dead letters that no handler took, and how many there are of each.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read.
    pub fn signals_without_handler(&self) -> Result<Vec<(String, u64)>, OpenError> {
        self.0.signals_without_handler()
    }

    /// Rows of each table that were deleted or replaced and are not vacuumed yet, most first. Only of
    /// PostgreSQL, as its statistics say.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read.
    pub fn dead_tuples(&self) -> Result<Vec<(String, u64)>, OpenError> {
        self.0.dead_tuples()
    }

    /// Looks through a whole file for damage. Of a database, whether it answers.
    ///
    /// # Errors
    ///
    /// If it is damaged, or cannot be read.
    pub fn check(&self) -> Result<(), OpenError> {
        self.0.check()
    }
}

impl std::fmt::Debug for Inspector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inspector").finish_non_exhaustive()
    }
}

/// A text of a column as people look at it: sessions, events and calls are JSON themselves.
pub(super) fn shown_text(text: String) -> Value {
    if text.starts_with(['{', '[']) {
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    } else {
        text.into()
    }
}
