//! Events that arrive and end.

use std::sync::Arc;

use handover_protocol::Received;
use rusqlite::params;

use super::super::{Appended, ClaimedEvent, Ending, NewEvent, Settlement};
use super::store::{Change, Store};
use crate::clock;
use crate::mutation::mutation;
use crate::thread::ThreadKey;

impl Store {
    /// Stores an event; `content` is its JSON.
    pub(super) fn append(&mut self, event: &NewEvent, content: &str) -> rusqlite::Result<Appended> {
        if !self.seen.remember(&self.connection, &event.dedupe_key)? {
            return Ok(Appended::Duplicate);
        }
        if mutation!("dedupe_outside_transaction") {
            self.commit_so_far()?;
        }
        match &event.confirms {
            Some(reference) => self.confirm(event, reference)?,
            None => self.enqueue(&event.thread, &event.received, content, event.received_at)?,
        }
        Ok(Appended::Stored)
    }

    pub(super) fn enqueue(
        &mut self,
        key: &ThreadKey,
        received: &Arc<Received>,
        content: &str,
        received_at: i64,
    ) -> rusqlite::Result<()> {
        self.last_sequence += 1;
        self.connection
            .prepare_cached(
                "INSERT INTO event (sequence, account, person, kind, channel, content, received_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                self.last_sequence,
                key.account.as_str(),
                key.person.as_str(),
                received.event.body.kind(),
                received.channel.as_str(),
                content,
                received_at
            ])?;
        let event = ClaimedEvent {
            sequence: self.last_sequence,
            received: received.clone(),
            received_at,
            attempts: 0,
        };
        self.changes.push(Change::Arrived(key.clone(), event));
        Ok(())
    }

    /// The echo of a call has come: whatever was answered, it was made.
    fn confirm(&mut self, event: &NewEvent, reference: &str) -> rusqlite::Result<()> {
        let key = &event.thread;
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
        for sequence in &settlement.sequences {
            self.connection
                .prepare_cached(
                    "UPDATE event SET settled_at = ?2, outcome = ?3 WHERE sequence = ?1",
                )?
                .execute(params![sequence, clock::now(), outcome])?;
            if let Ending::Failed(cause) = &settlement.ending {
                let content: String = self.connection.query_row(
                    "SELECT content FROM event WHERE sequence = ?1",
                    [sequence],
                    |row| row.get(0),
                )?;
                self.bury(&settlement.thread, "event", &content, cause)?;
            }
        }
        let settled = Change::Settled(settlement.thread.clone(), settlement.sequences.clone());
        self.changes.push(settled);
        Ok(())
    }
}
