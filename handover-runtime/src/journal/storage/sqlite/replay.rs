//! What was settled or given up, put back to be handled or sent again.

use std::path::Path;

use handover_protocol::{AccountId, EventBody, Object, PersonId, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::open::{self, OpenError};
use super::read::LAST_SEQUENCE;
use super::rows::{
    event_from_json, from_json, notice_from_json, notice_to_json, thread_key, time, to_json,
};
use crate::clock;
use crate::graph::Call;
use crate::internal_event::ThreadEvent;
use crate::journal::{DeadLetter, QueuedCall};
use crate::notice::Notice;
use crate::ownership::{ControlEffect, REFERENCE};
use crate::thread::ThreadKey;

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
    source: ReplaySource,
    ids: Vec<u64>,
    account: Option<AccountId>,
    person: Option<PersonId>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    repeats_messages: bool,
    only_take_backs: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ReplaySource {
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
    /// It was stored by something else.
    #[error("it cannot be read")]
    Unreadable,
}

/// A row that was found, and what it becomes.
struct ReplayRow {
    replayed: Replayed,
    content: String,
    item: Option<ReplayItem>,
}

enum ReplayItem {
    Event(ThreadEvent),
    Call(Box<Call>),
    Notice(Box<Notice>),
}

impl ReplayItem {
    fn name(&self) -> String {
        match self {
            Self::Event(event) => event.kind().to_owned(),
            Self::Call(call) => call.name().to_owned(),
            Self::Notice(notice) => format!("notice to {}", notice.notifier),
        }
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

    /// What would be replayed and what not, in order. Changes nothing.
    ///
    /// # Errors
    ///
    /// If there is no journal, or it cannot be read.
    pub fn preview(&self, path: &Path) -> Result<Vec<Replayed>, OpenError> {
        let connection = open::connect_to_read(path)?;
        let found = self.find(&connection);
        let found = found.map_err(|source| open::from_sqlite(path, source))?;
        Ok(found.into_iter().map(|found| found.replayed).collect())
    }

    /// Does it, all of it or, with an error, nothing.
    ///
    /// # Errors
    ///
    /// If a bot has the journal open, there is none, or it cannot be written.
    pub fn apply(&self, path: &Path) -> Result<Vec<Replayed>, OpenError> {
        let sqlite = |source| open::from_sqlite(path, source);
        // Looked at first, so that a wrong path does not become a new journal.
        drop(open::connect_to_read(path)?);
        let _lock = open::lock(path)?;
        let mut connection = open::connect(path)?;
        open::check(&connection, path)?;
        let transaction = connection.transaction().map_err(sqlite)?;
        let found = self.find(&transaction).map_err(sqlite)?;
        put_back(&transaction, &found).map_err(sqlite)?;
        transaction
            .execute("UPDATE meta SET value = 1 WHERE name = 'clean'", [])
            .map_err(sqlite)?;
        transaction.commit().map_err(sqlite)?;
        Ok(found.into_iter().map(|found| found.replayed).collect())
    }

    /// What would be replayed, on the connection of the bot that has the journal open.
    pub(super) fn preview_on(&self, connection: &Connection) -> rusqlite::Result<Vec<Replayed>> {
        let found = self.find(connection)?;
        Ok(found.into_iter().map(|found| found.replayed).collect())
    }

    /// The same on the connection of the bot that has the journal open.
    pub(super) fn apply_on(&self, connection: &Connection) -> rusqlite::Result<Vec<Replayed>> {
        let found = self.find(connection)?;
        put_back(connection, &found)?;
        Ok(found.into_iter().map(|found| found.replayed).collect())
    }

    fn find(&self, connection: &Connection) -> rusqlite::Result<Vec<ReplayRow>> {
        let rows = match self.source {
            ReplaySource::DeadLetters => {
                "SELECT account, person, id, kind, content, at, cause, false AS waits FROM dead_letter"
            }
            ReplaySource::Events => {
                "SELECT account, person, sequence AS id, 'event' AS kind, content, received_at AS at,
                        NULL, settled_at IS NULL AS waits FROM event"
            }
        };
        let mut statement = connection.prepare(&format!(
            "SELECT * FROM ({rows})
             WHERE (id IN (SELECT value FROM json_each(?1)) OR (json_array_length(?1) = 0 AND NOT waits))
               AND (?2 IS NULL OR account = ?2) AND (?3 IS NULL OR person = ?3)
               AND (?4 IS NULL OR at >= ?4) AND (?5 IS NULL OR at < ?5)
               AND (NOT ?6 OR (kind = 'event' AND json_type(content, '$.own.take_back') IS NOT NULL))
             ORDER BY id"
        ))?;
        let mut rows = statement.query(params![
            to_json(&self.ids)?,
            self.account.as_ref().map(AccountId::as_str),
            self.person.as_ref().map(PersonId::as_str),
            self.since.map(Timestamp::as_millis),
            self.until.map(Timestamp::as_millis),
            self.only_take_backs,
        ])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let (kind, content): (String, String) = (row.get(3)?, row.get(4)?);
            let item = match kind.as_str() {
                "call" => from_json(&content).map(ReplayItem::Call).ok(),
                "notice" => {
                    let notice = notice_from_json(&content);
                    notice.map(|it| ReplayItem::Notice(Box::new(it))).ok()
                }
                _ => event_from_json(&content).map(ReplayItem::Event).ok(),
            };
            let mut replayed = Replayed {
                id: row.get(2)?,
                thread: thread_key(row)?,
                kind: item.as_ref().map(ReplayItem::name).unwrap_or_default(),
                at: time(row, 5)?,
                cause: row.get(6)?,
                refusal: None,
            };
            replayed.refusal = match &item {
                None => Some(ReplayRefusal::Unreadable),
                Some(ReplayItem::Notice(_)) => None,
                Some(ReplayItem::Call(call)) => self.objection(call, replayed.cause.as_deref()),
                Some(ReplayItem::Event(_)) if row.get(7)? => Some(ReplayRefusal::Waits),
                Some(ReplayItem::Event(event)) => misleads(connection, &replayed.thread, event)?
                    .then_some(ReplayRefusal::OutdatedOwner),
            };
            found.push(ReplayRow {
                replayed,
                content,
                item,
            });
        }
        Ok(found)
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

    /// Why a call is left as it is.
    pub(in crate::journal) fn objection(
        &self,
        call: &Call,
        cause: Option<&str>,
    ) -> Option<ReplayRefusal> {
        let may_be_a_copy =
            !call.is_idempotent() && cause.is_some_and(|cause| cause.contains(MAY_BE_A_COPY));
        (may_be_a_copy && !self.repeats_messages).then_some(ReplayRefusal::MayHaveBeenDelivered)
    }
}

fn put_back(connection: &Connection, found: &[ReplayRow]) -> rusqlite::Result<()> {
    let last = LAST_SEQUENCE;
    let last: i64 = connection.query_row(last, [], |row| row.get(0))?;
    let ready = found.iter().filter(|it| it.replayed.refusal.is_none());
    for ReplayRow {
        replayed,
        content,
        item,
    } in ready
    {
        match item {
            Some(ReplayItem::Event(event)) => enqueue(connection, replayed, event, content)?,
            Some(ReplayItem::Notice(notice)) => {
                append_notice(connection, notice)?;
                connection.execute("DELETE FROM dead_letter WHERE id = ?1", [replayed.id])?;
            }
            Some(ReplayItem::Call(call)) => {
                append_call(connection, &replayed.thread, call)?;
                connection.execute("DELETE FROM dead_letter WHERE id = ?1", [replayed.id])?;
            }
            None => {}
        }
    }
    // A failed event is a dead letter as well; one of the two is enough. All at once, for each
    // one alone would be looked for in the whole table.
    connection.execute(
        "DELETE FROM dead_letter WHERE kind = 'event' AND (account, person, content) IN
         (SELECT account, person, content FROM event WHERE sequence > ?1)",
        [last],
    )?;
    renew_signals(connection, last)
}

/// Signals after this event are handled however late it is, and their receipts wait again.
fn renew_signals(connection: &Connection, last: i64) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE event SET content = json_remove(content, '$.own.signal.expires_at')
         WHERE sequence > ?1 AND kind = 'signal'",
        [last],
    )?;
    connection.execute(
        "UPDATE receipt SET status = 'waiting', detail = NULL WHERE number IN
         (SELECT json_extract(content, '$.own.signal.receipt') FROM event
          WHERE sequence > ?1 AND kind = 'signal')",
        [last],
    )?;
    Ok(())
}

