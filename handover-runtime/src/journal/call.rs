//! Calls on their way to the platform.

use std::sync::Arc;

use handover_protocol::{AccountId, EventBody, Object, Received, Timestamp};

use serde::{Deserialize, Serialize};

use super::{DedupeKey, NewEvent, ReceiptStatus, Reclaim, ThreadChange, ThreadState, Turn, Update};
use crate::failure_kind::FailureKind;
use crate::graph::Call;
use crate::internal_event::{InternalEvent, ReclaimTimer};
use crate::notice::{Listeners, News, Notice};
use crate::ownership::{REFERENCE, gives_thread_away, is_echo_in_time, is_echo_of};
use crate::thread::{KnownOwner, Owner, ThreadKey};

/// A call to make.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct QueuedCall {
    /// Its number in the outbox; 0 until it has one.
    pub(crate) id: u64,
    /// The call. A message carries the reference as its metadata, unless it has its own.
    #[serde(with = "super::forward::shared")]
    pub(crate) call: Arc<Call>,
    /// The product of the thread.
    pub(crate) object: Object,
    /// Its own name, by which its echo is recognised.
    pub(crate) reference: String,
    /// The outcome that it is a part of; 0 if none. If a message of it is refused for good, those
    /// after it are not sent.
    pub(crate) outcome: u64,
    /// Whether `#[on_send_failed]` does not run if it fails, because it follows from one that did.
    pub(crate) quiet: bool,
    /// The timer on whose behalf it brings the thread back.
    pub(crate) reclaims: Option<ReclaimTimer>,
    /// The timers that begin once it has given the thread away.
    pub(crate) timers: Option<Box<Reclaim>>,
    /// How often it was tried.
    pub(crate) attempts: u32,
    /// Whether it may have gone through, for all the bot knows.
    pub(crate) uncertain: bool,
    /// Why it is not to be sent: a message before it in the same outcome was refused for good.
    pub(crate) ended: Option<Ended>,
    /// When it was handed out last.
    pub(crate) started_at: Timestamp,
    /// When it was given to the journal.
    pub(crate) created_at: Timestamp,
    /// The receipt that says what becomes of it.
    pub(crate) receipt: Option<u64>,
    /// What becomes of it while the bot may not speak.
    pub(crate) terms: Terms,
}

/// What becomes of a message that cannot be sent at once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Terms {
    /// Whether it waits while somebody else speaks in the thread.
    pub(crate) holds: bool,
    /// When it is given up unless it was sent.
    pub(crate) expires_at: Option<Timestamp>,
    /// What is sent in its place once the messaging window is closed.
    pub(crate) otherwise: Option<Box<Replacement>>,
}

/// What is sent in place of a message once the messaging window is closed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Replacement {
    pub(crate) call: Call,
    /// How many of the calls after it are parts of the same message, and not made then.
    pub(crate) parts_after: u32,
    /// The receipt of the last of these parts.
    #[serde(default)]
    pub(crate) receipt: Option<u64>,
}

impl QueuedCall {
    /// A call with a fresh reference.
    #[must_use]
    pub(crate) fn new(mut call: Call, object: Object) -> Self {
        let reference = format!("{REFERENCE}{:016x}", fastrand::u64(..));
        if let Call::Messages(send) = &mut call
            && let Some(message) = &mut send.message
        {
            message.metadata.get_or_insert_with(|| reference.clone());
        }
        Self {
            id: 0,
            call: Arc::new(call),
            object,
            reference,
            outcome: 0,
            quiet: false,
            reclaims: None,
            timers: None,
            attempts: 0,
            uncertain: false,
            ended: None,
            started_at: Timestamp::UNIX_EPOCH,
            created_at: Timestamp::UNIX_EPOCH,
            receipt: None,
            terms: Terms::default(),
        }
    }

    /// A call that was given up, as it is queued again: by the name that an echo of the first attempt would
    /// have.
    pub(super) fn again(call: &Call, object: Object) -> Self {
        let mut again = Self::new(call.clone(), object);
        if let Call::Messages(send) = &*again.call
            && let Some(metadata) = send.message.as_ref().and_then(|it| it.metadata.as_ref())
            && metadata.starts_with(REFERENCE)
        {
            again.reference.clone_from(metadata);
        }
        again
    }

