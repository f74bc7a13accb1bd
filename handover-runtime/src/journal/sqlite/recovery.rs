//! What the last process left.

use foldhash::{HashMap, HashSet};
use handover_protocol::AccountId;

use super::store::{Store, thread_key};
use crate::clock;
use crate::outbox::ECHO_PAUSE_MS;
use crate::ownership::Control;

impl Store {
    /// What the last process left: calls that it had begun may have gone through, and times that it
    /// had set count from its clock, which may have been ahead of this one.
    pub(super) fn recover(&mut self) -> rusqlite::Result<()> {
        self.turn_times_back()?;
        // Only messages have echoes, and nobody has heard them meanwhile. A handoff is made again
        // before anybody can hand the thread back.
        let wait = clock::now() + ECHO_PAUSE_MS;
        self.connection.execute(
            "UPDATE call SET state = 'waiting', uncertain = 1,
                             due = CASE name WHEN 'messages' THEN ?1 ELSE 0 END
             WHERE state = 'started' OR (state = 'waiting' AND uncertain = 1)",
            [wait],
        )?;
        crate::failpoint::failpoint!("journal.recovering");
        self.connection
            .execute("DELETE FROM call WHERE state = 'confirmed'", [])?;
        self.read_waiting()
    }

    fn turn_times_back(&self) -> rusqlite::Result<()> {
        let latest: i64 = self.connection.query_row(
            "SELECT max(coalesce((SELECT received_at FROM event ORDER BY sequence DESC LIMIT 1), 0),
                        coalesce((SELECT max(created_at) FROM call), 0))",
            [],
            |row| row.get(0),
        )?;
        let ahead = latest - clock::now();
        if ahead > 1000 {
            tracing::warn!(
                seconds = ahead / 1000,
                "the clock has gone back since the journal was last written; its timers follow"
            );
            for table in ["event", "call", "timer"] {
                let update = format!("UPDATE {table} SET due = due - ?1 WHERE due > ?1");
                self.connection.execute(&update, [ahead])?;
            }
        }
        Ok(())
    }

    pub(super) fn read_waiting(&mut self) -> rusqlite::Result<()> {
        let number = |sql: &str| {
            self.connection
                .query_row(sql, [], |row| row.get::<_, u64>(0))
        };
        self.last_sequence = number("SELECT coalesce(max(sequence), 0) FROM event")?;
        // After opening anew, somebody may still hold the number of a call that is gone.
        let last_call = number("SELECT coalesce(max(id), 0) FROM call")?;
        self.last_call = self.last_call.max(last_call);
        self.buried = self
            .connection
            .query_row("SELECT count(*) FROM dead_letter", [], |row| row.get(0))?;
        self.echoing = self.read_echoing()?;
        self.read_waiting_events()?;
        self.read_waiting_calls()?;
        self.next_timer = self.read_next_timer()?;
        Ok(())
    }

    fn read_waiting_events(&mut self) -> rusqlite::Result<()> {
        let now = clock::now();
        let mut events = self.connection.prepare(
            "SELECT account, person, sequence, due, kind IN ('echo', 'take_thread_control') FROM event
             WHERE sequence >= (SELECT value FROM fact WHERE name = 'settled_before')
               AND settled_at IS NULL ORDER BY sequence",
        )?;
        let mut rows = events.query([])?;
        let mut rest = HashMap::default();
        while let Some(row) = rows.next()? {
            let key = thread_key(row)?;
            self.schedule.add_event(&key, row.get(2)?, row.get(4)?);
            let due: i64 = row.get(3)?;
            if due > now {
                rest.insert(key, due);
            }
        }
        for (key, until) in rest {
            self.schedule.rest(&key, until);
        }
        Ok(())
    }

    fn read_waiting_calls(&mut self) -> rusqlite::Result<()> {
        let mut calls = self
            .connection
            .prepare("SELECT account, person, id, control, due FROM call ORDER BY id")?;
        let mut rows = calls.query([])?;
        while let Some(row) = rows.next()? {
            let key = thread_key(row)?;
            let id = row.get(2)?;
            let control = Control::from_name(&row.get::<_, String>(3)?);
            self.schedule.add_calls(&key, &[(id, control)], false);
            self.schedule.delay(&key, id, row.get(4)?);
        }
        Ok(())
    }

    fn read_echoing(&self) -> rusqlite::Result<HashSet<AccountId>> {
        let mut facts = self.connection.prepare(
            "SELECT substr(name, length('echoes of ') + 1) FROM fact WHERE name LIKE 'echoes of %'",
        )?;
        let accounts = facts.query_map([], |row| Ok(row.get::<_, String>(0)?.into()))?;
        accounts.collect()
    }
}
