//! What the bot has left in its file.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use crate::Result;
use crate::memory::Memory;
use crate::process::DATABASE;
use crate::world::thread_of;

/// By thread, where nothing else is said. People who are to be forgotten are left out: their ids begin
/// with 2.
pub(crate) struct Database {
    pub(crate) integrity: String,
    pub(crate) is_clean: bool,
    /// In the order received, but for [`failed_handoffs`](Self::failed_handoffs).
    pub(crate) events: BTreeMap<usize, Vec<EventRow>>,
    /// Why handoffs failed. The bot has no handler for these events, so no session has them.
    pub(crate) failed_handoffs: BTreeMap<usize, Vec<String>>,
    pub(crate) sessions: BTreeMap<usize, Memory>,
    /// In order.
    pub(crate) calls: BTreeMap<usize, Vec<String>>,
    pub(crate) timers: BTreeMap<usize, usize>,
    pub(crate) dead_letters: Vec<DeadLetter>,
    /// What receipts of signals and messages say, by id.
    pub(crate) receipts: BTreeMap<String, String>,
}

pub(crate) struct EventRow {
    /// What the harness calls it; empty for a timer.
    pub(crate) id: String,
    pub(crate) is_settled: bool,
}

pub(crate) struct DeadLetter {
    pub(crate) thread: usize,
    pub(crate) kind: String,
    /// Of the event, or of the call as in [`Accepted`](crate::world::Accepted).
    pub(crate) id: String,
    pub(crate) cause: String,
    pub(crate) at: i64,
}

/// How much is not done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) events: usize,
    pub(crate) calls: usize,
    pub(crate) timers: usize,
}

impl Waiting {
    /// Of a bot that is at work.
    pub(crate) fn of(directory: &Path) -> Result<Self> {
        let database = directory.join(DATABASE);
        let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let count = |sql: &str| connection.query_row(sql, [], |row| row.get(0));
        Ok(Self {
            events: count("SELECT count(*) FROM event WHERE settled_at IS NULL")?,
            calls: count("SELECT count(*) FROM call")?,
            timers: count("SELECT count(*) FROM timer")?,
        })
    }
}

impl Database {
    /// Reads a copy, for to read the file itself would be to repair it.
    pub(crate) fn read(directory: &Path) -> Result<Self> {
        let copy = directory.join("copy");
        std::fs::create_dir_all(&copy)?;
        for name in [DATABASE.to_owned(), format!("{DATABASE}-wal")] {
            let from = directory.join(&name);
            if from.exists() {
                std::fs::copy(from, copy.join(&name))?;
            }
        }
        let database = Self::read_from(&Connection::open(copy.join(DATABASE))?);
        std::fs::remove_dir_all(&copy)?;
        database
    }

    fn read_from(connection: &Connection) -> Result<Self> {
        let integrity = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
        let is_clean =
            connection.query_row("SELECT value FROM meta WHERE name = 'clean'", [], |row| {
                row.get(0)
            })?;
        let mut database = Self {
            integrity,
            is_clean,
            events: BTreeMap::new(),
            failed_handoffs: BTreeMap::new(),
            sessions: BTreeMap::new(),
            calls: BTreeMap::new(),
            timers: BTreeMap::new(),
            dead_letters: Vec::new(),
            receipts: BTreeMap::new(),
        };
        let mut rows = connection.prepare(
            "SELECT person, content, settled_at IS NOT NULL FROM event
             WHERE person < '2' ORDER BY sequence",
        )?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let at = thread(row.get_ref(0)?.as_str()?)?;
            let content: Value = serde_json::from_str(row.get_ref(1)?.as_str()?)?;
            if let Some(failed) = content.pointer("/own/handoff_failed") {
                let reason = find(failed, "reason").unwrap_or_default().to_owned();
                database.failed_handoffs.entry(at).or_default().push(reason);
                continue;
            }
            let event = EventRow {
                id: id_in(&content),
                is_settled: row.get(2)?,
            };
            database.events.entry(at).or_default().push(event);
        }
        let mut rows = connection.prepare(
            "SELECT person, session FROM thread WHERE session IS NOT NULL AND person < '2'",
        )?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let session: String = row.get(1)?;
            let memory = serde_json::from_str(&session)?;
            database
                .sessions
                .insert(thread(row.get_ref(0)?.as_str()?)?, memory);
        }
        let mut rows = connection
            .prepare("SELECT person, request FROM call WHERE person < '2' ORDER BY id")?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let request: String = row.get(1)?;
            let calls = database
                .calls
                .entry(thread(row.get_ref(0)?.as_str()?)?)
                .or_default();
            calls.push(call_in(&request)?);
        }
        let mut rows = connection.prepare("SELECT person FROM timer WHERE person < '2'")?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            *database
                .timers
                .entry(thread(row.get_ref(0)?.as_str()?)?)
                .or_default() += 1;
        }
        let mut rows = connection.prepare(
            "SELECT person, kind, content, cause, at FROM dead_letter
                      WHERE person < '2' ORDER BY id",
        )?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let (kind, content): (String, String) = (row.get(1)?, row.get(2)?);
            let id = match kind.as_str() {
                "call" => call_in(&content)?,
                _ => id_in(&serde_json::from_str(&content)?),
            };
            database.dead_letters.push(DeadLetter {
                thread: thread(row.get_ref(0)?.as_str()?)?,
                kind,
                id,
                cause: row.get(3)?,
                at: row.get(4)?,
            });
        }
        let mut rows = connection.prepare("SELECT id, status FROM receipt WHERE person < '2'")?;
        let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        database.receipts = rows.collect::<rusqlite::Result<_>>()?;
        Ok(database)
    }

    pub(crate) fn waiting(&self) -> Waiting {
        let events = self.events.values().flatten();
        Waiting {
            events: events.filter(|event| !event.is_settled).count(),
            calls: self.calls.values().map(Vec::len).sum(),
            timers: self.timers.values().sum(),
        }
    }

    /// Every event of the platform that is there.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        let events = self.events.values().flatten();
        events.map(|event| event.id.as_str())
    }
}

pub(crate) fn thread(person: &str) -> Result<usize> {
    thread_of(person).ok_or_else(|| format!("person {person:?} is nobody of this run").into())
}

/// The id of a signal, the `mid` of a message or the metadata of a pass, wherever the event holds it.
pub(crate) fn id_in(content: &Value) -> String {
    let signal = content.pointer("/own/signal/id").and_then(Value::as_str);
    let mid = || find(content, "mid").or_else(|| find(content, "metadata"));
    let found = signal.or_else(mid);
    found.unwrap_or_default().to_owned()
}

pub(crate) fn call_in(request: &str) -> Result<String> {
    let request: Value = serde_json::from_str(request)?;
    let text = find(&request, "text").map(str::to_owned);
    let passed = || Some(format!("pass {}", find(&request, "metadata")?));
    Ok(text.or_else(passed).unwrap_or_default())
}

pub(crate) fn find<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    match value {
        Value::Object(fields) => {
            let here = fields.get(key).and_then(Value::as_str);
            here.or_else(|| fields.values().find_map(|field| find(field, key)))
        }
        Value::Array(items) => items.iter().find_map(|item| find(item, key)),
        _ => None,
    }
}
