//! The journal in an SQLite file: it survives a crash of the bot and of the machine.

mod calls;
mod events;
mod figures;
mod network;
mod open;
mod recovery;
mod replay;
mod retention;
mod schema;
mod seen;
mod store;
mod threads;
mod timers;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;

use handover_protocol::AccountId;
use prometheus::Histogram;

pub use open::OpenError;
pub use replay::{Refusal, Replay, Replayed};
pub use retention::Keep;

use super::{
    Accepted, Appended, Backlog, Claim, Claimed, ClaimedEvent, DeadLetter, Due, Figures,
    FinishedCall, Journal, JournalError, JournalFuture, Letter, NewEvent, Ready, Release, Settled,
    Settlement, Started, ThreadChange, ThreadState,
};
use crate::clock;
use crate::thread::ThreadKey;
use events::Prepared;
use store::{Store, from_json, thread_key};
use writer::{Answer, Close, Job, Look, Reply, StoreError, Write, Writer};

/// A journal in an SQLite file.
///
/// What it has accepted is on the disk. Only one process at a time can have it open; any tool can
/// read it meanwhile. `sqlite3 handover.db .schema` explains its tables.
///
/// ```
/// use handover_runtime::journal::{Journal, SqliteJournal};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = std::env::temp_dir().join(format!("handover-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory)?;
/// let journal = SqliteJournal::open(directory.join("handover.db"))?;
/// assert_eq!(journal.backlog().await?.events, 0);
/// journal.close().await?;
/// # std::fs::remove_dir_all(directory)?;
/// # Ok(())
/// # }
/// ```
pub struct SqliteJournal {
    path: PathBuf,
    writer: Writer,
}

impl SqliteJournal {
    /// What `PRAGMA application_id` of its file says: "HAND".
    pub const APPLICATION_ID: i32 = schema::APPLICATION_ID;

    /// The version of its tables, as `PRAGMA user_version` says it.
    pub const SCHEMA_VERSION: usize = schema::VERSION;

    /// Opens the file, or makes a new one.
    ///
    /// # Errors
    ///
    /// If another process has it, or it cannot be read and written.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, OpenError> {
        Self::open_with(path, Keep::default())
    }

    /// The same, with other times for which old things are kept.
    ///
    /// # Errors
    ///
    /// If another process has it, or it cannot be read and written.
    pub fn open_with(path: impl Into<PathBuf>, keep: Keep) -> Result<Self, OpenError> {
        Self::open_observed(path, keep, None)
    }

    /// The same, with what measures its commits.
    pub(crate) fn open_observed(
        path: impl Into<PathBuf>,
        keep: Keep,
        commits: Option<Histogram>,
    ) -> Result<Self, OpenError> {
        let path = path.into();
        let writer = Writer::start(path.clone(), keep, commits)?;
        Ok(Self { path, writer })
    }

    fn write<T, W>(&self, write: W) -> JournalFuture<'_, T>
    where
        T: Send + 'static,
        W: FnMut(&mut Store) -> rusqlite::Result<T> + Send + 'static,
    {
        self.ask(|reply| Box::new(Write::new(write, reply)))
    }

    fn look<T, R>(&self, read: R) -> JournalFuture<'_, T>
    where
        T: Send + 'static,
        R: FnOnce(&mut Store) -> rusqlite::Result<T> + Send + 'static,
    {
        self.ask(|reply| Box::new(Look::new(read, reply)))
    }

    fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(Reply<T>) -> Box<dyn Job>,
    ) -> JournalFuture<'_, T> {
        let (reply, answer) = Reply::channel();
        self.writer.send(job(reply));
        Box::pin(async move {
            let closed = |_| JournalError::written("it is closed");
            answer.await.map_err(closed)?
        })
    }
}

