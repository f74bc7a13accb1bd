//! What was settled or given up, put back to be handled or sent again: which of it, and what of it is refused.

use std::sync::Arc;

use handover_protocol::{AccountId, EventBody, Object, PersonId, Timestamp};

use super::columns::{notice_from_json, owner_columns};
use crate::graph::Call;
use crate::internal_event::ThreadEvent;
use crate::journal::{DeadLetter, DeadLetterContent, QueuedCall, unreadable};
use crate::notice::Notice;
use crate::thread::{Owner, ThreadKey};

/// Which events and calls of a [journal](crate::journal::Journal) to handle or send again.
///
/// They join the end of their threads' queues, in their order, and the next bot that opens the journal
/// handles them. A replayed dead letter is deleted, so it is replayed once. Dedupe keys stay, so events
/// that the platform delivers again are still recognised.
///
/// ```
/// use handover_runtime::journal::Journal;
/// use handover_runtime::journal_file::{Replay, Replayed};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = std::env::temp_dir().join(format!("handover-replay-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory)?;
/// # let path = directory.join("handover.db");
/// # Journal::open(&path)?.close().await?;
/// let dead_letters = Replay::dead_letters();
/// // What would be done, also while a bot runs.
/// let found: Vec<Replayed> = dead_letters.preview(&path)?;
/// assert!(found.is_empty());
/// // Does it, if no bot has the journal open.
/// dead_letters.apply(&path)?;
/// # std::fs::remove_dir_all(directory)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is replayed before `apply`"]
pub struct Replay {
    pub(super) source: ReplaySource,
    pub(super) ids: Vec<u64>,
    pub(super) account: Option<AccountId>,
    pub(super) person: Option<PersonId>,
    pub(super) since: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
    repeats_messages: bool,
    pub(super) only_take_backs: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReplaySource {
    DeadLetters,
    Events,
}

/// Something that a [`Replay`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Replayed {
    /// The number of the dead letter, or of the event.
    pub id: u64,
    /// The thread.
    pub thread: ThreadKey,
    /// The kind of event, or the name of the call.
    pub kind: String,
    /// When it was received, or given up.
    pub at: Timestamp,
    /// Why it was given up.
    pub cause: Option<String>,
    /// Why it is left as it is; otherwise it is replayed.
    pub refusal: Option<ReplayRefusal>,
}

/// Why something is not replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayRefusal {
    /// It is still to be handled.
    #[error("it still waits, and is handled without this")]
    Waits,
    /// The bot would believe something about the owner that was true once.
    #[error(
        "the owner of the thread has changed since, and the bot would take the old owner for the current one"
    )]
    OutdatedOwner,
    /// The message may arrive twice.
    #[error("it may have been delivered, and would arrive twice")]
    MayHaveBeenDelivered,
    /// It stands for what cannot be read: something that was stored, such as by another version of the bot, or the
    /// body of a webhook that is not JSON.
    #[error("it cannot be read")]
    Unreadable,
}

/// A row that was found, as it is stored.
pub(super) struct FoundRow {
    pub(super) id: u64,
    pub(super) thread: ThreadKey,
    /// `event`, `call` or `notice`.
    pub(super) kind: String,
    pub(super) content: String,
    pub(super) at: Timestamp,
    pub(super) cause: Option<String>,
    /// Whether it is still to be handled.
    pub(super) waits: bool,
}

/// A row that was found, and what it becomes.
pub(super) struct ReplayRow {
    pub(super) replayed: Replayed,
    pub(super) content: String,
    pub(super) item: Option<ReplayItem>,
}

pub(super) enum ReplayItem {
    Event(ThreadEvent),
    Call(Arc<Call>),
    Notice(Arc<Notice>),
}

impl From<&DeadLetterContent> for ReplayItem {
    fn from(content: &DeadLetterContent) -> Self {
        match content {
            DeadLetterContent::Event(received) => {
                Self::Event(ThreadEvent::Platform(received.clone()))
            }
            DeadLetterContent::Call(call) => Self::Call(call.clone()),
            DeadLetterContent::Notice(notice) => Self::Notice(notice.clone()),
        }
    }
}

impl ReplayItem {
    fn name(&self) -> String {
        match self {
            Self::Event(event) => event.kind().to_owned(),
            Self::Call(call) => call.name().to_owned(),
            Self::Notice(notice) => format!("notice to {}", notice.notifier),
        }
    }

    /// The owner that the event shows, as a row of a thread says it, if it shows one.
    fn shown_owner(&self) -> Option<&'static str> {
        let Self::Event(event) = self else {
            return None;
        };
        match &event.platform()?.event.body {
            EventBody::PassThreadControl(_) => Some("bot"),
            EventBody::TakeThreadControl(_) => Some("other"),
            _ => None,
        }
    }

    /// Whether the bot would take another owner for the current one, which a row of the thread says is this.
    fn is_outdated(&self, owner: &str) -> bool {
        let shown = self.shown_owner();
        shown.is_some_and(|shown| owner != shown && owner != "unknown")
    }
}

impl Replay {
    /// Of what could not be handled or sent.
    pub fn dead_letters() -> Self {
        Self::of(ReplaySource::DeadLetters)
    }

    /// Replays settled events: their handlers run again, with all consequences.
    /// They are kept for a while, as [`Retention`](super::Retention) says.
    pub fn events() -> Self {
        Self::of(ReplaySource::Events)
    }

    fn of(source: ReplaySource) -> Self {
        Self {
            source,
            ids: Vec::new(),
            account: None,
            person: None,
            since: None,
            until: None,
            repeats_messages: false,
            only_take_backs: false,
        }
    }

