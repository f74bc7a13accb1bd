//! The journal: durable queue of events and calls, and the state of each thread.
//!
//! A bot opens the one that [`Config::store`](crate::Config::store) names. Open a journal yourself and pass
//! it to [`Bot::journal`](crate::Bot::journal) to set its [`Retention`], or to read the backlog and the
//! dead letters while the bot runs.

// `rules/` decides and has no I/O; `storage/` makes rows durable and has no rules; `engine` runs a batch of
// commands through both.

mod arrivals;
mod call;
mod commands;
mod dead_letter;
mod dedupe;
mod engine;
mod error;
mod event;
mod figures;
mod forward;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;
mod handovers;
mod history;
mod jobs;
mod lanes;
mod listing;
mod nodes;
mod open;
mod privacy;
mod receipt;
mod reclaim;
mod rules;
mod state;
pub(crate) mod storage;
mod threads;
mod turn;
mod unreadable;
mod wake;
mod work;
mod writer;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

pub use dead_letter::{DeadLetter, DeadLetterContent};
pub use error::JournalError;
pub use history::HistoryLimits;
pub(crate) use privacy::{DeletionStatus, PendingDeletion};
pub use privacy::{ExportedRow, Forgotten, ThreadExport};
pub use receipt::ReceiptStatus;
pub use state::ThreadState;
#[cfg(feature = "postgres")]
pub(crate) use storage::JournalClient;
pub use storage::{OpenError, Retention};
#[cfg(feature = "postgres")]
pub use storage::{PostgresAddress, PostgresAddressError, PostgresError};
pub use turn::{Speaker, Turn, TurnAttachment};

pub(crate) use call::{
    CallResult, Due, Ended, FinishedCall, NoticeResult, OutboxCall, OutboxNotice, PendingEvent,
    QueuedCall, Replacement, Terms, give_receipt,
};
pub(crate) use dedupe::{echo_key, key_of};
pub(crate) use event::{
    AppendStatus, Claim, ClaimedEvent, EventResult, NewEvent, Settlement, ThreadRelease,
    TimerChange,
};
pub(crate) use figures::{
    Figures, LaneScope, NodeStatus, SharedFigures, SharedPause, StoredPause, TotalBacklog,
};
pub(crate) use handovers::HandoverFigures;
pub(crate) use history::{HistoryRule, ThreadHistory, TurnChange};
pub(crate) use listing::{DeadLetterRow, ThreadGroup, ThreadSearch};
pub(crate) use receipt::{
    FORWARDED, StoredReceipt, Submission, SubmitResult, SubmitStatus, Submitted,
};
pub(crate) use reclaim::Reclaim;
pub(crate) use rules::DedupeKey;
pub(crate) use state::{AwayPeriod, PauseChange, ThreadChange, ThreadPause, Update};
pub(crate) use wake::Wake;
pub(crate) use work::{AppendResult, DueItems, SettleResult, Wakeups};

use handover_protocol::Timestamp;

use crate::clock::Clock;
use crate::metrics::{self, Histogram, QUICK, Registry, histogram};
use arrivals::Arrivals;
use commands::{Probe, ReadOnly};
use engine::Engine;
use jobs::{JournalCommand, QueuedCommand};
#[cfg(feature = "postgres")]
use nodes::Nodes;
use receipt::Watchers;
use storage::StorageError;
pub(crate) use storage::{Replay, ReplayRefusal, Replayed};
use writer::Writer;

/// What the cause of a dead letter begins with that is a signal without a handler.
pub(crate) const NO_HANDLER: &str = "no handler takes the signal";

/// A queue of events and a queue of calls for each thread. Cheap to clone.
///
/// When a method returns, everything it was given is stored; what is stored after an error, its
/// [`JournalError`] says.
#[derive(Clone)]
pub struct Journal(Arc<JournalInner>);

