//! What goes from the rules to a storage and comes back.

use std::sync::Arc;
use std::time::Duration;

use handover_protocol::{AccountId, Object, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Silences;
use crate::graph::Call;
use crate::internal_event::{InternalEvent, ReclaimTimer, ThreadEvent};
use crate::journal::SharedPause;
use crate::journal::forward::{ArrivedCommand, ForwardedCommand};
use crate::journal::lanes::Lanes;
use crate::journal::receipt::{ReceiptStatus, StoredReceipt};
use crate::journal::{
    AwayPeriod, ClaimedEvent, Ended, PendingDeletion, QueuedCall, ThreadPause, ThreadState,
    TurnChange,
};
use crate::notice::Notice;
use crate::ownership::ControlEffect;
use crate::thread::{KnownOwner, ThreadKey};

/// Recognises an event that is delivered again: the first bytes of a SHA-256.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub(crate) struct DedupeKey(pub(crate) [u8; 16]);

impl DedupeKey {
    /// The key of what is described like this.
    pub(crate) fn of(text: &str) -> Self {
        let mut key = Self::default();
        let digest = Sha256::digest(text);
        key.0.copy_from_slice(&digest[..size_of::<Self>()]);
        key
    }

    /// The key under which the message of the echo with this key is remembered as sent. No other echo
    /// has the same.
    pub(crate) fn sent(self) -> Self {
        let mut key = self;
        key.0[0] ^= 0xff;
        key
    }
}

/// A row that changes.
#[derive(Debug)]
pub(crate) enum RowChange {
    /// A dedupe key is remembered.
    Remembered(DedupeKey),
    /// An event waits.
    Arrived {
        thread: ThreadKey,
        event: ClaimedEvent,
        /// Its JSON, if it was made before the storage's turn came.
        content: Option<String>,
    },
    /// Events are settled.
    Settled {
        sequences: Vec<u64>,
        outcome: EventStatus,
        at: Timestamp,
    },
    /// An event is tried again, one time more and not before this time.
    Retried { sequence: u64, due: Timestamp },
    /// An event is set aside until the bot may speak in the thread, or until this time.
    Held { sequence: u64, until: Timestamp },
    /// An event that was set aside waits for its turn again.
    Unheld(u64),
    /// An event is given up.
    DeadEvent {
        thread: ThreadKey,
        sequence: u64,
        /// The event, where the storage has no row of it.
        event: Option<ThreadEvent>,
        cause: String,
        at: Timestamp,
    },
    /// What is known of a thread, but for its history.
    Thread(ThreadKey, ThreadRow),
    /// A turn of a thread is written, or turns are removed.
    Turn(ThreadKey, TurnChange),
    /// Everything of a thread is forgotten: events and calls up to these numbers, and all else.
    ThreadForgotten {
        thread: ThreadKey,
        last_sequence: u64,
        last_call: u64,
    },
    /// A person's request to delete their data.
    Deletion(DeletionChange),
    /// What a message said is forgotten everywhere, because it was deleted. Events before this number
    /// need not be looked through where that takes long.
    MessageForgotten {
        thread: ThreadKey,
        mid: String,
        since: u64,
    },
    /// A call waits, or is handed out at once.
    Called {
        thread: ThreadKey,
        call: QueuedCall,
        control: ControlEffect,
        is_started: bool,
    },
    /// A call is handed out.
    CallStarted { id: u64, at: Timestamp },
    /// A call waits again.
    CallWaits {
        id: u64,
        due: Timestamp,
        /// How often it was tried since the last change.
        attempts: u32,
        /// Whether it may have gone through.
        uncertain: bool,
    },
    /// Calls are not to be sent, because one before them in the same outcome was refused for good.
    CallsStopped { ids: Vec<u64>, ended: Ended },
    /// The echo of a call has come while it was handed out.
    CallConfirmed(u64),
    /// A call is done.
    CallEnded(u64),
    /// A call is given up.
    DeadCall {
        thread: ThreadKey,
        /// The product of the thread, where the storage has no row of it.
        object: Object,
        id: u64,
        /// The call, where the storage has no row of it.
        call: Option<Arc<Call>>,
        cause: String,
        at: Timestamp,
    },
    /// A notice waits. Its results are the changes of calls.
    Notified {
        id: u64,
        notice: Arc<Notice>,
        at: Timestamp,
    },
    /// A notice is given up.
    DeadNotice {
        notice: Arc<Notice>,
        cause: String,
        at: Timestamp,
    },
    /// A timer of a thread is set, in place of one with its name.
    TimerSet(StoredTimer),
    /// A timer of a thread ran out or was cancelled.
    TimerRemoved { thread: ThreadKey, name: String },
    /// Something was submitted.
    Receipt(StoredReceipt),
    /// What has become of something that was submitted.
    ReceiptChanged {
        number: u64,
        status: ReceiptStatus,
        at: Timestamp,
    },
    /// An echo of the bot's own calls was seen on an account.
    EchoSeen { account: AccountId, at: Timestamp },
    /// Some of what is too old can go. No event before this number waits.
    Tidied {
        settled_before: u64,
        /// Turns from before this time can go.
        turns_before: Timestamp,
        at: Timestamp,
    },
    /// Nothing has changed in a thread for so long that its session goes, unless a timer runs.
    ThreadExpired(ThreadKey),
    /// Sending is paused for an account.
    AccountPaused {
        pause: Box<SharedPause>,
        /// When; a storage for several nodes goes by its own clock.
        #[cfg_attr(not(feature = "sqlite"), allow(dead_code))]
        at: Timestamp,
    },
    /// Sending goes on for an account. Only of a storage for several nodes, as are the next.
    #[cfg_attr(not(feature = "postgres"), allow(dead_code))]
    AccountResumed(AccountId),
    /// Another node carries this out.
    #[cfg_attr(not(feature = "postgres"), allow(dead_code))]
    Forwarded(Box<ForwardedCommand>),
    /// What another node has stored for a lane of this one was carried out.
    #[cfg_attr(not(feature = "postgres"), allow(dead_code))]
    TakenUp { lane: u8, id: i64 },
    /// What the thread of the account says of the person of this thread is forgotten: settled events up to this
    /// number, and dead letters.
    #[cfg_attr(not(feature = "postgres"), allow(dead_code))]
    MentionsForgotten {
        thread: ThreadKey,
        last_sequence: u64,
    },
    /// Another node waits for an answer of this name: what was deleted of the thread that was forgotten last.
    #[cfg_attr(not(feature = "postgres"), allow(dead_code))]
    Answered(String),
}

/// What becomes of a person's request to delete their data.
#[derive(Debug)]
pub(crate) enum DeletionChange {
    Requested(PendingDeletion),
    Done { code: String, at: Timestamp },
}

/// Status of settled events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventStatus {
    Handled,
    Superseded,
    Failed,
}