impl std::fmt::Debug for SqliteJournal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteJournal")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Journal for SqliteJournal {
    fn append(&self, events: Vec<NewEvent>, limit: usize) -> JournalFuture<'_, Accepted> {
        // Here, for the writer has enough to do.
        let prepared: rusqlite::Result<_> = events.into_iter().map(Prepared::new).collect();
        match prepared {
            Ok(events) => self.ask(|reply| {
                Box::new(Append {
                    events,
                    limit,
                    appended: Vec::new(),
                    reply,
                })
            }),
            Err(error) => Box::pin(std::future::ready(Err(JournalError::written(error)))),
        }
    }

    fn claim(&self, now: i64, limit: usize) -> JournalFuture<'_, Claimed> {
        self.ask(|reply| Box::new(ClaimThreads { now, limit, reply }))
    }

    fn settle(
        &self,
        settlements: Vec<Settlement>,
        released: Vec<Release>,
    ) -> JournalFuture<'_, Settled> {
        self.ask(|reply| {
            Box::new(Settle {
                settlements,
                released,
                started: Vec::new(),
                reply,
            })
        })
    }

    fn start_calls(&self, due: Due) -> JournalFuture<'_, Started> {
        self.ask(|reply| {
            Box::new(StartCalls {
                due,
                started: Vec::new(),
                reply,
            })
        })
    }

    fn finish_calls(&self, finished: Vec<FinishedCall>) -> JournalFuture<'_, Ready> {
        self.ask(|reply| Box::new(FinishCalls { finished, reply }))
    }

    fn make_due(&self, account: AccountId, now: i64) -> JournalFuture<'_, Ready> {
        self.ask(|reply| {
            Box::new(MakeDue {
                account,
                now,
                reply,
            })
        })
    }

    fn remember_sent(&self, thread: ThreadKey, echo: String) -> JournalFuture<'_, ()> {
        self.write(move |store| store.remember_sent(&thread, &echo))
    }

    fn was_sent(&self, echo: String) -> JournalFuture<'_, bool> {
        self.look(move |store| store.was_sent(&echo))
    }

    fn change_thread(&self, thread: ThreadKey, change: ThreadChange) -> JournalFuture<'_, Ready> {
        let changed = self.write(move |store| store.change_thread(&thread, &change));
        Box::pin(async move {
            changed.await?;
            Ok(Ready {
                events: true,
                calls: true,
            })
        })
    }

    fn thread(&self, thread: ThreadKey) -> JournalFuture<'_, ThreadState> {
        self.look(move |store| store.whole_state(&thread))
    }

    fn dead_letters(&self) -> JournalFuture<'_, Vec<DeadLetter>> {
        self.look(|store| store.dead_letters())
    }

    fn backlog(&self) -> JournalFuture<'_, Backlog> {
        self.look(|store| {
            let (events, calls, handoffs) = store.schedule.waiting(clock::now());
            Ok(Backlog {
                events,
                calls,
                handoffs,
                dead_letters: store.buried,
            })
        })
    }

    fn figures(&self, now: i64) -> JournalFuture<'_, Figures> {
        Box::pin(async move {
            let backlog = self.backlog().await?;
            let figures = figures::read(self.path.clone(), now).await?;
            Ok(Figures { backlog, ..figures })
        })
    }

    fn probe(&self) -> JournalFuture<'_, ()> {
        self.write(|store| store.probe())
    }

    fn close(&self) -> JournalFuture<'_, ()> {
        self.ask(|reply| Box::new(Close(reply)))
    }

    fn outlives_the_process(&self) -> bool {
        true
    }
}

impl Store {
    fn ready(&self) -> Ready {
        let mut ready = self.schedule.has_more();
        ready.events |= self.next_timer.is_some();
        ready
    }

    fn claims(&mut self, claimed: Vec<(ThreadKey, Vec<u64>)>) -> rusqlite::Result<Vec<Claim>> {
        let mut claims = Vec::with_capacity(claimed.len());
        let mut claimed = claimed.into_iter();
        while let Some((thread, sequences)) = claimed.next() {
            match self.read_claim(&thread, &sequences) {
                Ok((state, events)) => claims.push(Claim {
                    thread,
                    events,
                    state,
                }),
                Err(error) => {
                    let unread = std::iter::once(thread).chain(claimed.map(|(thread, _)| thread));
                    for thread in unread.chain(claims.into_iter().map(|claim| claim.thread)) {
                        self.schedule.release(&thread, None);
                    }
                    return Err(error);
                }
            }
        }
        Ok(claims)
    }

