//! The journal: durable queue of events and calls, and the state of each thread.
//!
//! A bot opens the one that [`Config::store`](crate::Config::store) names. Open a journal yourself and pass
//! it to [`Bot::journal`](crate::Bot::journal) to set its [`Retention`], or to read the backlog and the
//! dead letters while the bot runs.

// `rules/` decides and has no I/O; `storage/` makes rows durable and has no rules; `engine` runs a batch of
// commands through both.

mod call;
mod commands;
mod dead_letter;
mod dedupe;
mod engine;
mod error;
mod event;
mod figures;
mod forward;
mod history;
mod jobs;
mod lanes;
mod privacy;
mod receipt;
mod rules;
mod state;
pub(crate) mod storage;
mod turn;
mod wake;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

pub use dead_letter::{DeadLetter, DeadLetterContent};
pub use error::JournalError;
pub use history::HistoryLimits;
pub(crate) use privacy::{DeletionStatus, PendingDeletion};
pub use privacy::{ExportedRow, Forgotten, ThreadExport};
pub use receipt::ReceiptStatus;
pub use state::ThreadState;
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
pub(crate) use figures::{Figures, NodeStanding};
pub(crate) use history::{HistoryRule, ThreadHistory, TurnChange};
pub(crate) use receipt::{
    FORWARDED, StoredReceipt, Submission, SubmitResult, SubmitStatus, Submitted,
};
pub(crate) use rules::DedupeKey;
pub(crate) use state::{AwayPeriod, PauseChange, ThreadChange, ThreadPause, Update};
pub(crate) use wake::Wake;

use handover_protocol::{AccountId, Timestamp};

use crate::clock::Clock;
use crate::metrics::{self, Histogram, QUICK, Registry, histogram};
use crate::thread::ThreadKey;
use commands::{
    Append, ChangeDeletion, ChangeThread, ClaimLater, FinishNotice, Forget, HandOut, KeepHistory,
    MakeDue, Probe, ReadOnly, RememberSent, Settle,
};
use engine::Engine;
use jobs::{JournalCommand, QueuedCommand};
use receipt::Watchers;
use rules::{DeletionChange, ReadRequest};
use storage::{Memory, Sqlite, StorageError};
pub(crate) use storage::{Replay, Replayed};
use writer::Writer;

/// What the cause of a dead letter begins with that is a signal without a handler.
pub(crate) const NO_HANDLER: &str = "no handler takes the signal";
/// How long to wait for the echo of a call whose response was lost.
pub(crate) const ECHO_PAUSE: Duration = Duration::from_secs(10);

/// How long another node may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// How often to look for what other nodes have stored, beside what they tell.
#[cfg(feature = "postgres")]
const LOOK_AROUND_EVERY: Duration = Duration::from_millis(500);
/// The same for a receipt that is waited for.
const LOOK_AT_RECEIPTS_EVERY: Duration = Duration::from_millis(100);

/// The node that works the thread has not answered.
#[derive(Debug, thiserror::Error)]
#[error(
    "the node that works the thread has not answered yet; it is asked, and does it as soon as it can"
)]
struct NoAnswer;

/// A queue of events and a queue of calls for each thread. Cheap to clone.
///
/// When a method returns, everything it was given is stored; after an error, nothing is.
#[derive(Clone)]
pub struct Journal(Arc<JournalInner>);

struct JournalInner {
    host: EngineHost,
    is_durable: bool,
    clock: Clock,
    watchers: Watchers,
    /// The others that share the storage.
    #[cfg(feature = "postgres")]
    nodes: Option<Nodes>,
}

/// How this node stands among others.
#[cfg(feature = "postgres")]
struct Nodes {
    lease: storage::Lease,
    /// Something has come from another node.
    news: Arc<tokio::sync::Notify>,
    standing: Box<dyn Fn() -> NodeStanding + Send + Sync>,
}

