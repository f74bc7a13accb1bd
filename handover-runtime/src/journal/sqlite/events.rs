//! Events that arrive and end.

use std::sync::Arc;

use handover_protocol::Received;
use rusqlite::params;

use super::super::{Appended, ClaimedEvent, Ending, NewEvent, Settlement};
use super::seen::Key;
use super::store::{Change, Store, to_json};
use crate::clock;
use crate::mutation::mutation;
use crate::thread::ThreadKey;

/// An event, and what can be made of it before the writer's turn comes.
pub(super) struct Prepared {
    event: NewEvent,
    /// Its JSON.
    content: String,
    /// By what it is recognised.
    key: Key,
}

impl Prepared {
    pub(super) fn new(event: NewEvent) -> rusqlite::Result<Self> {
        Ok(Self {
            content: to_json(&*event.received)?,
            key: Key::of(&event.dedupe_key),
            event,
        })
    }
}

impl Store {
    pub(super) fn append(&mut self, new: Prepared) -> rusqlite::Result<Appended> {
        let Prepared {
            event,
            content,
            key,
        } = new;
        if !self.seen.remember(&self.connection, key)? {
            return Ok(Appended::Duplicate);
        }
        if mutation!("dedupe_outside_transaction") {
            self.commit_so_far()?;
        }
        match &event.confirms {
            Some(reference) => self.confirm(&event.thread, reference)?,
            None => self.enqueue(event.thread, event.received, content, event.received_at),
        }
        Ok(Appended::Stored)
    }

    pub(super) fn enqueue(
        &mut self,
        thread: ThreadKey,
        received: Arc<Received>,
        content: String,
        received_at: i64,
    ) {
        self.last_sequence += 1;
        let event = ClaimedEvent {
            sequence: self.last_sequence,
            received,
            received_at,
            attempts: 0,
        };
        self.changes.push(Change::Arrived {
            thread,
            event,
            content: Some(content),
        });
    }

    /// Writes the rows of what has arrived and ended since, so that each statement is looked up once
    /// for all of them.
    pub(super) fn write_rows(&mut self) -> rusqlite::Result<()> {
        self.seen.write(&self.connection)?;
        let mut arrive = self.connection.prepare_cached(
            "INSERT INTO event (sequence, account, person, kind, channel, content, received_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        let mut end = self
            .connection
            .prepare_cached("UPDATE event SET settled_at = ?2, outcome = ?3 WHERE sequence = ?1")?;
        let now = clock::now();
        for change in &mut self.changes {
            match change {
                Change::Arrived {
                    thread,
                    event,
                    content,
                } => {
                    let Some(content) = content.take() else {
                        continue;
                    };
                    arrive.execute(params![
                        event.sequence,
                        thread.account.as_str(),
                        thread.person.as_str(),
                        event.received.event.body.kind(),
                        event.received.channel.as_str(),
                        content,
                        event.received_at
                    ])?;
                }
                Change::Settled {
                    sequences, outcome, ..
                } => {
                    let Some(outcome) = outcome.take() else {
                        continue;
                    };
                    for sequence in &*sequences {
                        end.execute(params![sequence, now, outcome])?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The echo of a call has come: whatever was answered, it was made.
    fn confirm(&mut self, key: &ThreadKey, reference: &str) -> rusqlite::Result<()> {
        if self.echoing.insert(key.account.clone()) {
            self.connection.execute(
                "INSERT OR REPLACE INTO fact VALUES ('echoes of ' || ?1, ?2)",
                params![key.account.as_str(), clock::now()],
            )?;
        }
        let Some(id) = self.schedule.head(key) else {
            return Ok(());
        };
        // The schedule may be behind the rows: it follows at the end of the transaction.
        let started = self
            .connection
            .prepare_cached(
                "UPDATE call SET state = 'confirmed'
                 WHERE id = ?1 AND reference = ?2 AND state = 'started'",
            )?
            .execute(params![id, reference])?;
        if started == 1 {
            return Ok(());
        }
        let deleted = self
            .connection
            .prepare_cached(
                "DELETE FROM call WHERE id = ?1 AND reference = ?2 AND state = 'waiting'",
            )?
            .execute(params![id, reference])?;
        if deleted == 1 {
            self.fresh_calls.remove(&id);
            tracing::info!(thread = %key, "the echo of a call has come whose answer was lost");
            self.changes.push(Change::Finished(key.clone(), Vec::new()));
        }
        Ok(())
    }

    pub(super) fn retry(&mut self, sequences: &[u64], at: i64) -> rusqlite::Result<()> {
        for sequence in sequences {
            self.connection
                .prepare_cached(
                    "UPDATE event SET attempts = attempts + 1, due = ?2 WHERE sequence = ?1",
                )?
                .execute(params![sequence, at])?;
            self.fresh.remove(sequence);
        }
        Ok(())
    }

    pub(super) fn end(&mut self, settlement: &Settlement) -> rusqlite::Result<()> {
        let outcome = match &settlement.ending {
            Ending::Superseded => "superseded",
            Ending::Failed(_) => "failed",
            Ending::Handled | Ending::Retry { .. } => "handled",
        };
        if let Ending::Failed(cause) = &settlement.ending {
            for sequence in &settlement.sequences {
                let content: String = self.connection.query_row(
                    "SELECT content FROM event WHERE sequence = ?1",
                    [sequence],
                    |row| row.get(0),
                )?;
                self.bury(&settlement.thread, "event", &content, cause)?;
            }
        }
        self.changes.push(Change::Settled {
            thread: settlement.thread.clone(),
            sequences: settlement.sequences.clone(),
            outcome: Some(outcome),
        });
        Ok(())
    }
}
