//! Events on their way through the journal.

use std::sync::Arc;

use handover_protocol::{EventBody, Object, Received, Timestamp};
use serde::{Deserialize, Serialize};

use super::{DedupeKey, QueuedCall, ReceiptStatus, ThreadChange, ThreadState};
use crate::internal_event::{InternalEvent, InternalEventBody, ReclaimTimer, ThreadEvent};
use crate::notice::{Listeners, News};
use crate::thread::ThreadKey;

/// An event to store.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct NewEvent {
    /// The same for every delivery of the same event.
    pub(crate) dedupe_key: DedupeKey,
    /// Another key under which it may have come: then it is left out, too.
    pub(crate) also_known_as: Option<DedupeKey>,
    /// The thread in whose order it is handled.
    pub(crate) thread: ThreadKey,
    /// The event.
    #[serde(with = "super::forward::shared")]
    pub(crate) received: Arc<Received>,
    /// When it arrived.
    pub(crate) received_at: Timestamp,
    /// Set if it is the echo of a call of the bot's own: the call's [reference](QueuedCall::reference).
    /// Then the call was certainly made, and no handler takes the echo.
    pub(crate) confirms: Option<String>,
    /// Its JSON, if the journal stores it: made before the journal's turn comes.
    #[serde(skip)]
    pub(crate) content: Option<String>,
}

impl NewEvent {
    /// Of an echo: the key by which it is remembered that its message was sent.
    pub(super) fn sent_key(&self) -> Option<DedupeKey> {
        let is_echo = matches!(self.received.event.body, EventBody::Echo(_));
        is_echo.then(|| self.dedupe_key.sent())
    }
}

/// Result of appending an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AppendStatus {
    /// It is stored and waits.
    Stored,
    /// It was stored before.
    Duplicate,
}

/// A thread that was handed out.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    /// The thread.
    pub(crate) thread: ThreadKey,
    /// Its events, oldest first: all that wait, up to [`Claim::EVENTS`].
    pub(crate) events: Vec<ClaimedEvent>,
    /// What is kept of it.
    pub(crate) state: Arc<ThreadState>,
    /// The epoch in which it was handed out: see [`Journal::may_act`](super::Journal::may_act).
    pub(crate) epoch: i64,
}

impl Claim {
    /// How many events a thread is given at a time, so that long queues do not keep others waiting.
    pub(crate) const EVENTS: usize = 32;
}

/// An event that was handed out.
#[derive(Clone, Debug)]
pub(crate) struct ClaimedEvent {
    /// Its number in the journal.
    pub(crate) sequence: u64,
    /// The event.
    pub(crate) event: ThreadEvent,
    /// When it arrived.
    pub(crate) received_at: Timestamp,
    /// How often it was tried before.
    pub(crate) attempts: u32,
}

/// The consequences of events that were handled together.
#[derive(Clone, Debug)]
pub(crate) struct Settlement {
    /// The thread.
    pub(crate) thread: ThreadKey,
    /// The events' numbers.
    pub(crate) sequences: Vec<u64>,
    /// Result of the events.
    pub(crate) result: EventResult,
    /// What changes in what is kept of the thread.
    pub(crate) change: ThreadChange,
    /// The calls to make, in order.
    pub(crate) calls: Vec<QueuedCall>,
    /// Whether the first of them is handed out at once, as
    /// [`start_calls`](super::Journal::start_calls) does, if no other call of the thread waits.
    pub(crate) hands_out: bool,
    /// Timers to set or cancel.
    pub(crate) timers: Vec<TimerChange>,
    /// An event of the bot itself that joins the thread's.
    pub(crate) event: Option<Arc<InternalEvent>>,
    /// Who hears if the thread comes back to the bot by this, and of `news`.
    pub(crate) listeners: Listeners,
    /// With what metadata it comes back.
    pub(crate) note: Option<String>,
    /// What they hear besides.
    pub(crate) news: Option<Box<News>>,
    /// Signals to the same thread, and when they join its events, if not at once.
    pub(crate) signals: Vec<(Arc<InternalEvent>, Option<Timestamp>)>,
    /// What receipts say from now on.
    pub(crate) receipts: Vec<(u64, ReceiptStatus)>,
}

impl Settlement {
    /// These events were handled, and nothing follows.
    #[must_use]
    pub(crate) fn of(thread: ThreadKey, sequences: Vec<u64>) -> Self {
        Self {
            thread,
            sequences,
            result: EventResult::Handled,
            change: ThreadChange::default(),
            calls: Vec::new(),
            hands_out: false,
            timers: Vec::new(),
            event: None,
            listeners: Listeners::default(),
            note: None,
            news: None,
            signals: Vec::new(),
            receipts: Vec::new(),
        }
    }
}

/// Result of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EventResult {
    /// It was handled.
    Handled,
    /// A later one was handled in its stead, as [`Pace::Latest`](crate::Pace::Latest) asks.
    Superseded,
    /// It could not be handled and is to be tried again. The thread waits for it.
    Retry {
        /// When.
        at: Timestamp,
    },
    /// A signal that is to be handled when the bot may speak in the thread, which goes on without it.
    Held {
        /// When it is looked at again in any case.
        until: Timestamp,
    },
    /// It could not be handled, for this reason, and is kept as a dead letter.
    Failed(String),
}

/// A timer of a thread to set or cancel. A thread has one of each name.
#[derive(Clone, Debug)]
pub(crate) struct TimerChange {
    /// The timer's name.
    pub(crate) name: String,
    /// When it runs out, and the event that then joins the thread's; `None` cancels it.
    pub(crate) set: Option<(Timestamp, Arc<InternalEvent>)>,
}

impl TimerChange {
    /// The thread is taken back at this time.
    pub(crate) fn take_back(timer: ReclaimTimer, object: &Object, at: Timestamp) -> Self {
        let body = InternalEventBody::TakeBack { name: timer };
        Self {
            name: timer.as_str().to_owned(),
            set: Some((at, InternalEvent::new(object.clone(), body))),
        }
    }

    pub(crate) fn cancel(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            set: None,
        }
    }
}

/// A thread to let go.
#[derive(Clone, Debug)]
pub(crate) struct ThreadRelease {
    /// The thread.
    pub(crate) thread: ThreadKey,
    /// When its events may be handed out again; `None` is at once.
    pub(crate) until: Option<Timestamp>,
}