struct JournalInner {
    host: EngineHost,
    /// The same whenever it is the same journal.
    identity: String,
    is_durable: bool,
    clock: Clock,
    watchers: Watchers,
    /// See [`Journal::paused_before`].
    paused_before: Vec<StoredPause>,
    /// The others that share the storage.
    #[cfg(feature = "postgres")]
    nodes: Option<Nodes>,
}

/// Where the engine runs.
enum EngineHost {
    /// In the task of the caller: no I/O.
    Inline(Box<Mutex<Engine>>),
    Thread(Writer),
}

impl Journal {
    /// Lists the dead letters, oldest first.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub async fn dead_letters(&self) -> Result<Vec<DeadLetter>, JournalError> {
        self.read(|engine| engine.storage.dead_letters()).await
    }

    /// Where it is: the whole path of its file, an address without user and password, or `memory:`.
    pub(crate) fn identity(&self) -> &str {
        &self.0.identity
    }

    /// Who waits for events of a thread.
    pub(crate) fn arrivals(&self) -> &Arrivals {
        &self.0.watchers.arrivals
    }

    /// The accounts for which sending was paused when it was opened.
    pub(crate) fn paused_before(&self) -> &[StoredPause] {
        &self.0.paused_before
    }

    /// The time by its clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Counts what is waiting.
    ///
    /// # Errors
    ///
    /// If the journal is closed.
    pub async fn backlog(&self) -> Result<Backlog, JournalError> {
        let now = self.0.clock.now();
        self.read(move |engine| Ok(engine.rules.backlog(now))).await
    }

    /// How many events and calls wait, as far as they count for the limit of those: of accounts that are paused, as many
    /// again may wait.
    ///
    /// # Errors
    ///
    /// If the journal is closed.
    pub(crate) async fn waiting(&self) -> Result<usize, JournalError> {
        self.read(|engine| Ok(engine.rules.waiting())).await
    }

    /// Counts what waits, also where other nodes work. The others do not wait meanwhile.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn total_backlog(&self) -> Result<TotalBacklog, JournalError> {
        let count = self.read(|engine| Ok(engine.storage.total_backlog()));
        let Some(count) = count.await? else {
            return Ok(self.backlog().await?.into());
        };
        let counted = tokio::task::spawn_blocking(count).await;
        counted
            .map_err(JournalError::read)?
            .map_err(JournalError::read)
    }

    /// What it holds at this time; the backlog is that of this node. May take a moment, in which the others
    /// do not wait.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn figures(
        &self,
        now: Timestamp,
        scope: LaneScope,
    ) -> Result<Figures, JournalError> {
        let counts = self.read(move |engine| {
            let backlog = engine.rules.backlog(now);
            Ok(match engine.storage.figures(now, scope) {
                Some(count) => (backlog, Ok(count)),
                None => (backlog, Err(engine.rules.figures(now))),
            })
        });
        match counts.await? {
            (backlog, Ok(count)) => {
                let counted = tokio::task::spawn_blocking(count).await;
                let figures = counted
                    .map_err(JournalError::read)?
                    .map_err(JournalError::read)?;
                Ok(Figures { backlog, ..figures })
            }
            (_, Err(figures)) => Ok(figures),
        }
    }

    /// How handovers went since the bot started.
    ///
    /// # Errors
    ///
    /// If the journal is closed.
    pub(crate) async fn handovers(&self) -> Result<HandoverFigures, JournalError> {
        self.read(|engine| Ok(engine.handovers.figures())).await
    }

    /// What this node sees of the rows that several share; `None` if none can.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn shared_figures(&self) -> Result<Option<SharedFigures>, JournalError> {
        if !self.is_shared() {
            return Ok(None);
        }
        let read = self.read(|engine| Ok(engine.storage.shared_figures()));
        let Some(read) = read.await? else {
            return Ok(None);
        };
        let figures = tokio::task::spawn_blocking(read).await;
        let figures = figures
            .map_err(JournalError::read)?
            .map_err(JournalError::read)?;
        Ok(Some(figures))
    }

    /// Stores something that changes nothing: whether anything can be stored now.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn probe(&self) -> Result<(), JournalError> {
        self.execute(Probe).answer().await
    }

    /// Writes everything out. No other method may be called afterwards.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub async fn close(&self) -> Result<(), JournalError> {
        self.0.watchers.close();
        let EngineHost::Thread(writer) = &self.0.host else {
            return Ok(());
        };
        let (reply, closed) = oneshot::channel();
        writer.close(reply);
        PendingAnswer::Waiting(closed).answer().await
    }

    /// Whether what is under way when the process ends is taken up by the next one.
    #[must_use]
    pub(crate) fn outlives_the_process(&self) -> bool {
        self.0.is_durable
    }

    /// For tests, and in memory only: whether the bot does something now, or is about to.
    #[doc(hidden)]
    #[must_use]
    pub fn is_busy(&self) -> bool {
        let now = self.0.clock.now();
        self.inline(|engine| engine.rules.is_busy(now)) == Some(true)
    }

    /// For tests, and in memory only: how long it is until a timer runs out, or something is tried
    /// again.
    #[doc(hidden)]
    #[must_use]
    pub fn busy_in(&self) -> Option<Duration> {
        let now = self.0.clock.now();
        let next = self.inline(|engine| engine.rules.next_at())??;
        Some(next.duration_since(now))
    }

    fn inline<T>(&self, work: impl FnOnce(&mut Engine) -> T) -> Option<T> {
        let EngineHost::Inline(engine) = &self.0.host else {
            return None;
        };
        // What panics here is a fault of the rules; the next job finds them as they are.
        Some(work(
            &mut engine.lock().unwrap_or_else(PoisonError::into_inner),
        ))
    }

    async fn read<T, R>(&self, read: R) -> Result<T, JournalError>
    where
        T: Send + 'static,
        R: FnOnce(&mut Engine) -> Result<T, StorageError> + Send + 'static,
    {
        self.execute(ReadOnly(read)).answer().await
    }

    fn execute<C: JournalCommand>(&self, command: C) -> PendingAnswer<C::Answer> {
        match &self.0.host {
            EngineHost::Inline(engine) => {
                // What panics here is a fault of the rules; the next command finds them as they are.
                let mut engine = engine.lock().unwrap_or_else(PoisonError::into_inner);
                PendingAnswer::Ready(engine.execute(command))
            }
            EngineHost::Thread(writer) => {
                let (reply, answer) = oneshot::channel();
                writer.send(Box::new(QueuedCommand { command, reply }));
                PendingAnswer::Waiting(answer)
            }
        }
    }
}

