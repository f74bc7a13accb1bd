//! The journal: what a bot has received and not yet handled, and what it has to send.
//!
//! A bot opens the one that [`Config::store`](crate::Config::store) names. Open it yourself and give it to
//! [`Bot::journal`](crate::Bot::journal) to keep rows for another time ([`Keep`]), or to look at what
//! waits and at dead letters while the bot runs.

// `rules/` decides and knows no disk; `storage/` makes rows durable and knows no rules; `engine` brings
// a batch of what was asked through both.

mod call;
mod dead_letter;
mod dedupe;
mod engine;
mod error;
mod event;
mod figures;
mod jobs;
mod rules;
mod state;
pub(crate) mod storage;
mod wake;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prometheus::{Histogram, Registry, register_histogram_with_registry};
use tokio::sync::oneshot;

pub use dead_letter::{DeadLetter, DeadLetterContent};
pub use error::JournalError;
pub use state::{Line, Speaker, ThreadState};
pub use storage::{Keep, OpenError};

pub(crate) use call::{CallResult, Due, FinishedCall, NewCall, OutboxCall, Waiting};
pub(crate) use dedupe::{echo_key, key_of};
pub(crate) use event::{
    Appended, Claim, ClaimedEvent, Ending, NewEvent, Release, Settlement, TimerChange,
};
pub(crate) use figures::Figures;
pub(crate) use state::{Away, Pause, PauseChange, ThreadChange, Update};
pub(crate) use wake::Wake;

use handover_protocol::{AccountId, EventBody, Timestamp};

use crate::clock::Clock;
use crate::metrics::QUICK;
use crate::thread::ThreadKey;
use engine::Engine;
use jobs::{
    Append, ChangeThread, ClaimThreads, Command, FinishCalls, Look, MakeDue, Probe, RememberSent,
    Sent, Settle, StartCalls,
};
use rules::{Arrival, DedupeKey, Wanted};
use storage::{Memory, Sqlite, StorageError};
use writer::Writer;

/// How long the echo of a call is waited for whose answer was lost.
pub(crate) const ECHO_PAUSE: Duration = Duration::from_secs(10);

/// A queue of events per thread, and of calls per thread. Cheap to clone.
///
/// What a method was given is stored when it returns, all of it or, with an error, nothing.
#[derive(Clone)]
pub struct Journal(Arc<Inner>);

struct Inner {
    runs: Runs,
    is_durable: bool,
    clock: Clock,
}

/// Where the engine runs.
enum Runs {
    /// In the task that asks: nothing of it waits for a disk.
    Here(Box<Mutex<Engine>>),
    Thread(Writer),
}

impl Journal {
    /// A journal that keeps everything in memory: for tests, and for bots that may forget what was
    /// under way when they stop. Its time is the clock's.
    ///
    /// It remembers the last 100 000 dedupe keys and keeps the last 10 000 dead letters.
    #[must_use]
    pub fn in_memory(clock: Clock) -> Self {
        let engine = Engine::in_memory(Memory::default(), clock.clone());
        Self(Arc::new(Inner {
            runs: Runs::Here(Box::new(Mutex::new(engine))),
            is_durable: false,
            clock,
        }))
    }