    /// Whether this is the echo of the call: by its reference, or by its content where it carries
    /// none and an answer is outstanding to what was sent at this time.
    pub(super) fn has_echo(&self, event: &NewEvent, sent_at: Option<Timestamp>) -> bool {
        let named = event.confirms.as_deref().filter(|it| !it.is_empty());
        if named == Some(&self.reference) {
            return true;
        }
        let EventBody::Echo(echo) = &event.received.event.body else {
            return false;
        };
        let reference = named.or(echo.metadata.as_deref());
        if reference == Some(&self.reference) {
            return true;
        }
        let (Call::Messages(send), Some(sent_at)) = (&*self.call, sent_at) else {
            return false;
        };
        let Some(message) = &send.message else {
            return false;
        };
        // Metadata that it carries is another message's, unless it is the bot's own.
        let other = reference.is_some_and(|it| it.starts_with(REFERENCE));
        let by_content = echo.app_id.is_none() || event.confirms.is_some();
        by_content
            && !other
            && is_echo_of(echo, message)
            && is_echo_in_time(&event.received, event.received_at, sent_at)
    }
}

/// Lets a receipt say what becomes of the last message among calls. Says whether there is one.
pub(crate) fn give_receipt(calls: &mut [QueuedCall], number: u64) -> bool {
    let is_message = |new: &QueuedCall| matches!(&*new.call, Call::Messages(send) if send.sender_action.is_none());
    let Some(last) = calls.iter().rposition(is_message) else {
        return false;
    };
    calls[last].receipt = Some(number);
    for (at, new) in calls[..=last].iter_mut().enumerate() {
        if let Some(otherwise) = &mut new.terms.otherwise
            && at + otherwise.parts_after as usize == last
        {
            otherwise.receipt = Some(number);
        }
    }
    true
}

/// A call that was handed out.
#[derive(Clone, Debug)]
pub(crate) struct OutboxCall {
    /// Its number in the outbox.
    pub(crate) id: u64,
    /// The thread it belongs to.
    pub(crate) thread: ThreadKey,
    /// The call.
    pub(crate) call: Arc<Call>,
    /// The product of the thread.
    pub(crate) object: Object,
    /// Its own name.
    pub(crate) reference: String,
    /// The timer on whose behalf it brings the thread back.
    pub(crate) reclaims: Option<ReclaimTimer>,
    /// The timers that begin once it has given the thread away.
    pub(crate) timers: Option<Box<Reclaim>>,
    /// How often it was tried before.
    pub(crate) attempts: u32,
    /// Whether an earlier attempt may have succeeded.
    pub(crate) uncertain: bool,
    /// Whether echoes of the bot's own calls have been seen on this account, so that a missing echo shows
    /// that the call was not made.
    pub(crate) echoes: bool,
    /// Whether `#[on_send_failed]` does not run if it fails.
    pub(crate) quiet: bool,
    /// Why it is not to be sent: a message before it in the same outcome was refused permanently.
    pub(crate) ended: Option<Ended>,
    /// The receipt that says what becomes of it.
    pub(crate) receipt: Option<u64>,
    /// The outcome that it is a part of; 0 if none.
    pub(crate) outcome: u64,
    /// Whether it is to be given up unless it can be sent now: too much waits for accounts that are paused.
    pub(crate) is_surplus: bool,
    /// What becomes of it while the bot may not speak.
    pub(crate) terms: Terms,
    /// State of the thread.
    pub(crate) state: Arc<ThreadState>,
    /// Waiting events of the thread, oldest first, if any of them may show another owner or a human;
    /// otherwise empty.
    pub(crate) waiting: Vec<PendingEvent>,
    /// The epoch in which it was handed out: see [`Journal::may_act`](super::Journal::may_act).
    pub(crate) epoch: i64,
}

impl OutboxCall {
    /// The product and the timers of the handoff, if it gives the thread away.
    pub(crate) fn handoff(&self) -> Option<Box<(Object, Reclaim)>> {
        let timers = self.timers.as_deref().copied().unwrap_or_default();
        gives_thread_away(&self.call).then(|| Box::new((self.object.clone(), timers)))
    }
}

/// What a message was refused for, with which those after it in the same outcome end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ended {
    pub(crate) kind: FailureKind,
    pub(crate) cause: String,
}

/// An event that waits.
#[derive(Clone, Debug)]
pub(crate) struct PendingEvent {
    /// Its number in the journal.
    pub(crate) sequence: u64,
    /// The event.
    pub(crate) received: Arc<Received>,
    /// When it arrived.
    pub(crate) received_at: Timestamp,
}

/// Which calls to hand out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Due {
    /// Those that are due at this time.
    pub(crate) now: Timestamp,
    /// At most so many.
    pub(crate) limit: usize,
    /// None of these accounts.
    pub(crate) paused: Vec<AccountId>,
    /// Those of them that wait for another access token.
    pub(crate) without_token: Vec<AccountId>,
}