/// A command that was given to the engine.
enum PendingAnswer<T> {
    Ready(Result<T, JournalError>),
    Waiting(oneshot::Receiver<Result<T, JournalError>>),
}

impl<T> PendingAnswer<T> {
    async fn answer(self) -> Result<T, JournalError> {
        match self {
            Self::Ready(answer) => answer,
            Self::Waiting(answer) => answer.await.unwrap_or(Err(JournalError::Closed)),
        }
    }
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal")
            .field("is_durable", &self.0.is_durable)
            .finish_non_exhaustive()
    }
}

/// What measures commits.
pub(crate) fn commit_duration(registry: &Registry) -> Result<Histogram, metrics::Error> {
    histogram(
        registry,
        "handover_journal_commit_duration_seconds",
        "How long the journal took to commit a group of changes to the disk.",
        &QUICK,
    )
}

/// Numbers of waiting events and calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backlog {
    /// Events that are not settled.
    pub events: usize,
    /// Calls that are not sent.
    pub calls: usize,
    /// Threads with a handoff that is about to be sent.
    pub handoffs: usize,
    /// Notices that no [`Notifier`](crate::Notifier) has accepted yet.
    pub notices: usize,
    /// Dead letters.
    pub dead_letters: usize,
}

#[cfg(test)]
mod tests;
