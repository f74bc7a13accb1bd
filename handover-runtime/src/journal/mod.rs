//! The journal: what was received and is not yet settled, and what is to be sent.
//!
//! Everything goes in and out in batches, so that an implementation can commit many threads at
//! once. One implementation exists per store; all behave alike.

mod call;
mod dead_letter;
mod dedupe;
mod error;
mod event;
mod figures;
mod memory;
mod schedule;
mod sqlite;
mod state;

use std::future::Future;
use std::pin::Pin;

pub use call::{CallResult, Due, FinishedCall, NewCall, OutboxCall, Waiting};
pub use dead_letter::{DeadLetter, Letter};
pub(crate) use dedupe::{echo_key, key_of};
pub use error::JournalError;
pub use event::{
    Appended, Claim, ClaimedEvent, Ending, NewEvent, Release, Settlement, TimerChange,
};
pub use figures::{Figures, Threads};
pub use memory::MemoryJournal;
pub use sqlite::{Keep, OpenError, Refusal, Replay, Replayed, SqliteJournal};
pub use state::{Away, Line, Pause, PauseChange, Speaker, ThreadChange, ThreadState};

use handover_protocol::{AccountId, EventBody, Received};

use crate::thread::ThreadKey;

/// What a [`Journal`] answers with.
pub type JournalFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, JournalError>> + Send + 'a>>;

/// A queue of events per thread, and of calls per thread.
///
/// What a method was given is stored when its future is ready, all of it or, with an error, nothing.
/// Times are milliseconds since 1970.
pub trait Journal: Send + Sync + 'static {
    /// Stores events; those whose dedupe key is known already are left out. Once it returns, the
    /// platform is told that they arrived.
    ///
    /// Then hands out up to `limit` threads as [`claim`](Self::claim) does, so that whoever has the
    /// means to handle what came need not ask again.
    fn append(&self, events: Vec<NewEvent>, limit: usize) -> JournalFuture<'_, Accepted>;

    /// Lets the timers run out that are due at `now`: their events join those of their threads.
    /// Then hands out up to `limit` threads that have events to handle, each with its oldest events
    /// in the order received; says when there is more to do without anything arriving.
    ///
    /// A thread is not handed out again before it is released, nor while a handoff of it is still
    /// to be sent. Those that wait longest come first.
    fn claim(&self, now: i64, limit: usize) -> JournalFuture<'_, Claimed>;

    /// Commits the consequences of events, and lets threads go that were claimed: their unsettled
    /// events wait again. Where there is nothing to commit, that does not fail.
    ///
    /// The threads of the settlements are claimed, and of each no more than one settlement in a
    /// batch has calls.
    fn settle(
        &self,
        settlements: Vec<Settlement>,
        released: Vec<Release>,
    ) -> JournalFuture<'_, Settled>;

    /// Hands out calls that are due: of each thread the oldest, if it is not handed out already.
    /// That it was handed out is stored, so that after a crash it is known to be uncertain. Says
    /// when the next one is due that waits for its time.
    fn start_calls(&self, due: Due) -> JournalFuture<'_, Started>;

    /// Records what became of calls that were handed out.
    fn finish_calls(&self, finished: Vec<FinishedCall>) -> JournalFuture<'_, Ready>;

    /// Lets nothing of this account wait for its time any longer: its timers, and the events and calls
    /// that are to be tried again, are due at `now`.
    fn make_due(&self, account: AccountId, now: i64) -> JournalFuture<'_, Ready>;

    /// Remembers a message that was sent past the outbox: its echo, by its dedupe key, is nothing
    /// new. One that came before may have been taken for a human's; what that changed is undone.
    fn remember_sent(&self, thread: ThreadKey, echo: String) -> JournalFuture<'_, ()>;

    /// Whether the echo with this dedupe key is of a message that the bot sent.
    fn was_sent(&self, echo: String) -> JournalFuture<'_, bool>;

    /// Changes what is kept of a thread, at once and not in the order of its events.
    fn change_thread(&self, thread: ThreadKey, change: ThreadChange) -> JournalFuture<'_, Ready>;

    /// What is kept of a thread.
    fn thread(&self, thread: ThreadKey) -> JournalFuture<'_, ThreadState>;

    /// What could not be handled or sent, oldest first.
    fn dead_letters(&self) -> JournalFuture<'_, Vec<DeadLetter>>;

    /// How much is waiting.
    fn backlog(&self) -> JournalFuture<'_, Backlog>;

    /// What it holds at this time, for whoever looks after the bot. May take a moment, in which the
    /// others do not wait.
    fn figures(&self, now: i64) -> JournalFuture<'_, Figures>;

    /// Stores something that changes nothing: whether anything can be stored now.
    fn probe(&self) -> JournalFuture<'_, ()>;

    /// Writes everything out; nothing else is asked of it afterwards.
    fn close(&self) -> JournalFuture<'_, ()>;

    /// Whether what is under way when the process ends is taken up by the next one.
    fn outlives_the_process(&self) -> bool;
}

/// What [`Journal::append`] gives.
#[derive(Clone, Debug, Default)]
pub struct Accepted {
    /// What became of each event.
    pub appended: Vec<Appended>,
    /// The threads that are handed out.
    pub claims: Vec<Claim>,
    /// Whether there are more.
    pub has_more: bool,
}

/// What may be there to hand out after something was stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    /// Threads with events to handle, or another time to look for them.
    pub events: bool,
    /// Calls to make, or another time to look for them.
    pub calls: bool,
}

/// What [`Journal::settle`] gives.
#[derive(Clone, Debug, Default)]
pub struct Settled {
    /// The calls that are handed out.
    pub calls: Vec<OutboxCall>,
    /// The pauses of the threads that were settled: they may have been changed meanwhile.
    pub pauses: Vec<(ThreadKey, Option<Pause>)>,
    /// What else there may be to do.
    pub ready: Ready,
}

/// What [`Journal::claim`] gives.
#[derive(Clone, Debug, Default)]
pub struct Claimed {
    /// The threads.
    pub claims: Vec<Claim>,
    /// When the next timer runs out, or the next thread is ready that waits for a time.
    pub next_at: Option<i64>,
}

/// What [`Journal::start_calls`] gives.
#[derive(Clone, Debug, Default)]
pub struct Started {
    /// The calls.
    pub calls: Vec<OutboxCall>,
    /// When the next one is due that waits for its time.
    pub next_at: Option<i64>,
}

/// By what it is remembered that the message of this echo was sent.
fn sent_key(echo: &str) -> String {
    ["sent/", echo].concat()
}

/// Whether an event may tell that somebody else speaks now, also while it waits.
fn may_silence(received: &Received) -> bool {
    matches!(
        received.event.body,
        EventBody::Echo(_) | EventBody::TakeThreadControl(_)
    )
}

/// How much is waiting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
