//! The outbox.

use std::sync::Arc;

use rusqlite::params;

use super::super::{CallResult, FinishedCall, NewCall, OutboxCall, ThreadChange};
use super::seen::Key;
use super::store::{Change, Store, from_json, to_json};
use crate::clock;
use crate::mutation::mutation;
use crate::outbox::gives_thread_away;
use crate::thread::{Ownership, ThreadKey};

impl Store {
    pub(super) fn insert_calls(
        &mut self,
        key: &ThreadKey,
        calls: &[NewCall],
        hands_out: bool,
    ) -> rusqlite::Result<Vec<(u64, bool)>> {
        let mut numbered = Vec::with_capacity(calls.len());
        for new in calls {
            let started = hands_out && numbered.is_empty() && !mutation!("forget_started");
            self.last_call += 1;
            let gives_away = gives_thread_away(&new.call);
            self.connection
                .prepare_cached(
                    "INSERT INTO call (id, account, person, object, name, gives_away, request, reference, state, created_at, outcome, quiet)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                )?
                .execute(params![
                    self.last_call,
                    key.account.as_str(),
                    key.person.as_str(),
                    new.object.as_str(),
                    new.call.name(),
                    gives_away,
                    to_json(&*new.call)?,
                    new.reference,
                    if started { "started" } else { "waiting" },
                    clock::now(),
                    new.outcome.cast_signed(),
                    new.quiet
                ])?;
            numbered.push((self.last_call, gives_away));
        }
        Ok(numbered)
    }

    /// Marks calls as handed out.
    pub(super) fn mark_started(&self, calls: &[(u64, ThreadKey)]) -> rusqlite::Result<()> {
        let mut mark = self
            .connection
            .prepare_cached("UPDATE call SET state = 'started' WHERE id = ?1")?;
        for (id, _) in calls.iter().filter(|_| !mutation!("forget_started")) {
            mark.execute([id])?;
        }
        Ok(())
    }

    pub(super) fn finish(&mut self, finished: &FinishedCall) -> rusqlite::Result<()> {
        let key = &finished.thread;
        let id = finished.id;
        if self.schedule.head(key) != Some(id) {
            return Ok(());
        }
        if let Some(owner) = &finished.owner {
            let seen = Ownership::seen(owner.clone(), finished.at, self.last_sequence);
            let change = ThreadChange {
                ownership: Some(seen),
                ..ThreadChange::default()
            };
            self.change_thread(key, &change)?;
        }
        let confirmed = finished.result != CallResult::Sent && self.is_confirmed(id)?;
        self.fresh_calls.remove(&id);
        let wait = match finished.result {
            _ if confirmed => None,
            CallResult::RetryAt(due) => Some((due, 1, false)),
            CallResult::PutOff(due) => Some((due, 0, false)),
            CallResult::Uncertain(due) => Some((due, 1, true)),
            CallResult::Sent | CallResult::Dead(_) => None,
        };
        if let Some((due, attempts, uncertain)) = wait {
            self.connection
                .prepare_cached(
                    "UPDATE call SET state = 'waiting', due = ?2, attempts = attempts + ?3,
                                     uncertain = max(uncertain, ?4)
                     WHERE id = ?1",
                )?
                .execute(params![id, due, attempts, uncertain])?;
            let put_off = match finished.result {
                CallResult::PutOff(_) => Change::PutOffForControl,
                _ => Change::PutOff,
            };
            self.changes.push(put_off(key.clone(), id, due));
            return Ok(());
        }
        if let CallResult::Dead(cause) = &finished.result
            && !confirmed
        {
            let request: String = self.connection.query_row(
                "SELECT request FROM call WHERE id = ?1",
                [id],
                |row| row.get(0),
            )?;
            self.bury(key, "call", &request, cause)?;
            if finished.ends_outcome {
                self.end_outcome(id, cause)?;
            }
        }
        if let Some(echo) = &finished.echo
            && !self.seen.remember(&self.connection, Key::of(echo))?
        {
            // It came before, and may have been taken for what a human said.
            let change = ThreadChange {
                paused_until: Some(None),
                ..ThreadChange::default()
            };
            self.change_thread(key, &change)?;
        }
        self.connection
            .prepare_cached("DELETE FROM call WHERE id = ?1")?
            .execute([id])?;
        let next = self.insert_calls(key, &finished.next, false)?;
        self.changes.push(Change::Finished(key.clone(), next));
        if let Some(event) = &finished.event {
            self.enqueue(key.clone(), event.clone(), to_json(&**event)?, finished.at);
        }
        Ok(())
    }

    /// The calls after this one in the same outcome are not to be sent.
    fn end_outcome(&mut self, id: u64, cause: &str) -> rusqlite::Result<()> {
        let mut end = self.connection.prepare_cached(
            "UPDATE call SET ended = ?2
             WHERE id > ?1 AND outcome <> 0
               AND outcome = (SELECT outcome FROM call WHERE id = ?1)
             RETURNING id",
        )?;
        let ended = end.query_map(params![id, cause], |row| row.get::<_, u64>(0))?;
        for id in ended {
            // Read anew, with the cause.
            self.fresh_calls.remove(&id?);
        }
        Ok(())
    }

    fn is_confirmed(&self, id: u64) -> rusqlite::Result<bool> {
        self.connection
            .prepare_cached("SELECT state = 'confirmed' FROM call WHERE id = ?1")?
            .query_row([id], |row| row.get(0))
    }

    /// Reads calls that were started; if that fails, they wait again.
    pub(super) fn hand_out(
        &mut self,
        started: &[(u64, ThreadKey)],
    ) -> rusqlite::Result<Vec<OutboxCall>> {
        let calls = started.iter().map(|(id, key)| self.read_call(*id, key));
        let read: rusqlite::Result<_> = calls.collect();
        if read.is_err() {
            self.put_back(started);
        }
        read
    }

    pub(super) fn put_back(&mut self, started: &[(u64, ThreadKey)]) {
        for (id, key) in started {
            self.schedule.put_off(key, *id, 0);
        }
    }

    fn read_call(&mut self, id: u64, thread: &ThreadKey) -> rusqlite::Result<OutboxCall> {
        let state = self.state(thread)?;
        if let Some(fresh) = self.fresh_calls.remove(&id) {
            return Ok(OutboxCall {
                id,
                thread: thread.clone(),
                call: fresh.call,
                object: fresh.object,
                reference: fresh.reference,
                attempts: 0,
                uncertain: false,
                echoes: self.echoing.contains(&thread.account),
                quiet: fresh.quiet,
                ended: None,
                state,
            });
        }
        self.connection
            .prepare_cached(
                "SELECT request, object, reference, attempts, uncertain, quiet, ended
                 FROM call WHERE id = ?1",
            )?
            .query_row([id], |row| {
                Ok(OutboxCall {
                    id,
                    thread: thread.clone(),
                    call: Arc::new(from_json(&row.get::<_, String>(0)?)?),
                    object: row.get::<_, String>(1)?.into(),
                    reference: row.get(2)?,
                    attempts: row.get(3)?,
                    uncertain: row.get(4)?,
                    quiet: row.get(5)?,
                    ended: row.get(6)?,
                    echoes: self.echoing.contains(&thread.account),
                    state,
                })
            })
    }
}
