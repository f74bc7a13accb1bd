//! The journal: what was received and is not yet settled, and what is to be sent.
//!
//! Everything goes in and out in batches, so that an implementation can commit many threads at
//! once. One implementation exists per store; all behave alike.

mod memory;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use handover_protocol::{Object, Received};
use serde_json::Value;

pub use memory::MemoryJournal;

use crate::graph::Call;
use crate::thread::{Ownership, ThreadKey};

/// What a [`Journal`] answers with.
pub type JournalFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, JournalError>> + Send + 'a>>;

/// The store failed; nothing of the batch was written.
#[derive(Debug, thiserror::Error)]
#[error("the journal cannot be {doing}; nothing of it was stored")]
pub struct JournalError {
    /// `written` or `read`.
    pub doing: &'static str,
    /// What the store says.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// A durable queue of events per thread, and of calls per thread.
///
/// Times are milliseconds since 1970.
pub trait Journal: Send + Sync + 'static {
    /// Stores events; those whose dedupe key is known already are left out. Once it returns, the
    /// platform is told that they arrived.
    fn append(&self, events: Vec<NewEvent>) -> JournalFuture<'_, Vec<Appended>>;

    /// Hands out up to `limit` threads that have events waiting, each with all of them in the
    /// order received. A thread is not handed out again before it is released, nor while a
    /// handoff of it is still to be sent.
    fn claim(&self, limit: usize) -> JournalFuture<'_, Vec<Claim>>;

    /// Commits the consequences of events: each [`Settlement`] wholly or not at all.
    fn settle(&self, settlements: Vec<Settlement>) -> JournalFuture<'_, ()>;

    /// Lets threads go that were claimed; their unsettled events wait again.
    fn release(&self, threads: Vec<ThreadKey>) -> JournalFuture<'_, ()>;

    /// Lets the timers that are due at `now` run out: their events join those of their threads.
    /// Says when the next one is due.
    fn run_timers(&self, now: i64) -> JournalFuture<'_, Option<i64>>;

    /// Hands out up to `limit` calls that are due at `now`: of each thread the oldest, if it is not
    /// handed out already.
    fn start_calls(&self, now: i64, limit: usize) -> JournalFuture<'_, Vec<OutboxCall>>;

    /// When the next call is due that waits for its time; `None` if none waits.
    fn next_call_at(&self) -> JournalFuture<'_, Option<i64>>;

    /// Records what became of calls that were handed out.
    fn finish_calls(&self, finished: Vec<FinishedCall>) -> JournalFuture<'_, ()>;

    /// What could not be handled or sent, oldest first.
    fn dead_letters(&self) -> JournalFuture<'_, Vec<DeadLetter>>;

    /// How much is waiting.
    fn backlog(&self) -> JournalFuture<'_, Backlog>;
}

/// An event to store.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// The same for every delivery of the same event.
    pub dedupe_key: String,
    /// The thread in whose order it is handled.
    pub thread: ThreadKey,
    /// The event.
    pub received: Arc<Received>,
    /// When it arrived.
    pub received_at: i64,
}

/// What became of an appended event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is stored and waits.
    Stored,
    /// It was stored before.
    Duplicate,
}

/// A thread that was handed out.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The thread.
    pub thread: ThreadKey,
    /// Its events, oldest first.
    pub events: Vec<ClaimedEvent>,
    /// Its session, if one was stored.
    pub session: Option<Value>,
    /// Who owns it.
    pub ownership: Ownership,
}

/// An event that was handed out.
#[derive(Clone, Debug)]
pub struct ClaimedEvent {
    /// Its number in the journal.
    pub sequence: u64,
    /// The event.
    pub received: Arc<Received>,
    /// When it arrived.
    pub received_at: i64,
}

/// The consequences of one event.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The thread.
    pub thread: ThreadKey,
    /// The event's number.
    pub sequence: u64,
    /// The new session; `None` leaves it as it is.
    pub session: Option<Value>,
    /// What the event told of the owner, unless something later is known; `None` if nothing.
    pub ownership: Option<Ownership>,
    /// The calls to make, in order.
    pub calls: Vec<NewCall>,
    /// Timers to set or cancel.
    pub timers: Vec<TimerChange>,
    /// Why the event could not be handled; it is kept as a dead letter.
    pub failure: Option<String>,
}

/// A call to make.
#[derive(Clone, Debug)]
pub struct NewCall {
    /// The call.
    pub call: Call,
    /// The product of the thread.
    pub object: Object,
}

/// A timer of a thread to set or cancel. A thread has one of each name.
#[derive(Clone, Debug)]
pub struct TimerChange {
    /// The timer's name.
    pub name: String,
    /// When it runs out, and the event that then joins the thread's; `None` cancels it.
    pub set: Option<(i64, Arc<Received>)>,
}

/// A call that was handed out.
#[derive(Clone, Debug)]
pub struct OutboxCall {
    /// Its number in the outbox.
    pub id: u64,
    /// The thread it belongs to.
    pub thread: ThreadKey,
    /// The call.
    pub call: Call,
    /// The product of the thread.
    pub object: Object,
    /// How often it was tried before.
    pub attempts: u32,
    /// Who owns the thread.
    pub ownership: Ownership,
}

/// What became of a call.
#[derive(Clone, Debug)]
pub struct FinishedCall {
    /// Its number in the outbox.
    pub id: u64,
    /// The thread it belongs to.
    pub thread: ThreadKey,
    /// What became of it.
    pub result: CallResult,
    /// What the answer told of the owner of the thread; `None` if nothing.
    pub ownership: Option<Ownership>,
    /// An event of the bot's own that joins the thread's.
    pub event: Option<Arc<Received>>,
}

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallResult {
    /// The platform accepted it.
    Sent,
    /// It is to be tried again at this time.
    RetryAt(i64),
    /// It cannot be sent, for this reason; it is kept as a dead letter.
    Dead(String),
}

/// Something that could not be handled or sent.
#[derive(Clone, Debug)]
pub struct DeadLetter {
    /// The thread.
    pub thread: ThreadKey,
    /// What it is.
    pub letter: Letter,
    /// Why.
    pub cause: String,
    /// When it was given up.
    pub at: i64,
}

/// What a dead letter holds.
#[derive(Clone, Debug)]
pub enum Letter {
    /// An event whose handler failed.
    Event(Arc<Received>),
    /// A call that could not be sent.
    Call(Box<Call>),
}

/// How much is waiting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Events that are not settled.
    pub events: usize,
    /// Calls that are not sent.
    pub calls: usize,
    /// Dead letters.
    pub dead_letters: usize,
}
