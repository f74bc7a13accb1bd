//! What happens in the journal, as it happens.

use std::collections::BTreeMap;
use std::time::Duration;

use rusqlite::{Connection, params};
use serde_json::{Value, json};

use crate::said;
use crate::terminal::{BAD, DIM, GOOD, NAME, excerpt, paint, say, say_json};

/// How often the file is looked at. A look that finds nothing new reads one page.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Goes after the journal of a bot at work.
pub(super) struct Follower<'file> {
    file: &'file Connection,
    person: Option<&'file str>,
    json: bool,
    version: i64,
    last_event: u64,
    last_letter: u64,
    /// What is not settled yet, by number, with its kind and thread.
    open_events: BTreeMap<u64, (String, String)>,
    open_calls: BTreeMap<u64, (String, String)>,
}

impl<'file> Follower<'file> {
    pub(super) fn new(
        file: &'file Connection,
        person: Option<&'file str>,
        json: bool,
    ) -> rusqlite::Result<Self> {
        let number = |sql: &str| file.query_row(sql, [], |row| row.get(0));
        let mut follower = Self {
            last_event: number("SELECT coalesce(max(sequence), 0) FROM event")?,
            last_letter: number("SELECT coalesce(max(id), 0) FROM dead_letter")?,
            version: -1,
            open_events: BTreeMap::new(),
            open_calls: BTreeMap::new(),
            file,
            person,
            json,
        };
        follower.open_events = follower.waiting_events()?;
        follower.open_calls = follower.calls()?;
        Ok(follower)
    }

    /// Ends with an error only.
    pub(super) async fn run(&mut self) -> rusqlite::Error {
        loop {
            if let Err(error) = self.look() {
                return error;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    fn look(&mut self) -> rusqlite::Result<()> {
        let version = self
            .file
            .pragma_query_value(None, "data_version", |row| row.get(0))?;
        if version == self.version {
            return Ok(());
        }
        self.version = version;
        // One state of the file for all the questions.
        let moment = self.file.unchecked_transaction()?;
        self.new_events()?;
        self.settled_events()?;
        self.changed_calls()?;
        self.new_letters()?;
        moment.commit()
    }

    fn new_events(&mut self) -> rusqlite::Result<()> {
        let mut new = self.file.prepare_cached(
            "SELECT sequence, account || '/' || person, kind, content FROM event
             WHERE sequence > ?1 AND (?2 IS NULL OR person = ?2) ORDER BY sequence",
        )?;
        let mut rows = new.query(params![self.last_event, self.person])?;
        let mut came = Vec::new();
        while let Some(row) = rows.next()? {
            let (id, thread, kind, content): (u64, String, String, String) =
                (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            came.push((id, thread, kind, content));
        }
        drop(rows);
        drop(new);
        for (id, thread, kind, content) in came {
            self.tell("event", id, &thread, &kind, "arrived", &content);
            self.last_event = id;
            self.open_events.insert(id, (thread, kind));
        }
        Ok(())
    }

    fn settled_events(&mut self) -> rusqlite::Result<()> {
        let mut settled = Vec::new();
        for id in self.open_events.keys() {
            let outcome: Option<String> = self
                .file
                .prepare_cached("SELECT outcome FROM event WHERE sequence = ?1")?
                .query_row([id], |row| row.get(0))?;
            settled.extend(outcome.map(|outcome| (*id, outcome)));
        }
        for (id, outcome) in settled {
            if let Some((thread, kind)) = self.open_events.remove(&id) {
                self.tell("event", id, &thread, &kind, &outcome, "");
            }
        }
        Ok(())
    }

    fn waiting_events(&self) -> rusqlite::Result<BTreeMap<u64, (String, String)>> {
        let mut waiting = self.file.prepare_cached(
            "SELECT sequence, account || '/' || person, kind FROM event
             WHERE sequence >= (SELECT value FROM fact WHERE name = 'settled_before')
               AND settled_at IS NULL AND (?1 IS NULL OR person = ?1)",
        )?;
        let rows = waiting.query_map([self.person], |row| {
            Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))
        })?;
        rows.collect()
    }

    fn calls(&self) -> rusqlite::Result<BTreeMap<u64, (String, String)>> {
        let mut calls = self.file.prepare_cached(
            "SELECT id, account || '/' || person, name FROM call WHERE ?1 IS NULL OR person = ?1",
        )?;
        let rows = calls.query_map([self.person], |row| {
            Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))
        })?;
        rows.collect()
    }

    fn changed_calls(&mut self) -> rusqlite::Result<()> {
        let now = self.calls()?;
        for (id, (thread, name)) in &now {
            if !self.open_calls.contains_key(id) {
                self.tell("call", *id, thread, name, "queued", "");
            }
        }
        for (id, (thread, name)) in &self.open_calls {
            if !now.contains_key(id) {
                self.tell("call", *id, thread, name, "finished", "");
            }
        }
        self.open_calls = now;
        Ok(())
    }

    fn new_letters(&mut self) -> rusqlite::Result<()> {
        let mut new = self.file.prepare_cached(
            "SELECT id, account || '/' || person, kind, cause FROM dead_letter
             WHERE id > ?1 AND (?2 IS NULL OR person = ?2) ORDER BY id",
        )?;
        let mut rows = new.query(params![self.last_letter, self.person])?;
        let mut last = self.last_letter;
        while let Some(row) = rows.next()? {
            let (thread, kind, cause): (String, String, String) =
                (row.get(1)?, row.get(2)?, row.get(3)?);
            last = row.get(0)?;
            self.tell("dead letter", last, &thread, &kind, "given up", &cause);
        }
        self.last_letter = last;
        Ok(())
    }

    fn tell(&self, what: &str, id: u64, thread: &str, kind: &str, became: &str, detail: &str) {
        if self.json {
            let detail: Value = serde_json::from_str(detail).unwrap_or_else(|_| json!(detail));
            say_json(&json!({
                "what": what, "id": id, "thread": thread, "kind": kind, "became": became, "detail": detail,
            }));
            return;
        }
        let style = match became {
            "handled" | "finished" => GOOD,
            "failed" | "given up" => BAD,
            _ => DIM,
        };
        say(format_args!(
            "{} {what} {id} {} {}  {}",
            paint(DIM, thread),
            paint(NAME, kind),
            paint(style, became),
            paint(DIM, excerpt(&said::of_stored(detail), 100))
        ));
    }
}
