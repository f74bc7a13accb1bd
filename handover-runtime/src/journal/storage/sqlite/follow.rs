//! What happens in a journal file, as it happens.

use std::collections::BTreeMap;

use rusqlite::{Row, params};
use serde::Serialize;

use super::inspect::{Inspector, WAITS};
use super::open::OpenError;

/// Follows a journal file that a bot has open.
#[derive(Debug)]
pub struct Follower {
    inspector: Inspector,
    person: Option<String>,
    version: i64,
    last_event: u64,
    last_dead_letter: u64,
    /// Events that are not settled and calls that are not sent, each with thread and kind.
    events: BTreeMap<u64, (String, String)>,
    calls: BTreeMap<u64, (String, String)>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct JournalChange {
    /// `event`, `call` or `dead dead_letter`.
    pub what: &'static str,
    /// Its number.
    pub id: u64,
    /// Its thread.
    pub thread: String,
    /// The kind of event, or the name of the call.
    pub kind: String,
    /// Its new status, such as `arrived`, `handled`, `queued` or `finished`.
    pub became: String,
    /// The content of an event that arrived, as JSON, or the cause of a dead letter.
    pub detail: String,
}

impl Inspector {
    /// Follows the file from now on.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn follow(self, person: Option<String>) -> Result<Follower, OpenError> {
        let number = |sql: &str| {
            let number = self.connection.query_row(sql, [], |row| row.get(0));
            self.sqlite(number)
        };
        let last_event = number("SELECT coalesce(max(sequence), 0) FROM event")?;
        let last_dead_letter = number("SELECT coalesce(max(id), 0) FROM dead_letter")?;
        let mut follower = Follower {
            inspector: self,
            person,
            version: -1,
            last_event,
            last_dead_letter,
            events: BTreeMap::new(),
            calls: BTreeMap::new(),
        };
        let waiting = follower.waiting_events();
        follower.events = follower.inspector.sqlite(waiting)?;
        let calls = follower.waiting_calls();
        follower.calls = follower.inspector.sqlite(calls)?;
        Ok(follower)
    }
}

impl Follower {
    /// What has happened since it was asked last. If nothing has, that reads one page.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn changes(&mut self) -> Result<Vec<JournalChange>, OpenError> {
        let changes = self.read_changes();
        self.inspector.sqlite(changes)
    }

    fn read_changes(&mut self) -> rusqlite::Result<Vec<JournalChange>> {
        let connection = &self.inspector.connection;
        let version = connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
        let mut changes = Vec::new();
        if version == self.version {
            return Ok(changes);
        }
        self.version = version;
        // One state of the file for all the questions.
        connection.execute_batch("BEGIN")?;
        let read = self.read(&mut changes);
        self.inspector.connection.execute_batch("COMMIT")?;
        read.map(|()| changes)
    }

    fn read(&mut self, changes: &mut Vec<JournalChange>) -> rusqlite::Result<()> {
        for event in self.new_events()? {
            self.last_event = event.id;
            let of = (event.thread.clone(), event.kind.clone());
            self.events.insert(event.id, of);
            changes.push(event);
        }
        changes.extend(self.settled_events()?);
        changes.extend(self.changed_calls()?);
        for dead_letter in self.new_dead_letters()? {
            self.last_dead_letter = dead_letter.id;
            changes.push(dead_letter);
        }
        Ok(())
    }

    fn new_events(&self) -> rusqlite::Result<Vec<JournalChange>> {
        let mut new = self.inspector.connection.prepare_cached(
            "SELECT sequence, account || '/' || person, kind, content FROM event
             WHERE sequence > ?1 AND (?2 IS NULL OR person = ?2) ORDER BY sequence",
        )?;
        let new = new.query_map(params![self.last_event, self.person], |row| {
            happened(row, "event", "arrived")
        })?;
        new.collect()
    }

    fn settled_events(&mut self) -> rusqlite::Result<Vec<JournalChange>> {
        let mut settled = Vec::new();
        for (id, (thread, kind)) in &self.events {
            let outcome: Option<String> = self
                .inspector
                .connection
                .prepare_cached("SELECT outcome FROM event WHERE sequence = ?1")?
                .query_row([id], |row| row.get(0))?;
            settled.extend(outcome.map(|outcome| JournalChange {
                what: "event",
                id: *id,
                thread: thread.clone(),
                kind: kind.clone(),
                became: outcome,
                detail: String::new(),
            }));
        }
        for event in &settled {
            self.events.remove(&event.id);
        }
        Ok(settled)
    }

    fn waiting_events(&self) -> rusqlite::Result<BTreeMap<u64, (String, String)>> {
        let mut waiting = self.inspector.connection.prepare_cached(&format!(
            "SELECT sequence, account || '/' || person, kind FROM event
             WHERE {WAITS} AND (?1 IS NULL OR person = ?1)"
        ))?;
        let rows = waiting.query_map([&self.person], named)?;
        rows.collect()
    }

    fn waiting_calls(&self) -> rusqlite::Result<BTreeMap<u64, (String, String)>> {
        let mut calls = self.inspector.connection.prepare_cached(
            "SELECT id, account || '/' || person, name FROM call WHERE ?1 IS NULL OR person = ?1",
        )?;
        let rows = calls.query_map([&self.person], named)?;
        rows.collect()
    }

    fn changed_calls(&mut self) -> rusqlite::Result<Vec<JournalChange>> {
        let now = self.waiting_calls()?;
        let before = std::mem::replace(&mut self.calls, now.clone());
        let call = |id: u64, (thread, kind): (String, String), became: &str| JournalChange {
            what: "call",
            id,
            thread,
            kind,
            became: became.to_owned(),
            detail: String::new(),
        };
        let gone = before
            .clone()
            .into_iter()
            .filter(|(id, _)| !now.contains_key(id));
        let gone = gone.map(|(id, of)| call(id, of, "finished"));
        let new = now
            .clone()
            .into_iter()
            .filter(|(id, _)| !before.contains_key(id));
        Ok(new
            .map(|(id, of)| call(id, of, "queued"))
            .chain(gone)
            .collect())
    }

    fn new_dead_letters(&self) -> rusqlite::Result<Vec<JournalChange>> {
        let mut new = self.inspector.connection.prepare_cached(
            "SELECT id, account || '/' || person, kind, cause FROM dead_letter
             WHERE id > ?1 AND (?2 IS NULL OR person = ?2) ORDER BY id",
        )?;
        let new = new.query_map(params![self.last_dead_letter, self.person], |row| {
            happened(row, "dead letter", "given up")
        })?;
        new.collect()
    }
}

fn happened(row: &Row<'_>, what: &'static str, became: &str) -> rusqlite::Result<JournalChange> {
    Ok(JournalChange {
        what,
        id: row.get(0)?,
        thread: row.get(1)?,
        kind: row.get(2)?,
        became: became.to_owned(),
        detail: row.get(3)?,
    })
}

fn named(row: &Row<'_>) -> rusqlite::Result<(u64, (String, String))> {
    Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))
}