    /// Only those of these numbers.
    pub fn ids(mut self, ids: impl IntoIterator<Item = u64>) -> Self {
        self.ids = ids.into_iter().collect();
        self
    }

    /// Only those of this account.
    pub fn account(mut self, account: impl Into<AccountId>) -> Self {
        self.account = Some(account.into());
        self
    }

    /// Only those of this person.
    pub fn person(mut self, person: impl Into<PersonId>) -> Self {
        self.person = Some(person.into());
        self
    }

    /// Only those since this time.
    pub fn since(mut self, time: Timestamp) -> Self {
        self.since = Some(time);
        self
    }

    /// Only those before this time.
    pub fn until(mut self, time: Timestamp) -> Self {
        self.until = Some(time);
        self
    }

    /// Messages, too, that may have been delivered, and so may arrive twice.
    pub fn repeating_messages(mut self) -> Self {
        self.repeats_messages = true;
        self
    }

    /// Only timers that take a thread back.
    pub(crate) fn of_take_backs(mut self) -> Self {
        self.only_take_backs = true;
        self
    }

    /// The account whose threads are taken back, if it is only that.
    pub(crate) fn take_backs_of(&self) -> Option<&AccountId> {
        self.account.as_ref().filter(|_| self.only_take_backs)
    }

    /// What a row becomes, and whether it is refused for what it says itself.
    pub(super) fn row(&self, found: FoundRow) -> ReplayRow {
        let FoundRow {
            id,
            thread,
            kind,
            content,
            at,
            cause,
            waits,
        } = found;
        let item = match kind.as_str() {
            "call" => {
                let call = serde_json::from_str(&content);
                call.map(|it| ReplayItem::Call(Arc::new(it))).ok()
            }
            "notice" => {
                let notice = notice_from_json(&content);
                notice.map(|it| ReplayItem::Notice(Arc::new(it))).ok()
            }
            _ => ThreadEvent::from_json(&content).map(ReplayItem::Event).ok(),
        };
        let refusal = match &item {
            None => Some(ReplayRefusal::Unreadable),
            Some(_) if waits => Some(ReplayRefusal::Waits),
            Some(item) => self.objection(item, cause.as_deref()),
        };
        ReplayRow {
            replayed: Replayed {
                id,
                thread,
                kind: item.as_ref().map(ReplayItem::name).unwrap_or_default(),
                at,
                cause,
                refusal,
            },
            content,
            item,
        }
    }

    /// Whether it is one of those, of dead letters.
    pub(in crate::journal) fn selects(&self, letter: &DeadLetter) -> bool {
        let DeadLetter { thread, at, .. } = letter;
        self.source == ReplaySource::DeadLetters
            && (self.ids.is_empty() || self.ids.contains(&letter.id))
            && self.account.as_ref().is_none_or(|it| *it == thread.account)
            && (self.person.is_none() || self.person.as_ref() == thread.person())
            && self.since.is_none_or(|since| *at >= since)
            && self.until.is_none_or(|until| *at < until)
    }

    /// What becomes of a dead letter that is held in memory, in a thread of this owner.
    pub(in crate::journal) fn judged(&self, letter: &DeadLetter, owner: &Owner) -> Replayed {
        let item = ReplayItem::from(&letter.content);
        let (owner, _) = owner_columns(owner);
        let outdated = || {
            item.is_outdated(owner)
                .then_some(ReplayRefusal::OutdatedOwner)
        };
        let objection = self.objection(&item, Some(&letter.cause));
        Replayed {
            id: letter.id,
            thread: letter.thread.clone(),
            kind: item.name(),
            at: letter.at,
            cause: Some(letter.cause.clone()),
            refusal: objection.or_else(outdated),
        }
    }

    /// Why something is left as it is, for what it says itself.
    fn objection(&self, item: &ReplayItem, cause: Option<&str>) -> Option<ReplayRefusal> {
        match item {
            ReplayItem::Event(event) => {
                let cause = event.platform().and_then(|it| unreadable::cause_of(it));
                cause.map(|_| ReplayRefusal::Unreadable)
            }
            ReplayItem::Call(call) => {
                let may_be_a_copy = !call.is_idempotent()
                    && cause.is_some_and(|cause| cause.contains(MAY_BE_A_COPY));
                (may_be_a_copy && !self.repeats_messages)
                    .then_some(ReplayRefusal::MayHaveBeenDelivered)
            }
            ReplayItem::Notice(_) => None,
        }
    }
}

impl ReplayRow {
    /// Whether its thread's row says if it is refused.
    pub(super) fn shows_owner(&self) -> bool {
        let item = self.item.as_ref();
        self.replayed.refusal.is_none() && item.is_some_and(|it| it.shown_owner().is_some())
    }

    /// The owner of the thread, as its row says it.
    pub(super) fn is_owned_by(&mut self, owner: Option<&str>) {
        if let (Some(item), Some(owner)) = (&self.item, owner)
            && item.is_outdated(owner)
        {
            self.replayed.refusal = Some(ReplayRefusal::OutdatedOwner);
        }
    }

    /// When the event happened: what a person wrote long ago opens no window now.
    pub(super) fn received_at(&self) -> Timestamp {
        let at = self.replayed.at;
        let Some(ReplayItem::Event(event)) = &self.item else {
            return at;
        };
        let happened_at = event.platform().and_then(|it| it.event.timestamp);
        happened_at.map_or(at, |happened_at| happened_at.min(at))
    }
}

/// The call as it is queued again.
pub(super) fn queued_again(call: &Call, object: Option<String>) -> QueuedCall {
    QueuedCall::again(call, object.map_or(Object::Page, Object::from))
}

/// How the cause of a dead letter says that the call may have gone through.
const MAY_BE_A_COPY: &str = "it may have been delivered";