    /// Opens a journal in an SQLite file, or makes a new one.
    ///
    /// What it has accepted is on the disk. Only one process at a time can have it open; any tool
    /// can read it meanwhile. `sqlite3 handover.db .schema` explains its tables.
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
    /// If another process has it, or it cannot be read and written.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::open_with(path, Keep::default(), Clock::default(), None)
    }

    /// Opens a journal in an SQLite file, with other times for which old rows are kept, and another
    /// clock.
    ///
    /// # Errors
    ///
    /// If another process has it, or it cannot be read and written.
    pub fn open_keeping(
        path: impl AsRef<Path>,
        keep: Keep,
        clock: Clock,
    ) -> Result<Self, OpenError> {
        Self::open_with(path, keep, clock, None)
    }

    pub(crate) fn open_with(
        path: impl AsRef<Path>,
        keep: Keep,
        clock: Clock,
        commits: Option<Histogram>,
    ) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let storage = Sqlite::open(path, keep, clock.now())?;
        let engine = Engine::open(Box::new(storage), clock.clone(), commits)
            .map_err(|error| OpenError::unreadable(path, error))?;
        let writer = Writer::start(engine).map_err(|source| OpenError::Inaccessible {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self(Arc::new(Inner {
            runs: Runs::Thread(writer),
            is_durable: true,
            clock,
        })))
    }

    /// Stores events; those whose dedupe key is known already are left out. Once it returns, the
    /// platform is told that they arrived.
    ///
    /// Then hands out up to `limit` threads as [`claim`](Self::claim) does, so that whoever has the
    /// means to handle what came need not ask again.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn append(
        &self,
        events: Vec<NewEvent>,
        limit: usize,
    ) -> Result<Accepted, JournalError> {
        // Here, for the journal's thread has enough to do.
        let arrivals = events.into_iter().map(|new| {
            let content = self
                .0
                .is_durable
                .then(|| serde_json::to_string(&*new.received));
            let is_echo = matches!(new.received.event.body, EventBody::Echo(_));
            let key = DedupeKey::of(&new.dedupe_key);
            Ok(Arrival {
                key,
                other: new.also_known_as.as_deref().map(DedupeKey::of),
                sent: is_echo.then(|| key.sent()),
                content: content.transpose()?,
                new,
            })
        });
        let arrivals: Result<_, serde_json::Error> = arrivals.collect();
        let arrivals = arrivals.map_err(JournalError::write)?;
        self.ask(Append {
            arrivals,
            limit,
            appended: Vec::new(),
            claimed: Vec::new(),
        })
        .answer()
        .await
    }

    /// Lets the timers run out that are due at `now`: their events join those of their threads.
    /// Then hands out up to `limit` threads that have events to handle, each with its oldest events
    /// in the order received; says when there is more to do without anything arriving.
    ///
    /// A thread is not handed out again before it is released, nor while a handoff of it is still
    /// to be sent. Those that wait longest come first.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn claim(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Claimed, JournalError> {
        self.ask(ClaimThreads {
            now,
            limit,
            claimed: Vec::new(),
        })
        .answer()
        .await
    }

    /// Commits the consequences of events, and lets threads go that were claimed: their unsettled
    /// events wait again. Where there is nothing to commit, that does not fail.
    ///
    /// The threads of the settlements are claimed, and of each no more than one settlement in a
    /// batch has calls.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn settle(
        &self,
        settlements: Vec<Settlement>,
        released: Vec<Release>,
    ) -> Result<Settled, JournalError> {
        self.ask(Settle {
            settlements,
            released,
            started: Vec::new(),
            settled: Vec::new(),
        })
        .answer()
        .await
    }

    /// Returns the oldest due call of each thread, unless one is in flight. Marks it as started, so
    /// that after a crash its outcome counts as uncertain. Also returns when the next call is due.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn start_calls(&self, due: Due) -> Result<Started, JournalError> {
        self.ask(StartCalls {
            due,
            started: Vec::new(),
        })
        .answer()
        .await
    }

    /// Records what became of calls that were handed out.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn finish_calls(
        &self,
        finished: Vec<FinishedCall>,
    ) -> Result<Ready, JournalError> {
        let finished = finished.into_iter().map(|finished| {
            let echo = finished.echo.as_deref().map(DedupeKey::of);
            (finished, echo)
        });
        self.ask(FinishCalls {
            finished: finished.collect(),
            returned: Vec::new(),
        })
        .answer()
        .await
    }

    /// Lets nothing of this account wait for its time any longer: its timers, and the events and calls
    /// that are to be tried again, are due at `now`.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn make_due(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Ready, JournalError> {
        self.ask(MakeDue { account, now }).answer().await
    }

    /// Remembers a message that was sent past the outbox: its echo, by its dedupe key, is nothing
    /// new. One that came before may have been taken for a human's; what that changed is undone.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn remember_sent(
        &self,
        thread: ThreadKey,
        echo: String,
    ) -> Result<(), JournalError> {
        let key = DedupeKey::of(&echo);
        self.ask(RememberSent { thread, echo, key }).answer().await
    }

    /// Whether the echo with this dedupe key is of a message that the bot sent.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn was_sent(&self, echo: String) -> Result<bool, JournalError> {
        self.look(move |engine| {
            let wanted = Wanted {
                keys: vec![DedupeKey::of(&echo).sent()],
                ..Wanted::default()
            };
            let found = engine.storage.read(&wanted)?;
            Ok(!found.known.is_empty())
        })
        .await
    }

    /// Changes what is kept of a thread, at once and not in the order of its events.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn change_thread(
        &self,
        thread: ThreadKey,
        change: ThreadChange,
    ) -> Result<Ready, JournalError> {
        self.ask(ChangeThread { thread, change }).answer().await
    }

    /// What is kept of a thread.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub async fn thread(&self, thread: ThreadKey) -> Result<ThreadState, JournalError> {
        self.look(move |engine| {
            let mut wanted = Wanted::default();
            engine.rules.want_thread(&thread, &mut wanted);
            engine.read(&wanted)?;
            let state = engine.rules.thread(&thread);
            engine.rules.forget_if_idle(&thread);
            Ok(state)
        })
        .await
    }

    /// What could not be handled or sent, oldest first.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub async fn dead_letters(&self) -> Result<Vec<DeadLetter>, JournalError> {
        self.look(|engine| engine.storage.dead_letters()).await
    }

    /// How much is waiting.
    ///
    /// # Errors
    ///
    /// If the journal is closed.
    pub async fn backlog(&self) -> Result<Backlog, JournalError> {
        let now = self.0.clock.now();
        self.look(move |engine| Ok(engine.rules.backlog(now))).await
    }

    /// What it holds at this time. May take a moment, in which the others do not wait.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn figures(&self, now: Timestamp) -> Result<Figures, JournalError> {
        let counts = self.look(move |engine| {
            let backlog = engine.rules.backlog(now);
            Ok(match engine.storage.figures(now) {
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

    /// Stores something that changes nothing: whether anything can be stored now.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn probe(&self) -> Result<(), JournalError> {
        self.ask(Probe).answer().await
    }

    /// Writes everything out; nothing else is asked of it afterwards.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub async fn close(&self) -> Result<(), JournalError> {
        let Runs::Thread(writer) = &self.0.runs else {
            return Ok(());
        };
        let (reply, closed) = oneshot::channel();
        writer.close(reply);
        Asked::Waits(closed).answer().await
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
        self.here(|engine| engine.rules.is_busy(now)) == Some(true)
    }

    /// For tests, and in memory only: how long it is until a timer runs out, or something is tried
    /// again.
    #[doc(hidden)]
    #[must_use]
    pub fn busy_in(&self) -> Option<Duration> {
        let now = self.0.clock.now();
        let next = self.here(|engine| engine.rules.next_at())??;
        Some(next.duration_since(now))
    }

    fn here<T>(&self, work: impl FnOnce(&mut Engine) -> T) -> Option<T> {
        let Runs::Here(engine) = &self.0.runs else {
            return None;
        };
        // What panics here is a fault of the rules; the next job finds them as they are.
        Some(work(
            &mut engine.lock().unwrap_or_else(PoisonError::into_inner),
        ))
    }

    async fn look<T, L>(&self, look: L) -> Result<T, JournalError>
    where
        T: Send + 'static,
        L: FnOnce(&mut Engine) -> Result<T, StorageError> + Send + 'static,
    {
        self.ask(Look(look)).answer().await
    }

    fn ask<C: Command>(&self, command: C) -> Asked<C::Answer> {
        match &self.0.runs {
            Runs::Here(engine) => {
                // What panics here is a fault of the rules; the next command finds them as they are.
                let mut engine = engine.lock().unwrap_or_else(PoisonError::into_inner);
                Asked::Answered(engine.carry_out(command))
            }
            Runs::Thread(writer) => {
                let (reply, answer) = oneshot::channel();
                writer.send(Box::new(Sent { command, reply }));
                Asked::Waits(answer)
            }
        }
    }
}

/// A command that was given to the engine.
enum Asked<T> {
    Answered(Result<T, JournalError>),
    Waits(oneshot::Receiver<Result<T, JournalError>>),
}

impl<T> Asked<T> {
    async fn answer(self) -> Result<T, JournalError> {
        match self {
            Self::Answered(answer) => answer,
            Self::Waits(answer) => answer.await.unwrap_or(Err(JournalError::Closed)),
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
pub(crate) fn commit_duration(registry: &Registry) -> prometheus::Result<Histogram> {
    register_histogram_with_registry!(
        "handover_journal_commit_duration_seconds",
        "How long the journal took to commit a group of changes to the disk.",
        QUICK.to_vec(),
        registry
    )
}

/// What [`Journal::append`] gives.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accepted {
    /// What became of each event.
    pub(crate) appended: Vec<Appended>,
    /// The threads that are handed out.
    pub(crate) claims: Vec<Claim>,
    /// Whether there are more.
    pub(crate) has_more: bool,
}

/// What may be there to hand out after something was stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ready {
    /// Threads with events to handle, or another time to look for them.
    pub(crate) events: bool,
    /// Calls to make, or another time to look for them.
    pub(crate) calls: bool,
}

/// What [`Journal::settle`] gives.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settled {
    /// The calls that are handed out.
    pub(crate) calls: Vec<OutboxCall>,
    /// The pauses of the threads that were settled: they may have been changed meanwhile.
    pub(crate) pauses: Vec<(ThreadKey, Option<Pause>)>,
    /// What else there may be to do.
    pub(crate) ready: Ready,
}

/// What [`Journal::claim`] gives.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claimed {
    /// The threads.
    pub(crate) claims: Vec<Claim>,
    /// When the next timer runs out, or the next thread is ready that waits for a time.
    pub(crate) next_at: Option<Timestamp>,
}

/// What [`Journal::start_calls`] gives.
#[derive(Clone, Debug, Default)]
pub(crate) struct Started {
    /// The calls.
    pub(crate) calls: Vec<OutboxCall>,
    /// When the next one is due that waits for its time.
    pub(crate) next_at: Option<Timestamp>,
}

/// How much is waiting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backlog {
    /// Events that are not settled.
    pub events: usize,
    /// Calls that are not sent.
    pub calls: usize,
    /// Threads that are about to be handed off: nothing keeps the bot from it for long.
    pub handoffs: usize,
    /// Dead letters.
    pub dead_letters: usize,
}

#[cfg(test)]
mod tests;