    fn read_claim(
        &mut self,
        thread: &ThreadKey,
        sequences: &[u64],
    ) -> rusqlite::Result<(ThreadState, Vec<ClaimedEvent>)> {
        let events = sequences.iter().map(|sequence| self.read_event(*sequence));
        let events = events.collect::<Result<_, _>>()?;
        // Only then does anybody want to know what was said.
        let state = match self.state(thread)? {
            state if state.away.is_some() => self.whole_state(thread)?,
            state => state,
        };
        Ok((state, events))
    }

    fn read_event(&mut self, sequence: u64) -> rusqlite::Result<ClaimedEvent> {
        // Given away, so that it ends where it is handled. Mostly it is not asked for again.
        match self.fresh.remove(&sequence) {
            Some(event) => Ok(event),
            None => self.event(sequence),
        }
    }

    fn event(&self, sequence: u64) -> rusqlite::Result<ClaimedEvent> {
        if let Some(event) = self.fresh.get(&sequence) {
            return Ok(event.clone());
        }
        self.connection
            .prepare_cached("SELECT content, received_at, attempts FROM event WHERE sequence = ?1")?
            .query_row([sequence], |row| {
                Ok(ClaimedEvent {
                    sequence,
                    received: Arc::new(from_json(&row.get::<_, String>(0)?)?),
                    received_at: row.get(1)?,
                    attempts: row.get(2)?,
                })
            })
    }

    fn dead_letters(&self) -> rusqlite::Result<Vec<DeadLetter>> {
        let mut letters = self.connection.prepare_cached(
            "SELECT account, person, id, kind, content, cause, at FROM dead_letter ORDER BY id",
        )?;
        let letters = letters.query_map([], |row| {
            let (kind, content): (String, String) = (row.get(3)?, row.get(4)?);
            Ok(DeadLetter {
                id: row.get(2)?,
                thread: thread_key(row)?,
                letter: match kind.as_str() {
                    "call" => Letter::Call(Arc::new(from_json(&content)?)),
                    _ => Letter::Event(Arc::new(from_json(&content)?)),
                },
                cause: row.get(5)?,
                at: row.get(6)?,
            })
        })?;
        letters.collect()
    }
}

/// Stores events, and hands threads out.
struct Append {
    events: Vec<Prepared>,
    limit: usize,
    appended: Vec<Appended>,
    reply: Reply<Accepted>,
}

impl Job for Append {
    fn writes(&self, _: &Store) -> bool {
        true
    }

    fn write(&mut self, store: &mut Store) -> rusqlite::Result<()> {
        for event in std::mem::take(&mut self.events) {
            self.appended.push(store.append(event)?);
        }
        Ok(())
    }

    fn committed(self: Box<Self>, store: &mut Store) -> Answer {
        let claimed = store.schedule.claim_ready(self.limit);
        // They are stored, whatever else goes wrong.
        let claims = store.claims(claimed).unwrap_or_else(|error| {
            tracing::error!(%error, "events cannot be read; they are tried again");
            Vec::new()
        });
        self.reply.give(Accepted {
            appended: self.appended,
            claims,
            has_more: store.schedule.has_ready(),
        })
    }

    fn failed(self: Box<Self>, _: &mut Store, error: &Arc<StoreError>) {
        self.reply.refuse(error.clone());
    }
}

/// Lets timers run out, and hands threads out.
struct ClaimThreads {
    now: i64,
    limit: usize,
    reply: Reply<Claimed>,
}

impl Job for ClaimThreads {
    fn writes(&self, store: &Store) -> bool {
        store.next_timer.is_some_and(|due| due <= self.now)
    }

    fn write(&mut self, store: &mut Store) -> rusqlite::Result<()> {
        store.run_timers(self.now)
    }

    fn committed(self: Box<Self>, store: &mut Store) -> Answer {
        let claimed = store.schedule.claim(self.now, self.limit);
        let claimed = store.claims(claimed).map(|claims| Claimed {
            claims,
            next_at: store
                .next_timer
                .into_iter()
                .chain(store.schedule.next_thread_at())
                .min(),
        });
        self.reply.give_read(claimed)
    }

