//! Timers: one that runs out becomes an event.

use std::sync::Arc;

use handover_protocol::AccountId;
use rusqlite::{OptionalExtension, params};

use super::super::TimerChange;
use super::store::{Change, Store, from_json, thread_key, to_json};
use crate::mutation::mutation;
use crate::thread::ThreadKey;

impl Store {
    pub(super) fn run_timers(&mut self, now: i64) -> rusqlite::Result<()> {
        while self.next_timer.is_some_and(|due| due <= now) {
            let next: Option<(ThreadKey, String, i64, String)> = self
                .connection
                .prepare_cached(
                    "SELECT account, person, name, due, event FROM timer
                     WHERE due <= ?1 ORDER BY due LIMIT 1",
                )?
                .query_row([now], |row| {
                    Ok((thread_key(row)?, row.get(2)?, row.get(3)?, row.get(4)?))
                })
                .optional()?;
            if let Some((key, name, due, event)) = next {
                self.delete_timer(&key, &name)?;
                if mutation!("timer_outside_transaction") {
                    self.commit_so_far()?;
                }
                self.enqueue(key, Arc::new(from_json(&event)?), event, due);
            }
            self.next_timer = self.read_next_timer()?;
        }
        Ok(())
    }

    pub(super) fn set_timer(
        &mut self,
        key: &ThreadKey,
        TimerChange { name, set }: &TimerChange,
    ) -> rusqlite::Result<()> {
        match set {
            Some((due, event)) => {
                self.connection
                    .prepare_cached(
                        "INSERT INTO timer (account, person, name, due, event)
                         VALUES (?1, ?2, ?3, ?4, ?5)
                         ON CONFLICT DO UPDATE SET due = excluded.due, event = excluded.event",
                    )?
                    .execute(params![
                        key.account.as_str(),
                        key.person.as_str(),
                        name,
                        due,
                        to_json(&**event)?
                    ])?;
                self.next_timer = Some(self.next_timer.map_or(*due, |next| next.min(*due)));
            }
            None if self.next_timer.is_none() => {}
            // Too early a time to look at the timers does no harm.
            None => {
                self.delete_timer(key, name)?;
            }
        }
        Ok(())
    }

    /// Lets the timers of an account run out now, and all else of it that waits for a time.
    pub(super) fn make_due(&mut self, account: &AccountId, now: i64) -> rusqlite::Result<()> {
        let timers = self
            .connection
            .prepare_cached("UPDATE timer SET due = ?2 WHERE account = ?1 AND due > ?2")?
            .execute(params![account.as_str(), now])?;
        if timers > 0 {
            self.next_timer = Some(now);
        }
        self.changes.push(Change::MadeDue(account.clone()));
        Ok(())
    }

    fn delete_timer(&self, key: &ThreadKey, name: &str) -> rusqlite::Result<usize> {
        self.connection
            .prepare_cached("DELETE FROM timer WHERE account = ?1 AND person = ?2 AND name = ?3")?
            .execute(params![key.account.as_str(), key.person.as_str(), name])
    }

    pub(super) fn read_next_timer(&self) -> rusqlite::Result<Option<i64>> {
        let mut next = self
            .connection
            .prepare_cached("SELECT min(due) FROM timer")?;
        next.query_row([], |row| row.get(0))
    }
}
