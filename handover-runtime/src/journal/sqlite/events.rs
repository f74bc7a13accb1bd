//! Events that arrive and end.

use std::sync::Arc;

use handover_protocol::{AccountId, EventBody, Received};
use rusqlite::{OptionalExtension, params};

use super::super::{Appended, ClaimedEvent, Ending, NewCall, NewEvent, Settlement};
use super::seen::Key;
use super::store::{Change, Store, from_json, to_json};
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
        let is_echo = matches!(event.received.event.body, EventBody::Echo(_));
        let is_own = event.confirms.is_some() || (is_echo && self.was_sent(&event.dedupe_key)?);
        if is_own {
            self.echoes_come(&event.thread.account)?;
        }
        let is_new_elsewhere = match &event.also_known_as {
            Some(other) => self.seen.remember(&self.connection, Key::of(other))?,
            None => true,
        };
        if !self.seen.remember(&self.connection, key)? || !is_new_elsewhere {
            return Ok(Appended::Duplicate);
        }
        if mutation!("dedupe_outside_transaction") {
            self.commit_so_far()?;
        }
        if !self.confirm(&event)? && !is_own {
            self.enqueue(event.thread, event.received, content, event.received_at);
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

    /// Notes that echoes of what the bot sends come on this account.
    pub(super) fn echoes_come(&mut self, account: &AccountId) -> rusqlite::Result<()> {
        if self.echoing.insert(account.clone()) {
            self.connection.execute(
                "INSERT OR REPLACE INTO fact VALUES ('echoes of ' || ?1, ?2)",
                params![account.as_str(), clock::now()],
            )?;
        }
        Ok(())
    }

    /// Whether it is the echo of a call: whatever was answered, that was made.
    fn confirm(&mut self, event: &NewEvent) -> rusqlite::Result<bool> {
        let key = &event.thread;
        let is_echo =
            event.confirms.is_some() || matches!(event.received.event.body, EventBody::Echo(_));
        let Some(id) = self.schedule.head(key).filter(|_| is_echo) else {
            return Ok(false);
        };
        // The schedule may be behind the rows: it follows at the end of the transaction.
        let call = self
            .connection
            .prepare_cached(
                "SELECT request, object, reference, state, uncertain, started_at
                 FROM call WHERE id = ?1 AND state <> 'confirmed'",
            )?
            .query_row([id], |row| {
                let (state, uncertain): (String, bool) = (row.get(3)?, row.get(4)?);
                let new = NewCall {
                    call: Arc::new(from_json(&row.get::<_, String>(0)?)?),
                    object: row.get::<_, String>(1)?.into(),
                    reference: row.get(2)?,
                    outcome: 0,
                    quiet: false,
                    reclaims: None,
                };
                let started = state == "started";
                let sent_at: i64 = row.get(5)?;
                Ok((new, started, (started || uncertain).then_some(sent_at)))
            })
            .optional()?;
        let Some((new, started, sent_at)) = call else {
            return Ok(false);
        };
        if !new.has_echo(event, sent_at) {
            return Ok(false);
        }
        self.echoes_come(&key.account)?;
        if started {
            self.connection
                .prepare_cached("UPDATE call SET state = 'confirmed' WHERE id = ?1")?
                .execute([id])?;
            return Ok(true);
        }
        self.connection
            .prepare_cached("DELETE FROM call WHERE id = ?1")?
            .execute([id])?;
        self.fresh_calls.remove(&id);
        tracing::info!(thread = %key, "the echo of a call has come whose answer was lost");
        self.changes.push(Change::Finished(key.clone(), Vec::new()));
        Ok(true)
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