/// How the cause of a dead letter says that the call may have gone through.
const MAY_BE_A_COPY: &str = "it may have been delivered";

/// Whether the event shows an owner that is out of date: the bot would take it for the current one.
fn misleads(
    connection: &Connection,
    thread: &ThreadKey,
    event: &ThreadEvent,
) -> rusqlite::Result<bool> {
    let shown = match event.platform().map(|received| &received.event.body) {
        Some(EventBody::PassThreadControl(_)) => "bot",
        Some(EventBody::TakeThreadControl(_)) => "other",
        _ => return Ok(false),
    };
    let owner: Option<String> = connection
        .prepare_cached("SELECT owner FROM thread WHERE account = ?1 AND person = ?2")?
        .query_row([thread.account.as_str(), &thread.party.as_text()], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(owner.is_some_and(|owner| owner != shown && owner != "unknown"))
}

fn enqueue(
    connection: &Connection,
    replayed: &Replayed,
    event: &ThreadEvent,
    content: &str,
) -> rusqlite::Result<()> {
    let thread = &replayed.thread;
    // What a person wrote long ago opens no window now.
    let happened_at = event.platform().and_then(|it| it.event.timestamp);
    let received_at = happened_at.map_or(replayed.at, |at| at.min(replayed.at));
    connection
        .prepare_cached(&format!(
            "INSERT INTO event (sequence, account, person, kind, channel, content, received_at)
             VALUES (1 + ({LAST_SEQUENCE}), ?1, ?2, ?3, ?4, ?5, ?6)"
        ))?
        .execute(params![
            thread.account.as_str(),
            thread.party.as_text(),
            replayed.kind,
            event.channel().as_str(),
            content,
            received_at.as_millis()
        ])?;
    Ok(())
}

fn append_call(connection: &Connection, thread: &ThreadKey, call: &Call) -> rusqlite::Result<()> {
    let object: Option<String> = connection
        .prepare_cached(
            "SELECT json_extract(content, '$.object') FROM event
             WHERE account = ?1 AND person = ?2 ORDER BY sequence DESC LIMIT 1",
        )?
        .query_row([thread.account.as_str(), &thread.party.as_text()], |row| {
            row.get(0)
        })
        .optional()?
        .flatten();
    let mut new = QueuedCall::new(call.clone(), object.map_or(Object::Page, Object::from));
    // It goes by the name that an echo of the first attempt would have.
    if let Call::Messages(send) = &*new.call
        && let Some(metadata) = send.message.as_ref().and_then(|it| it.metadata.as_ref())
        && metadata.starts_with(REFERENCE)
    {
        new.reference.clone_from(metadata);
    }
    connection
        .prepare_cached(
            "INSERT INTO call (id, account, person, object, name, control, request, reference, created_at)
             VALUES ((SELECT 1 + coalesce(max(id), 0) FROM call), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            thread.account.as_str(),
            thread.party.as_text(),
            new.object.as_str(),
            new.call.name(),
            ControlEffect::of(&new.call).as_str(),
            to_json(&*new.call)?,
            new.reference,
            clock::now().as_millis()
        ])?;
    Ok(())
}

/// With the age of a new one, and its id as it was.
fn append_notice(connection: &Connection, notice: &Notice) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO call (id, account, person, object, name, control, request, reference, notifier,
                               created_at)
             VALUES ((SELECT 1 + coalesce(max(id), 0) FROM call), ?1, ?2, '', 'notice', 'keeps', ?3, ?4,
                     ?5, ?6)",
        )?
        .execute(params![
            notice.thread.account.as_str(),
            notice.thread.party.as_text(),
            notice_to_json(notice)?,
            notice.id,
            notice.notifier,
            clock::now().as_millis()
        ])?;
    Ok(())
}
