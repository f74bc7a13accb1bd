//! What was settled or given up, put back into a file.

use std::path::Path;

use handover_protocol::{AccountId, PersonId, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::open;
use super::read::{LAST_CALL, LAST_SEQUENCE};
use super::rows::{notice_to_json, thread_key, time, to_json};
use crate::clock;
use crate::graph::Call;
use crate::internal_event::ThreadEvent;
use crate::journal::storage::OpenError;
use crate::journal::storage::replay::{
    FoundRow, Replay, ReplayItem, ReplayRow, ReplaySource, Replayed, queued_again,
};
use crate::notice::Notice;
use crate::ownership::ControlEffect;
use crate::thread::ThreadKey;

impl Replay {
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
        open::create(path)?;
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
            let mut row = self.row(FoundRow {
                id: row.get(2)?,
                thread: thread_key(row)?,
                kind: row.get(3)?,
                content: row.get(4)?,
                at: time(row, 5)?,
                cause: row.get(6)?,
                waits: row.get(7)?,
            });
            if row.shows_owner() {
                let owner = owner_of(connection, &row.replayed.thread)?;
                row.is_owned_by(owner.as_deref());
            }
            found.push(row);
        }
        Ok(found)
    }
}

fn put_back(connection: &Connection, found: &[ReplayRow]) -> rusqlite::Result<()> {
    let last = LAST_SEQUENCE;
    let last: i64 = connection.query_row(last, [], |row| row.get(0))?;
    let ready = found.iter().filter(|it| it.replayed.refusal.is_none());
    for row in ready {
        let ReplayRow { replayed, item, .. } = row;
        match item {
            Some(ReplayItem::Event(event)) => enqueue(connection, row, event)?,
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

/// The owner of the thread, as its row says it.
fn owner_of(connection: &Connection, thread: &ThreadKey) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT owner FROM thread WHERE account = ?1 AND person = ?2")?
        .query_row([thread.account.as_str(), &thread.party.as_text()], |row| {
            row.get(0)
        })
        .optional()
}

fn enqueue(connection: &Connection, row: &ReplayRow, event: &ThreadEvent) -> rusqlite::Result<()> {
    let replayed = &row.replayed;
    let thread = &replayed.thread;
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
            row.content,
            row.received_at().as_millis()
        ])?;
    Ok(())
}

fn append_call(connection: &Connection, thread: &ThreadKey, call: &Call) -> rusqlite::Result<()> {
    let object: Option<String> = connection
        .prepare_cached(
            "SELECT coalesce(json_extract(content, '$.own.object'), json_extract(content, '$.object')) FROM event
             WHERE account = ?1 AND person = ?2 ORDER BY sequence DESC LIMIT 1",
        )?
        .query_row([thread.account.as_str(), &thread.party.as_text()], |row| {
            row.get(0)
        })
        .optional()?
        .flatten();
    let new = queued_again(call, object);
    connection
        .prepare_cached(&format!(
            "INSERT INTO call (id, account, person, object, name, control, request, reference, created_at)
             VALUES (1 + ({LAST_CALL}), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
        ))?
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
        .prepare_cached(&format!(
            "INSERT INTO call (id, account, person, object, name, control, request, reference, notifier,
                               created_at)
             VALUES (1 + ({LAST_CALL}), ?1, ?2, '', 'notice', 'keeps', ?3, ?4, ?5, ?6)"
        ))?
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
