//! Calls on their way to the platform.

use std::sync::Arc;

use handover_protocol::{AccountId, Object, Received};

use crate::graph::Call;
use crate::thread::{Owner, ThreadKey};

use super::ThreadState;

/// A call to make.
#[derive(Clone, Debug)]
pub struct NewCall {
    /// The call. A message carries the reference as its metadata, unless it has its own.
    pub call: Arc<Call>,
    /// The product of the thread.
    pub object: Object,
    /// A name of its own, by which its echo is recognised.
    pub reference: String,
    /// The outcome that it is a part of; 0 if none. If a message of it is refused for good, those
    /// after it are not sent.
    pub outcome: u64,
    /// Whether `#[on_send_failed]` does not run if it fails, because it follows from one that did.
    pub quiet: bool,
}

impl NewCall {
    /// How every reference begins.
    pub(crate) const REFERENCE: &str = "handover:";

    /// A call with a fresh reference.
    #[must_use]
    pub fn new(mut call: Call, object: Object) -> Self {
        let reference = format!("{}{:016x}", Self::REFERENCE, fastrand::u64(..));
        if let Call::Messages(send) = &mut call
            && let Some(message) = &mut send.message
        {
            message.metadata.get_or_insert_with(|| reference.clone());
        }
        Self {
            call: Arc::new(call),
            object,
            reference,
            outcome: 0,
            quiet: false,
        }
    }
}

/// A call that was handed out.
#[derive(Clone, Debug)]
pub struct OutboxCall {
    /// Its number in the outbox.
    pub id: u64,
    /// The thread it belongs to.
    pub thread: ThreadKey,
    /// The call.
    pub call: Arc<Call>,
    /// The product of the thread.
    pub object: Object,
    /// A name of its own.
    pub reference: String,
    /// How often it was tried before.
    pub attempts: u32,
    /// Whether an earlier attempt may have gone through, for all the bot knows.
    pub uncertain: bool,
    /// Whether echoes of the bot's own calls have been seen on this account, so that one that
    /// does not come tells that there was no call.
    pub echoes: bool,
    /// Whether `#[on_send_failed]` does not run if it fails.
    pub quiet: bool,
    /// Why it is not to be sent: a message before it in the same outcome was refused for good.
    pub ended: Option<String>,
    /// What is kept of the thread.
    pub state: ThreadState,
}

/// Which calls to hand out.
#[derive(Clone, Debug, Default)]
pub struct Due {
    /// Those that are due at this time, in ms since 1970.
    pub now: i64,
    /// At most so many.
    pub limit: usize,
    /// None of these accounts.
    pub paused: Vec<AccountId>,
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
    /// When, in ms since 1970.
    pub at: i64,
    /// The owner of the thread that the answer told; `None` if it told nothing.
    pub owner: Option<Owner>,
    /// The id of the message that was sent: its echo is nothing new.
    pub echo: Option<String>,
    /// What comes of it: calls that are made next, before any other of the thread.
    pub next: Vec<NewCall>,
    /// An event of the bot's own that joins the thread's.
    pub event: Option<Arc<Received>>,
    /// Whether the messages after it in the same outcome end with it, for the same cause.
    pub ends_outcome: bool,
}

impl FinishedCall {
    /// It became this, and nothing else follows.
    #[must_use]
    pub fn new(id: u64, thread: ThreadKey, result: CallResult, at: i64) -> Self {
        Self {
            id,
            thread,
            result,
            at,
            owner: None,
            echo: None,
            next: Vec::new(),
            event: None,
            ends_outcome: false,
        }
    }
}

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallResult {
    /// The platform accepted it.
    Sent,
    /// It is to be tried again at this time.
    RetryAt(i64),
    /// It was not tried and is to be at this time.
    PutOff(i64),
    /// Nobody knows whether it was accepted. Unless its echo comes, it is handed out again at this
    /// time, as uncertain.
    Uncertain(i64),
    /// It cannot be sent, for this reason; it is kept as a dead letter.
    Dead(String),
}