impl EventStatus {
    /// Its name in the rows.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Handled => "handled",
            Self::Superseded => "superseded",
            Self::Failed => "failed",
        }
    }
}

/// What is known of a thread, but for its history.
#[derive(Clone, Debug)]
pub(crate) struct ThreadRow {
    /// The new session; `None` leaves it as it is.
    pub(crate) session: Option<Value>,
    pub(crate) ownership: KnownOwner,
    pub(crate) person_wrote_at: Option<Timestamp>,
    pub(crate) messaged_at: Option<Timestamp>,
    pub(crate) began_at: Option<Timestamp>,
    pub(crate) may_have_missed: bool,
    pub(crate) pause: Option<ThreadPause>,
    pub(crate) away: Option<AwayPeriod>,
    pub(crate) idle_after: Option<Duration>,
    pub(crate) reclaiming: Option<ReclaimTimer>,
    pub(crate) changed_at: Timestamp,
}

/// A timer, and the event that it becomes.
#[derive(Clone, Debug)]
pub(crate) struct StoredTimer {
    pub(crate) thread: ThreadKey,
    pub(crate) name: String,
    pub(crate) due: Timestamp,
    pub(crate) event: Arc<InternalEvent>,
}

/// What the rules need to know before they can go on.
#[derive(Debug, Default)]
pub(crate) struct ReadRequest {
    pub(crate) keys: Vec<DedupeKey>,
    pub(crate) threads: Vec<ThreadKey>,
    pub(crate) events: Vec<u64>,
    pub(crate) calls: Vec<u64>,
    /// The timers that are due before this time.
    pub(crate) timers_before: Option<Timestamp>,
    /// All timers of these accounts.
    pub(crate) timers_of: Vec<AccountId>,
    /// The receipts of these ids.
    pub(crate) receipts: Vec<(ThreadKey, String)>,
    /// Whether what other nodes have stored for the lanes of this one is read, too.
    pub(crate) arrivals: bool,
}