/// Result of a call.
#[derive(Clone, Debug)]
pub(crate) struct FinishedCall {
    /// Its number in the outbox.
    pub(crate) id: u64,
    /// The thread it belongs to.
    pub(crate) thread: ThreadKey,
    /// Result.
    pub(crate) result: CallResult,
    /// When.
    pub(crate) at: Timestamp,
    /// Owner of the thread according to the response; `None` if it does not show it.
    pub(crate) owner: Option<Owner>,
    /// Whether it shows that no other app had the thread until then.
    pub(crate) was_the_bots: bool,
    /// The id of the message that was sent: its echo is nothing new.
    pub(crate) echo: Option<String>,
    /// The key of `echo`: the journal fills it in.
    pub(crate) echo_key: Option<DedupeKey>,
    /// What the bot said by it.
    pub(crate) turn: Option<Turn>,
    /// What is made in its place. It has its number, and so its place in the thread.
    pub(crate) instead: Option<Box<QueuedCall>>,
    /// The timer on whose behalf the thread was asked for.
    pub(crate) reclaiming: Option<ReclaimTimer>,
    /// The product and the timers of a handoff, which begin if it was sent.
    pub(crate) handoff: Option<Box<(Object, Reclaim)>>,
    /// An event of the bot itself that joins the thread's.
    pub(crate) event: Option<Arc<InternalEvent>>,
    /// Whether the messages after it in the same outcome end with it, for the same cause.
    pub(crate) ends_outcome: Option<Ended>,
    /// What its receipt says from now on.
    pub(crate) receipt: Option<(u64, ReceiptStatus)>,
    /// What kind of failure it is, if it is given up.
    pub(crate) kind: FailureKind,
    /// How many of the calls after it are not made, because another is made in their place.
    pub(crate) drops: u32,
    /// Who hears if the thread comes back to the bot by this, and of `news`.
    pub(crate) listeners: Listeners,
    /// What they hear besides.
    pub(crate) news: Option<Box<News>>,
}

impl FinishedCall {
    /// It became this, and nothing else follows.
    #[must_use]
    pub(crate) fn new(id: u64, thread: ThreadKey, result: CallResult, at: Timestamp) -> Self {
        Self {
            id,
            thread,
            result,
            at,
            owner: None,
            was_the_bots: false,
            echo: None,
            echo_key: None,
            turn: None,
            instead: None,
            reclaiming: None,
            handoff: None,
            event: None,
            ends_outcome: None,
            receipt: None,
            kind: FailureKind::Other,
            drops: 0,
            listeners: Listeners::default(),
            news: None,
        }
    }
}

impl FinishedCall {
    /// What it changes in what is kept of the thread, given the last event that has arrived.
    pub(super) fn change(&self, last_sequence: u64) -> ThreadChange {
        let owner = self.owner.clone();
        ThreadChange {
            ownership: owner.map(|owner| KnownOwner::seen(owner, self.at, last_sequence)),
            reclaiming: match self.reclaiming {
                Some(timer) => Update::Set(timer),
                None => Update::Keep,
            },
            ..ThreadChange::default()
        }
    }
}

/// Result of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CallResult {
    /// The platform accepted it.
    Sent,
    /// It is to be tried again at this time.
    RetryAt(Timestamp),
    /// It was not tried and is to be at this time.
    PutOff(Timestamp),
    /// Not tried, because another app owns the thread or a human answers in it. Set aside until this time,
    /// or until the bot may answer again; later calls of the thread go on.
    Blocked(Timestamp),
    /// Unknown result. Unless its echo arrives, the call is handed out again at this time, as uncertain.
    Uncertain(Timestamp),
    /// Another is made in its place.
    Replaced,
    /// It is not made, for it is not needed any more: the app that is to have the thread has it, or an agent has answered.
    Needless,
    /// It cannot be sent, for this reason; it is kept as a dead letter.
    Dead(String),
}

/// A notice that was handed out.
#[derive(Clone, Debug)]
pub(crate) struct OutboxNotice {
    /// Its number in the outbox.
    pub(crate) id: u64,
    /// The notice.
    pub(crate) notice: Arc<Notice>,
    /// Since when it waits.
    pub(crate) since: Timestamp,
    /// How often it was tried before.
    pub(crate) attempts: u32,
}

/// Result of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoticeResult {
    /// It was accepted.
    Delivered,
    /// It is to be tried again.
    RetryAt {
        /// When.
        due: Timestamp,
        /// Until when nothing else goes to its notifier.
        rests_until: Timestamp,
    },
    /// It cannot be delivered, for this reason; it is kept as a dead letter.
    Dead(String),
}