/// Where the engine runs.
enum EngineHost {
    /// In the task of the caller: no I/O.
    Inline(Box<Mutex<Engine>>),
    Thread(Writer),
}

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
            is_durable: false,
            clock,
            watchers,
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
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::open_with(path, Retention::default(), Clock::default(), None)
    }

    /// Opens a journal in an SQLite file with a [`Retention`] and a clock.
    ///
    /// # Errors
    ///
    /// If another process has opened it, or it cannot be read and written.
    pub fn open_with_retention(
        path: impl AsRef<Path>,
        retention: Retention,
        clock: Clock,
    ) -> Result<Self, OpenError> {
        Self::open_with(path, retention, clock, None)
    }

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
        let writer = Writer::start(engine).map_err(|source| OpenError::Inaccessible {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self(Arc::new(JournalInner {
            host: EngineHost::Thread(writer),
            is_durable: true,
            clock,
            watchers,
            #[cfg(feature = "postgres")]
            nodes: None,
        })))
    }

    /// Opens a journal in a PostgreSQL database, and makes its tables if there are none. One process at a
    /// time can open it, unless [`PostgresAddress`] says otherwise.
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
            let storage = storage::Postgres::open(&of_thread, bot.as_deref(), retention)?;
            let nodes = Nodes {
                lease: storage.lease(),
                news: storage.news(),
                standing: Box::new(storage.standing()),
            };
            let watchers = Watchers::default();
            let (is_there, storage) = (storage.is_prepared(), Box::new(storage));
            let engine = if is_there {
                let opened = Engine::open(storage, clock.clone(), commits, watchers.clone());
                opened.map_err(|error| PostgresError::Failed {
                    database: of_thread.to_string(),
                    reason: error.to_string(),
                })?
            } else {
                Engine::open_later(storage, clock.clone(), commits, watchers.clone())
            };
            Ok::<_, OpenError>((engine, nodes, watchers, clock))
        });
        let opened = opening.join();
        let (engine, nodes, watchers, clock) =
            opened.map_err(|_| failed("the program failed"))??;
        let writer = Writer::start(engine).map_err(|error| failed(&error.to_string()))?;
        Ok(Self(Arc::new(JournalInner {
            host: EngineHost::Thread(writer),
            is_durable: true,
            clock,
            watchers,
            nodes: Some(nodes),
        })))
    }

    /// Whether other nodes may share the storage.
    fn is_shared(&self) -> bool {
        #[cfg(feature = "postgres")]
        return self.0.nodes.is_some();
        #[cfg(not(feature = "postgres"))]
        false
    }

    /// Stores events, except those whose dedupe key is known. Once it returns, the webhook can be
    /// acknowledged.
    ///
    /// Then hands out up to `limit` threads as [`claim`](Self::claim) does, which saves a caller with
    /// free permits another call.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn append(
        &self,
        mut events: Vec<NewEvent>,
        limit: usize,
    ) -> Result<AppendResult, JournalError> {
        if self.0.is_durable {
            // Here, for the journal's thread has enough to do.
            for new in &mut events {
                let content = serde_json::to_string(&*new.received);
                new.content = Some(content.map_err(JournalError::write)?);
            }
        }
        self.execute(Append {
            events,
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
    ) -> Result<DueItems<Claim>, JournalError> {
        let due = Due {
            now,
            limit,
            paused: Vec::new(),
        };
        self.execute(HandOut {
            due,
            taken: Vec::new(),
        })
        .answer()
        .await
    }

    /// Hands out the events of a claimed thread that came after this one, up to [`Claim::EVENTS`].
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn claim_later(
        &self,
        thread: ThreadKey,
        after: u64,
    ) -> Result<Vec<ClaimedEvent>, JournalError> {
        self.execute(ClaimLater {
            thread,
            after,
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
        released: Vec<ThreadRelease>,
    ) -> Result<SettleResult, JournalError> {
        self.execute(Settle {
            settlements,
            released,
            started: Vec::new(),
            settled: Vec::new(),
            is_stale: false,
            is_behind: false,
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
    pub(crate) async fn start_calls(&self, due: Due) -> Result<DueItems<OutboxCall>, JournalError> {
        self.execute(HandOut {
            due,
            taken: Vec::new(),
        })
        .answer()
        .await
    }

    /// Stores the results of calls that were handed out.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn finish_calls(
        &self,
        mut finished: Vec<FinishedCall>,
    ) -> Result<Wakeups, JournalError> {
        for finished in &mut finished {
            finished.echo_key = finished.echo.as_deref().map(DedupeKey::of);
        }
        self.execute(finished).answer().await
    }

    /// Returns the oldest due notice of each thread for each notifier, unless one is in flight, and
    /// when the next is due. After a crash they are handed out again.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn start_notices(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<DueItems<OutboxNotice>, JournalError> {
        let due = Due {
            now,
            limit,
            paused: Vec::new(),
        };
        self.execute(HandOut {
            due,
            taken: Vec::new(),
        })
        .answer()
        .await
    }

    /// Stores the result of a notice that was handed out.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn finish_notice(
        &self,
        id: u64,
        result: NoticeResult,
        at: Timestamp,
    ) -> Result<Wakeups, JournalError> {
        self.execute(FinishNotice { id, result, at }).answer().await
    }

    /// Puts back what was settled or given up, while the bot runs.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn replay(
        &self,
        replay: Replay,
    ) -> Result<(Vec<Replayed>, Wakeups), JournalError> {
        let replayed = self.read(move |engine| engine.replay(&replay)).await?;
        // A command like any other lets the rules be loaded, and tells what there is to do.
        let nothing = MakeDue {
            account: AccountId::from(""),
            now: self.0.clock.now(),
            everywhere: false,
        };
        let wakeups = self.execute(nothing).answer().await?;
        Ok((replayed, wakeups))
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
    ) -> Result<Wakeups, JournalError> {
        self.execute(MakeDue {
            account,
            now,
            everywhere: true,
        })
        .answer()
        .await
    }

    /// Sets how much of each conversation is kept, from the next change on.
    pub(crate) fn keep_history(&self, rule: HistoryRule) {
        // Commands are carried out in order, and nobody waits for this one.
        drop(self.execute(KeepHistory(rule)));
    }

    /// Remembers a message that was sent past the outbox: its echo, by its dedupe key, is nothing
    /// new. One that came before may have been taken for a human's; what that changed is undone.
    /// `turn` is what it said, if the thread is known for certain.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn remember_sent(
        &self,
        thread: ThreadKey,
        echo: String,
        turn: Option<Turn>,
    ) -> Result<(), JournalError> {
        let sent = RememberSent::new(thread, echo, turn);
        self.execute(sent).answer().await
    }

    /// Whether the echo with this dedupe key is of a message that the bot sent.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn was_sent(&self, echo: String) -> Result<bool, JournalError> {
        self.read(move |engine| {
            let request = ReadRequest {
                keys: vec![DedupeKey::of(&echo).sent()],
                ..ReadRequest::default()
            };
            let found = engine.storage.read(&request)?;
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
    ) -> Result<Wakeups, JournalError> {
        self.execute(ChangeThread { thread, change }).answer().await
    }

    /// Stores a signal or a message from outside a handler, unless its thread knows the id already.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn submit(
        &self,
        submission: Submission,
    ) -> Result<(SubmitResult, Wakeups), JournalError> {
        let submitted = self.execute(commands::Submit {
            submission: Some(submission),
            answer: None,
        });
        let (mut result, ready) = submitted.answer().await?;
        if result.receipt.number == FORWARDED {
            let (journal, receipt) = (self.clone(), result.receipt.clone());
            let stored = until_answered(move || {
                let (journal, receipt) = (journal.clone(), receipt.clone());
                async move { journal.receipt(receipt.thread, receipt.id).await }
            });
            let stored = stored.await?;
            if stored.digest != result.receipt.digest {
                result.found = SubmitStatus::Other;
            }
            result.receipt = stored;
        }
        Ok((result, ready))
    }

    /// What has become of what was submitted under this id.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn receipt(
        &self,
        thread: ThreadKey,
        id: String,
    ) -> Result<Option<StoredReceipt>, JournalError> {
        self.read(move |engine| {
            let request = ReadRequest {
                receipts: vec![(thread, id)],
                ..ReadRequest::default()
            };
            Ok(engine.storage.read(&request)?.receipts.pop())
        })
        .await
    }

    /// Waits until a receipt says something that is enough.
    ///
    /// # Errors
    ///
    /// If the storage fails, or is closed before.
    pub(crate) async fn receipt_becomes(
        &self,
        receipt: &StoredReceipt,
        is_enough: impl Fn(&ReceiptStatus) -> bool,
    ) -> Result<StoredReceipt, JournalError> {
        let mut changes = self.0.watchers.watch(receipt.number);
        loop {
            let (thread, id) = (receipt.thread.clone(), receipt.id.clone());
            let now = self.receipt(thread, id).await?;
            // It is kept for longer than anybody waits.
            let now = now.unwrap_or_else(|| receipt.clone());
            if is_enough(&now.status) {
                return Ok(now);
            }
            let changed = changes.changed();
            if self.is_shared() {
                // Another node may change it.
                if let Ok(changed) = tokio::time::timeout(LOOK_AT_RECEIPTS_EVERY, changed).await {
                    changed.map_err(|_| JournalError::Closed)?;
                }
            } else {
                changed.await.map_err(|_| JournalError::Closed)?;
            }
        }
    }

    /// Returns the state of a thread.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub async fn thread(&self, thread: ThreadKey) -> Result<ThreadState, JournalError> {
        self.read(move |engine| engine.thread(&thread)).await
    }

    /// Deletes everything that is kept of a thread, and says how much that was. A bot that runs does it
    /// by [`ThreadHandle::forget`](crate::ThreadHandle::forget), which says what is certain then.
    ///
    /// # Errors
    ///
    /// If the storage fails. If the rows are deleted but their bytes are still in the files, the source
    /// of the error says so; ask again.
    pub async fn forget(&self, thread: ThreadKey) -> Result<Forgotten, JournalError> {
        let forgotten = self.execute(Forget {
            thread,
            forgotten: Forgotten::default(),
            forwarded: None,
        });
        match forgotten.answer().await? {
            Ok(forgotten) => Ok(forgotten),
            Err(name) => {
                let journal = self.clone();
                let answer = until_answered(move || {
                    let (journal, name) = (journal.clone(), name.clone());
                    async move {
                        let answer = journal.read(move |engine| engine.storage.answer(&name));
                        answer.await
                    }
                });
                answer.await
            }
        }
    }

    /// Whether what was handed out in this epoch is still this node's: always, unless several nodes share
    /// the storage.
    pub(crate) fn may_act(&self, _epoch: i64) -> bool {
        #[cfg(feature = "postgres")]
        if let Some(nodes) = &self.0.nodes {
            return nodes.lease.holds(_epoch);
        }
        true
    }

    /// How this node stands among those that share the storage; `None` if none can.
    pub(crate) fn standing(&self) -> Option<NodeStanding> {
        #[cfg(feature = "postgres")]
        return self.0.nodes.as_ref().map(|nodes| (nodes.standing)());
        #[cfg(not(feature = "postgres"))]
        None
    }

    /// Waits until something has come from other nodes, or may have, and takes it up. Never returns if no
    /// other node can share the storage.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn look_around(&self) -> Result<Wakeups, JournalError> {
        #[cfg(feature = "postgres")]
        if let Some(nodes) = &self.0.nodes {
            let news = nodes.news.notified();
            // What a pooler does not let through is found this way.
            let _ = tokio::time::timeout(LOOK_AROUND_EVERY, news).await;
            return self.take_arrivals().await;
        }
        std::future::pending().await
    }

    /// Takes up what other nodes have stored for the lanes of this one.
    #[cfg(feature = "postgres")]
    async fn take_arrivals(&self) -> Result<Wakeups, JournalError> {
        self.execute(commands::TakeArrivals).answer().await
    }

    /// Notes that a person wants their data deleted.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn request_deletion(
        &self,
        deletion: PendingDeletion,
    ) -> Result<(), JournalError> {
        let change = DeletionChange::Requested(deletion);
        self.execute(ChangeDeletion::new(change)).answer().await
    }

    /// Notes that a person's data are deleted, and forgets who that was.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn finish_deletion(&self, code: String) -> Result<(), JournalError> {
        let at = self.0.clock.now();
        let change = DeletionChange::Done { code, at };
        self.execute(ChangeDeletion::new(change)).answer().await
    }

    /// The requests for deletion that are not carried out yet, oldest first.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn pending_deletions(&self) -> Result<Vec<PendingDeletion>, JournalError> {
        self.read(|engine| engine.storage.pending_deletions()).await
    }

    /// What became of a request for deletion.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn deletion(
        &self,
        code: String,
    ) -> Result<Option<DeletionStatus>, JournalError> {
        self.read(move |engine| {
            let mut status = engine.storage.deletion(&code)?;
            if let Some(status) = &mut status
                && engine.is_to_erase()
            {
                status.done_at = None;
            }
            Ok(status)
        })
        .await
    }

    /// Everything that is kept of a thread. Others do not wait meanwhile.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub async fn export(&self, thread: ThreadKey) -> Result<ThreadExport, JournalError> {
        let read = self.read(move |engine| match engine.storage.export(&thread) {
            Some(read) => Ok(Err(read)),
            None => {
                let letters = engine.storage.dead_letters()?;
                let of_thread = letters.iter().filter(|letter| letter.thread == thread);
                let receipts = engine.storage.receipts(&thread);
                Ok(Ok(ThreadExport {
                    receipts: receipts.iter().map(StoredReceipt::exported).collect(),
                    dead_letters: of_thread.map(DeadLetter::exported).collect(),
                    ..engine.rules.export(&thread)
                }))
            }
        });
        match read.await? {
            Ok(export) => Ok(export),
            Err(read) => {
                let read = tokio::task::spawn_blocking(read).await;
                read.map_err(JournalError::read)?
                    .map_err(JournalError::read)
            }
        }
    }

    /// Lists the dead letters, oldest first.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub async fn dead_letters(&self) -> Result<Vec<DeadLetter>, JournalError> {
        self.read(|engine| engine.storage.dead_letters()).await
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

    /// What it holds at this time. May take a moment, in which the others do not wait.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn figures(&self, now: Timestamp) -> Result<Figures, JournalError> {
        let counts = self.read(move |engine| {
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

/// Waits until another node, which works the thread, has done what it was asked.
async fn until_answered<T, F>(ask: impl Fn() -> F) -> Result<T, JournalError>
where
    F: Future<Output = Result<Option<T>, JournalError>>,
{
    let mut pause = Duration::from_millis(5);
    let since = Instant::now();
    while since.elapsed() < ANSWER_WITHIN {
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(200));
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
    }
    Err(JournalError::write(NoAnswer))
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

/// What [`Journal::append`] gives.
#[derive(Clone, Debug, Default)]
pub(crate) struct AppendResult {
    /// Result for each event.
    pub(crate) appended: Vec<AppendStatus>,
    /// The threads that are handed out.
    pub(crate) claims: Vec<Claim>,
    /// Whether there are more.
    pub(crate) has_more: bool,
    /// How many events wait.
    pub(crate) waiting: usize,
}

/// What may be there to hand out after something was stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wakeups {
    /// Threads with events to handle, or another time to look for them.
    pub(crate) events: bool,
    /// Calls to make, or another time to look for them.
    pub(crate) calls: bool,
    /// Notices to deliver, or another time to look for them.
    pub(crate) notices: bool,
}

/// What [`Journal::settle`] gives.
#[derive(Clone, Debug, Default)]
pub(crate) struct SettleResult {
    /// The calls that are handed out.
    pub(crate) calls: Vec<OutboxCall>,
    /// The pauses of the threads that were settled: they may have been changed meanwhile.
    pub(crate) pauses: Vec<(ThreadKey, Option<ThreadPause>)>,
    /// What else there may be to do.
    pub(crate) ready: Wakeups,
    /// Whether a settlement came to nothing, because its events are not there any more.
    pub(crate) is_stale: bool,
    /// Whether an event that came no later than what was settled waits again: it was set aside before.
    pub(crate) is_behind: bool,
}

/// What [`Journal::claim`] and [`Journal::start_calls`] give.
#[derive(Clone, Debug)]
pub(crate) struct DueItems<T> {
    /// Threads or calls.
    pub(crate) items: Vec<T>,
    /// When there is more to do without anything arriving.
    pub(crate) next_at: Option<Timestamp>,
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
