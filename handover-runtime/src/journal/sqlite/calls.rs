//! The outbox.

use std::sync::Arc;

use rusqlite::params;

use handover_protocol::EventBody;

use super::super::{
    CallResult, ClaimedEvent, FinishedCall, NewCall, OutboxCall, PauseChange, ThreadChange,
    Waiting, key_of, sent_key,
};
use super::seen::Key;
use super::store::{Change, Store, from_json, to_json};
use crate::clock;
use crate::mutation::mutation;
use crate::ownership::Control;
use crate::thread::ThreadKey;

impl Store {
    pub(super) fn insert_calls(
        &mut self,
        key: &ThreadKey,
        calls: &[NewCall],
        hands_out: bool,
        now: i64,
    ) -> rusqlite::Result<Vec<(u64, Control)>> {
        let mut numbered = Vec::with_capacity(calls.len());
        for new in calls {
            let started = hands_out && numbered.is_empty() && !mutation!("forget_started");
            self.last_call += 1;
            let control = Control::of(&new.call);
            self.connection
                .prepare_cached(
                    "INSERT INTO call (id, account, person, object, name, control, reclaims, request, reference,
                                       state, started_at, created_at, outcome, quiet)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
                )?
                .execute(params![
                    self.last_call,
                    key.account.as_str(),
                    key.person.as_str(),
                    new.object.as_str(),
                    new.call.name(),
                    control.as_str(),
                    new.reclaims,
                    to_json(&*new.call)?,
                    new.reference,
                    if started { "started" } else { "waiting" },
                    if started { now } else { 0 },
                    clock::now(),
                    new.outcome.cast_signed(),
                    new.quiet
                ])?;
            numbered.push((self.last_call, control));
        }
        Ok(numbered)
    }

    /// Marks calls as handed out.
    pub(super) fn mark_started(
        &self,
        calls: &[(u64, ThreadKey)],
        now: i64,
    ) -> rusqlite::Result<()> {
        let mut mark = self
            .connection
            .prepare_cached("UPDATE call SET state = 'started', started_at = ?2 WHERE id = ?1")?;
        for (id, _) in calls.iter().filter(|_| !mutation!("forget_started")) {
            mark.execute(params![id, now])?;
        }
        Ok(())
    }

    pub(super) fn finish(&mut self, finished: &FinishedCall) -> rusqlite::Result<()> {
        let key = &finished.thread;
        let id = finished.id;
        if self.schedule.head(key) != Some(id) {
            return Ok(());
        }
        let change = finished.change(self.last_sequence);
        if !change.is_nothing() {
            self.change_thread(key, &change)?;
        }
        let confirmed = finished.result != CallResult::Sent && self.is_confirmed(id)?;
        self.fresh_calls.remove(&id);
        let wait = match finished.result {
            _ if confirmed => None,
            CallResult::RetryAt(due) => Some((due, 1, false)),
            CallResult::PutOff(due) | CallResult::Blocked(due) => Some((due, 0, false)),
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
                CallResult::Blocked(_) => Change::PutOffForControl,
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
        if let Some(echo) = &finished.echo {
            self.remember_sent(key, echo)?;
        }
        self.connection
            .prepare_cached("DELETE FROM call WHERE id = ?1")?
            .execute([id])?;
        let next = self.insert_calls(key, &finished.next, false, finished.at)?;
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

    /// Remembers that the message of this echo was sent. If the echo came before, it may have been
    /// taken for what a human said.
    pub(super) fn remember_sent(&mut self, key: &ThreadKey, echo: &str) -> rusqlite::Result<()> {
        let sent = Key::of(&sent_key(echo));
        self.seen.remember(&self.connection, sent)?;
        if !self.seen.remember(&self.connection, Key::of(echo))? {
            self.echoes_come(&key.account)?;
            let echo = echo.to_owned();
            let change = ThreadChange::of_pause(PauseChange::WasOwn { echo });
            self.change_thread(key, &change)?;
        }
        Ok(())
    }

    /// Whether the echo with this dedupe key is of a message that was sent.
    pub(super) fn was_sent(&self, echo: &str) -> rusqlite::Result<bool> {
        self.seen
            .contains(&self.connection, Key::of(&sent_key(echo)))
    }

    /// What waits in a thread, if it may tell that somebody else speaks now.
    fn waiting(&self, thread: &ThreadKey) -> rusqlite::Result<Vec<Waiting>> {
        let mut waiting = Vec::new();
        for sequence in self.schedule.silencing(thread) {
            let ClaimedEvent {
                received,
                received_at,
                ..
            } = self.event(sequence)?;
            let is_own = matches!(received.event.body, EventBody::Echo(_))
                && self.was_sent(&key_of(&received))?;
            if !is_own {
                waiting.push(Waiting {
                    sequence,
                    received,
                    received_at,
                });
            }
        }
        Ok(waiting)
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
        let waiting = self.waiting(thread)?;
        if let Some(fresh) = self.fresh_calls.remove(&id) {
            return Ok(OutboxCall {
                id,
                thread: thread.clone(),
                call: fresh.call,
                object: fresh.object,
                reference: fresh.reference,
                reclaims: fresh.reclaims,
                attempts: 0,
                uncertain: false,
                echoes: self.echoing.contains(&thread.account),
                quiet: fresh.quiet,
                ended: None,
                state,
                waiting,
            });
        }
        self.connection
            .prepare_cached(
                "SELECT request, object, reference, attempts, uncertain, quiet, ended, reclaims
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
                    reclaims: row.get(7)?,
                    echoes: self.echoing.contains(&thread.account),
                    state,
                    waiting,
                })
            })
    }
}
