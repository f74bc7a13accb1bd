//! What operators look at: threads and dead letters, a page at a time.

use handover_protocol::{AccountId, AppId, Timestamp};
use serde::Serialize;
use serde_json::Value;

use super::storage::{Replay, Replayed, StorageError};
use super::{DeadLetter, DeadLetterContent, Journal, JournalError};
use crate::internal_event::ThreadEvent;
use crate::thread::{KnownOwner, Owner, ThreadKey, ThreadParty};

/// Which threads are looked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct ThreadSearch {
    /// A part of the id of the person.
    pub(crate) person: Option<String>,
    pub(crate) account: Option<AccountId>,
    pub(crate) group: ThreadGroup,
    pub(crate) limit: usize,
}

/// Threads that are looked for together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ThreadGroup {
    /// All, those first in which something happened last.
    #[default]
    All,
    /// Those that another app has, the longest first.
    WithPeople,
    /// Those in which the bot is silent beside a human.
    Paused,
    /// Those with events or calls that wait.
    Waiting,
}

/// A thread in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ThreadSummary {
    #[serde(flatten)]
    pub(crate) thread: ThreadKey,
    /// `bot`, `nobody`, `other` or `unknown`.
    pub(crate) owner: OwnerKind,
    /// The other app, where it is known.
    pub(crate) owner_app: Option<AppId>,
    pub(crate) owner_since: Option<Timestamp>,
    /// Whether a human has written since another app has it.
    pub(crate) is_answered: bool,
    pub(crate) paused_until: Option<Timestamp>,
    pub(crate) person_wrote_at: Option<Timestamp>,
    pub(crate) events: u64,
    pub(crate) calls: u64,
    pub(crate) dead_letters: u64,
}

/// Who owns a thread, without the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OwnerKind {
    Bot,
    Nobody,
    Other,
    Unknown,
}

impl ThreadSummary {
    /// The columns of the owner, as of this time.
    pub(super) fn of(
        thread: ThreadKey,
        ownership: &KnownOwner,
        is_answered: bool,
        now: Timestamp,
    ) -> Self {
        let (owner, owner_app) = match &ownership.owner {
            _ if ownership.has_expired(now) => (OwnerKind::Unknown, None),
            Owner::Unknown => (OwnerKind::Unknown, None),
            Owner::Bot => (OwnerKind::Bot, None),
            Owner::Nobody => (OwnerKind::Nobody, None),
            Owner::Other(app) => (OwnerKind::Other, app.clone()),
        };
        let is_known = owner != OwnerKind::Unknown;
        Self {
            thread,
            owner,
            owner_app,
            owner_since: is_known.then_some(ownership.since),
            is_answered: is_answered && owner == OwnerKind::Other,
            paused_until: None,
            person_wrote_at: None,
            events: 0,
            calls: 0,
            dead_letters: 0,
        }
    }
}

impl ThreadSearch {
    /// Whether a thread is one of those, where no database looks for them.
    pub(super) fn finds(&self, found: &ThreadSummary, now: Timestamp) -> bool {
        let ThreadKey { account, party } = &found.thread;
        let is_person = *party != ThreadParty::Account || found.events + found.calls > 0;
        let part = self.person.as_deref();
        is_person
            && part.is_none_or(|part| party.as_text().contains(part))
            && self.account.as_ref().is_none_or(|it| it == account)
            && match self.group {
                ThreadGroup::All => true,
                ThreadGroup::WithPeople => found.owner == OwnerKind::Other,
                ThreadGroup::Paused => found.paused_until.is_some_and(|until| until > now),
                ThreadGroup::Waiting => found.events + found.calls > 0,
            }
    }

    /// In the order of the group, and no more than wanted.
    pub(super) fn sort(&self, found: &mut Vec<ThreadSummary>) {
        match self.group {
            ThreadGroup::WithPeople => found.sort_by_key(|one| one.owner_since),
            _ => {
                found
                    .sort_by_key(|one| std::cmp::Reverse(one.person_wrote_at.max(one.owner_since)));
            }
        }
        found.truncate(self.limit);
    }
}

/// A dead letter in a list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DeadLetterRow {
    pub(crate) id: u64,
    pub(crate) thread: ThreadKey,
    /// `event`, `call` or `notice`.
    pub(crate) kind: String,
    /// Kind of the event, or name of the call.
    pub(crate) name: String,
    pub(crate) at: Timestamp,
    pub(crate) cause: String,
    /// As JSON; `Null` if it cannot be read.
    pub(crate) content: Value,
}