impl ReadRequest {
    /// What of it may be more once arrivals are taken up.
    pub(crate) fn after_arrivals(self) -> Self {
        Self {
            threads: self.threads,
            events: self.events,
            calls: self.calls,
            ..Self::default()
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
            && self.threads.is_empty()
            && self.events.is_empty()
            && self.calls.is_empty()
            && self.timers_before.is_none()
            && self.timers_of.is_empty()
            && self.receipts.is_empty()
            && !self.arrivals
    }
}

/// What a storage holds of it.
#[derive(Debug, Default)]
pub(crate) struct ReadResult {
    /// The keys that are remembered.
    pub(crate) known: Vec<DedupeKey>,
    /// Each thread that was asked for; the default, if nothing is known of it.
    pub(crate) threads: Vec<(ThreadKey, ThreadState)>,
    pub(crate) events: Vec<ClaimedEvent>,
    pub(crate) calls: Vec<QueuedCall>,
    pub(crate) timers: Option<StoredTimers>,
    pub(crate) timers_of: Vec<StoredTimer>,
    pub(crate) receipts: Vec<StoredReceipt>,
    pub(crate) arrivals: Vec<ArrivedCommand>,
}

/// The timers that are due before a time.
#[derive(Debug, Default)]
pub(crate) struct StoredTimers {
    pub(crate) timers: Vec<StoredTimer>,
    /// The time.
    pub(crate) before: Timestamp,
    /// Whether there are later ones.
    pub(crate) has_later: bool,
}

/// Everything that waits.
#[derive(Debug, Default)]
pub(crate) struct JournalSnapshot {
    /// Events that are not settled, in the order of their numbers.
    pub(crate) events: Vec<LoadedEvent>,
    /// Calls that are not done, in the order of their numbers.
    pub(crate) calls: Vec<LoadedCall>,
    pub(crate) timers: StoredTimers,
    /// Notices that are not delivered, in the order of their numbers.
    pub(crate) notices: Vec<LoadedNotice>,
    pub(crate) echoing: Vec<AccountId>,
    pub(crate) last_sequence: u64,
    pub(crate) last_call: u64,
    pub(crate) last_receipt: u64,
    pub(crate) dead_letters: usize,
    /// The part of this node, where several share the storage.
    pub(crate) node: Option<NodeShare>,
}

/// What one of several nodes works.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct NodeShare {
    /// The number of its lease; 0: none.
    pub(crate) epoch: i64,
    /// Its lanes.
    pub(in crate::journal) lanes: Lanes,
    /// Those of them that go to another node as soon as nothing of them is handed out.
    pub(in crate::journal) leaving: Lanes,
}

/// An event that waits, without what its handler needs.
#[derive(Debug)]
pub(crate) struct LoadedEvent {
    pub(crate) thread: ThreadKey,
    pub(crate) sequence: u64,
    pub(crate) due: Timestamp,
    /// Whether it is set aside until the bot may speak in the thread.
    pub(crate) is_held: bool,
    pub(crate) silences: Silences,
    /// The name of the timer that has run out, if it is that.
    pub(crate) expired_timer: Option<String>,
}

/// A call that is not done, without its content.
#[derive(Debug)]
pub(crate) struct LoadedCall {
    pub(crate) thread: ThreadKey,
    pub(crate) id: u64,
    pub(crate) outcome: u64,
    pub(crate) control: ControlEffect,
    /// The timer on whose behalf it brings the thread back.
    pub(crate) reclaims: Option<ReclaimTimer>,
    /// Whether it is a message, which has an echo.
    pub(crate) is_message: bool,
    pub(crate) is_started: bool,
    /// Of a message that is started: what it is, and when it was begun.
    pub(crate) begun: Option<(Box<Call>, Timestamp)>,
    pub(crate) is_confirmed: bool,
    pub(crate) uncertain: bool,
    pub(crate) due: Timestamp,
    pub(crate) receipt: Option<u64>,
    /// Whether it waits while somebody else speaks in the thread.
    pub(crate) holds: bool,
}

/// A notice that is not delivered.
#[derive(Debug)]
pub(crate) struct LoadedNotice {
    pub(crate) id: u64,
    pub(crate) notice: Arc<Notice>,
    /// Since when it waits.
    pub(crate) since: Timestamp,
    pub(crate) attempts: u32,
    pub(crate) due: Timestamp,
}