    fn failed(self: Box<Self>, _: &mut Store, error: &Arc<StoreError>) {
        self.reply.refuse(error.clone());
    }
}

struct Settle {
    settlements: Vec<Settlement>,
    released: Vec<Release>,
    started: Vec<(u64, ThreadKey)>,
    reply: Reply<Settled>,
}

impl Job for Settle {
    fn writes(&self, _: &Store) -> bool {
        !self.settlements.is_empty()
    }

    fn write(&mut self, store: &mut Store) -> rusqlite::Result<()> {
        for settlement in &self.settlements {
            if let Some(id) = store.settle(settlement)? {
                self.started.push((id, settlement.thread.clone()));
            }
        }
        Ok(())
    }

    fn committed(self: Box<Self>, store: &mut Store) -> Answer {
        for Release { thread, until } in self.released {
            store.schedule.release(&thread, until);
            store.forget_if_idle(&thread);
        }
        let calls = store.hand_out(&self.started).unwrap_or_else(|error| {
            tracing::error!(%error, "calls cannot be read; they are tried again");
            Vec::new()
        });
        let settled = self.settlements.into_iter();
        let pauses = settled.filter_map(|settlement| {
            let state = store.state(&settlement.thread).ok()?;
            Some((settlement.thread, state.pause))
        });
        self.reply.give(Settled {
            pauses: pauses.collect(),
            calls,
            ready: store.ready(),
        })
    }

    fn failed(self: Box<Self>, store: &mut Store, error: &Arc<StoreError>) {
        if self.settlements.is_empty() {
            self.committed(store)();
        } else {
            self.reply.refuse(error.clone());
        }
    }
}

struct FinishCalls {
    finished: Vec<FinishedCall>,
    reply: Reply<Ready>,
}

impl Job for FinishCalls {
    fn writes(&self, _: &Store) -> bool {
        true
    }

    fn write(&mut self, store: &mut Store) -> rusqlite::Result<()> {
        let mut finished = self.finished.iter();
        finished.try_for_each(|call| store.finish(call))
    }

    fn committed(self: Box<Self>, store: &mut Store) -> Answer {
        self.reply.give(store.ready())
    }

    fn failed(self: Box<Self>, _: &mut Store, error: &Arc<StoreError>) {
        self.reply.refuse(error.clone());
    }
}

struct MakeDue {
    account: AccountId,
    now: i64,
    reply: Reply<Ready>,
}

impl Job for MakeDue {
    fn writes(&self, _: &Store) -> bool {
        true
    }

    fn write(&mut self, store: &mut Store) -> rusqlite::Result<()> {
        store.make_due(&self.account, self.now)
    }

    fn committed(self: Box<Self>, store: &mut Store) -> Answer {
        self.reply.give(store.ready())
    }

    fn failed(self: Box<Self>, _: &mut Store, error: &Arc<StoreError>) {
        self.reply.refuse(error.clone());
    }
}

/// Hands calls out; if that cannot be noted, they are not.
struct StartCalls {
    due: Due,
    started: Vec<(u64, ThreadKey)>,
    reply: Reply<Started>,
}

impl Job for StartCalls {
    fn writes(&self, store: &Store) -> bool {
        let next = store.schedule.next_call_at();
        store.schedule.holds_calls() || next.is_some_and(|due| due <= self.due.now)
    }

    fn write(&mut self, store: &mut Store) -> rusqlite::Result<()> {
        let Due { now, limit, paused } = &self.due;
        let paused = paused.iter().cloned().collect();
        self.started = store.schedule.start(*now, *limit, &paused);
        store.mark_started(&self.started, *now)
    }

    fn committed(self: Box<Self>, store: &mut Store) -> Answer {
        let read = store.hand_out(&self.started);
        let next_at = store.schedule.next_call_at();
        let started = read.map(|calls| Started { calls, next_at });
        self.reply.give_read(started)
    }

    fn failed(self: Box<Self>, store: &mut Store, error: &Arc<StoreError>) {
        store.put_back(&self.started);
        self.reply.refuse(error.clone());
    }
}