impl DeadLetterRow {
    /// Of a stored row; `content` is its JSON.
    pub(super) fn stored(
        (id, thread, at): (u64, ThreadKey, Timestamp),
        kind: String,
        cause: String,
        content: &str,
    ) -> Self {
        let json: Value = serde_json::from_str(content).unwrap_or_default();
        let first_key = || Some(json.as_object()?.keys().next()?.clone());
        let name = match kind.as_str() {
            "call" => first_key(),
            "notice" => json["notice"]["kind"].as_str().map(str::to_owned),
            _ => ThreadEvent::from_json(content)
                .ok()
                .map(|event| event.kind().to_owned()),
        };
        Self {
            id,
            thread,
            name: name.unwrap_or_else(|| kind.clone()),
            kind,
            at,
            cause,
            content: json,
        }
    }

    fn held(letter: &DeadLetter) -> Self {
        let (kind, name, content) = match &letter.content {
            DeadLetterContent::Event(received) => (
                "event",
                received.event.body.kind(),
                serde_json::to_value(&**received),
            ),
            DeadLetterContent::Call(call) => ("call", call.name(), serde_json::to_value(&**call)),
            DeadLetterContent::Notice(notice) => (
                "notice",
                notice.kind.as_str(),
                serde_json::to_value(&**notice),
            ),
        };
        Self {
            id: letter.id,
            thread: letter.thread.clone(),
            kind: kind.to_owned(),
            name: name.to_owned(),
            at: letter.at,
            cause: letter.cause.clone(),
            content: content.unwrap_or_default(),
        }
    }
}

/// A process that shares the journal with others.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(feature = "postgres"), allow(dead_code))]
pub(crate) struct NodeRow {
    /// Host and process id.
    pub(crate) name: String,
    /// Of the framework.
    pub(crate) version: String,
    pub(crate) started_at: Timestamp,
    pub(crate) lease_until: Timestamp,
    /// How many of the 256 lanes it works.
    pub(crate) lanes: u64,
    /// Whether it is the process that is asked.
    pub(crate) is_this: bool,
}

/// Reads rows for operators.
pub(super) type ReadRows<T> = Box<dyn FnOnce() -> Result<Vec<T>, StorageError> + Send>;

impl Journal {
    /// Threads that an operator looks for. Others do not wait meanwhile.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn threads(
        &self,
        search: ThreadSearch,
    ) -> Result<Vec<ThreadSummary>, JournalError> {
        let now = self.0.clock.now();
        let read = self.read(move |engine| {
            if let Some(read) = engine.storage.threads(&search, now) {
                return Ok(Err(read));
            }
            let letters = engine.storage.dead_letters()?;
            let mut found = engine.rules.summaries(now);
            for one in &mut found {
                let of_thread = letters.iter().filter(|letter| letter.thread == one.thread);
                one.dead_letters = of_thread.count() as u64;
            }
            found.retain(|one| search.finds(one, now));
            search.sort(&mut found);
            Ok(Ok(found))
        });
        beside(read.await?).await
    }

    /// The newest dead letters, or those of these numbers. Others do not wait meanwhile.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn dead_letter_rows(
        &self,
        ids: Option<Vec<u64>>,
        limit: usize,
    ) -> Result<Vec<DeadLetterRow>, JournalError> {
        let read = self.read(move |engine| {
            if let Some(read) = engine.storage.dead_letter_rows(ids.as_deref(), limit) {
                return Ok(Err(read));
            }
            let letters = engine.storage.dead_letters()?;
            let wanted = letters.iter().rev().filter(|letter| {
                let ids = ids.as_ref();
                ids.is_none_or(|ids| ids.contains(&letter.id))
            });
            Ok(Ok(wanted.take(limit).map(DeadLetterRow::held).collect()))
        });
        beside(read.await?).await
    }

    /// The processes that share the journal; none if it cannot be shared.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn nodes(&self) -> Result<Vec<NodeRow>, JournalError> {
        let read = self.read(|engine| Ok(engine.storage.nodes().map_or(Ok(Vec::new()), Err)));
        beside(read.await?).await
    }

    /// What a replay would do.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn preview(&self, replay: Replay) -> Result<Vec<Replayed>, JournalError> {
        self.read(move |engine| engine.preview(&replay)).await
    }

    /// Deletes dead letters. Returns how many there were.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub(crate) async fn discard(&self, ids: Vec<u64>) -> Result<u64, JournalError> {
        let discarded = self.read(move |engine| Ok(engine.discard(&ids))).await?;
        discarded.map_err(JournalError::write)
    }
}

/// What was found at once, or is read now.
async fn beside<T: Send + 'static>(
    found: Result<Vec<T>, ReadRows<T>>,
) -> Result<Vec<T>, JournalError> {
    match found {
        Ok(found) => Ok(found),
        Err(read) => {
            let read = tokio::task::spawn_blocking(read).await;
            read.map_err(JournalError::read)?
                .map_err(JournalError::read)
        }
    }
}
