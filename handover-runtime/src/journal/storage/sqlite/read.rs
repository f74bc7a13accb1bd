//! Reading what waits, and what the rules do not hold.

use std::sync::Arc;

use handover_protocol::{AccountId, EventBody, Received, Timestamp};
use rusqlite::{OptionalExtension, ToSql, params};

use super::Sqlite;
use super::dedupe::DedupeTables;
use super::rows::{
    event_from_json, from_json, notice_from_json, optional_duration, optional_time, receipt_status,
    reclaim_timer, thread_key, time, turn,
};
use crate::internal_event::ThreadEvent;
use crate::journal::rules::{
    DedupeKey, JournalSnapshot, LoadedCall, LoadedEvent, LoadedNotice, ReadRequest, ReadResult,
    Silences, StoredTimer, StoredTimers, may_silence,
};
use crate::journal::storage::columns::owner_of;
use crate::journal::{
    AwayPeriod, ClaimedEvent, DeadLetter, DeadLetterContent, QueuedCall, StoredReceipt, Terms,
    ThreadHistory, ThreadPause, ThreadState, key_of,
};
use crate::ownership::ControlEffect;
use crate::thread::{KnownOwner, ThreadKey};

/// The number of the newest event, also if that was forgotten.
pub(super) const LAST_SEQUENCE: &str = "SELECT max(coalesce((SELECT max(sequence) FROM event), 0),
    coalesce((SELECT value FROM meta WHERE name = 'last_sequence'), 0))";

/// The number of the newest call, or the highest that a pause spares: calls that are done are deleted.
pub(super) const LAST_CALL: &str = "SELECT max(coalesce((SELECT max(id) FROM call), 0),
    coalesce((SELECT value FROM meta WHERE name = 'last_call'), 0))";

/// The number of the newest receipt, also if that was deleted.
const LAST_RECEIPT: &str =
    "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'receipt'), 0)";

impl Sqlite {
    pub(super) fn load_rows(
        &mut self,
        timers_before: Timestamp,
        now: Timestamp,
    ) -> rusqlite::Result<JournalSnapshot> {
        self.data_version = self.data_version()?;
        self.seen = DedupeTables::load(&self.connection, now)?;
        if std::mem::take(&mut self.is_fresh) {
            self.turn_times_back(now)?;
        }
        let number = |sql: &str| {
            self.connection
                .query_row(sql, [], |row| row.get::<_, u64>(0))
        };
        let dead_letters = "SELECT count(*) FROM dead_letter";
        Ok(JournalSnapshot {
            last_sequence: number(LAST_SEQUENCE)?,
            last_call: number(LAST_CALL)?,
            last_receipt: number(LAST_RECEIPT)?,
            dead_letters: self
                .connection
                .query_row(dead_letters, [], |row| row.get(0))?,
            events: self.waiting_events()?,
            calls: self.waiting_calls()?,
            timers: self.timers(timers_before)?,
            notices: self.waiting_notices()?,
            echoing: self.echoing()?,
            node: None,
        })
    }

    /// Times that the last process set count from its clock, which may have been ahead of this one.
    fn turn_times_back(&self, now: Timestamp) -> rusqlite::Result<()> {
        let latest: i64 = self.connection.query_row(
            "SELECT max(coalesce((SELECT received_at FROM event ORDER BY sequence DESC LIMIT 1), 0),
                        coalesce((SELECT max(created_at) FROM call), 0))",
            [],
            |row| row.get(0),
        )?;
        let ahead = latest.saturating_sub(now.as_millis());
        if ahead > 1000 {
            tracing::warn!(
                seconds = ahead / 1000,
                "the clock has gone back since the journal was last written; its timers follow"
            );
            for (table, due) in [
                ("event", "due"),
                ("call", "due"),
                ("timer", "due"),
                ("pause", "until"),
            ] {
                let update = format!("UPDATE {table} SET {due} = {due} - ?1 WHERE {due} > ?1");
                self.connection.execute(&update, [ahead])?;
            }
        }
        Ok(())
    }

    fn waiting_events(&self) -> rusqlite::Result<Vec<LoadedEvent>> {
        let mut events = self.connection.prepare(
            "SELECT account, person, sequence, due, held,
                    CASE WHEN kind IN ('echo', 'take_thread_control', 'timer') THEN content END
             FROM event
             WHERE sequence >= (SELECT value FROM meta WHERE name = 'settled_before')
               AND settled_at IS NULL ORDER BY sequence",
        )?;
        let events = events.query_map([], |row| {
            let content: Option<String> = row.get(5)?;
            let event = content.as_deref().map(event_from_json).transpose()?;
            let received = event.as_ref().and_then(ThreadEvent::platform);
            let expired_timer = event.as_ref().and_then(ThreadEvent::expired_timer);
            Ok(LoadedEvent {
                thread: thread_key(row)?,
                sequence: row.get(2)?,
                due: time(row, 3)?,
                is_held: row.get(4)?,
                silences: match received {
                    None => Silences::No,
                    Some(received) => self.silences(received)?,
                },
                expired_timer: expired_timer.map(str::to_owned),
            })
        })?;
        events.collect()
    }

    fn silences(&self, received: &Received) -> rusqlite::Result<Silences> {
        Ok(match &received.event.body {
            _ if !may_silence(received) => Silences::No,
            EventBody::Echo(_) => {
                let echo = DedupeKey::of(&key_of(received));
                match self.seen.knows(&self.connection, &echo.sent())? {
                    true => Silences::OwnEcho,
                    false => Silences::Maybe(Some(echo)),
                }
            }
            _ => Silences::Maybe(None),
        })
    }

    fn waiting_calls(&self) -> rusqlite::Result<Vec<LoadedCall>> {
        let mut calls = self.connection.prepare(
            "SELECT account, person, id, control, name = 'messages',
                    outcome,
                    state = 'started', state = 'confirmed', uncertain, due, receipt, holds,
                    CASE WHEN name = 'messages' AND state = 'started' THEN request END, started_at,
                    reclaims
             FROM call WHERE notifier IS NULL ORDER BY id",
        )?;
        let calls = calls.query_map([], |row| {
            Ok(LoadedCall {
                thread: thread_key(row)?,
                id: row.get(2)?,
                control: ControlEffect::from_name(&row.get::<_, String>(3)?),
                reclaims: reclaim_timer(row, 14)?,
                is_message: row.get(4)?,
                outcome: row.get::<_, i64>(5)?.cast_unsigned(),
                is_started: row.get(6)?,
                begun: match row.get::<_, Option<String>>(12)? {
                    Some(message) => Some((from_json(&message)?, time(row, 13)?)),
                    None => None,
                },
                is_confirmed: row.get(7)?,
                uncertain: row.get(8)?,
                due: time(row, 9)?,
                receipt: row.get(10)?,
                holds: row.get(11)?,
            })
        })?;
        calls.collect()
    }

    fn waiting_notices(&self) -> rusqlite::Result<Vec<LoadedNotice>> {
        let mut notices = self.connection.prepare(
            "SELECT id, request, attempts, due, created_at FROM call
             WHERE notifier IS NOT NULL ORDER BY id",
        )?;
        let notices = notices.query_map([], |row| {
            Ok(LoadedNotice {
                id: row.get(0)?,
                notice: Arc::new(notice_from_json(&row.get::<_, String>(1)?)?),
                since: time(row, 4)?,
                attempts: row.get(2)?,
                due: time(row, 3)?,
            })
        })?;
        notices.collect()
    }

    fn timers(&self, before: Timestamp) -> rusqlite::Result<StoredTimers> {
        let mut later = self
            .connection
            .prepare_cached("SELECT 1 FROM timer WHERE due >= ?1 LIMIT 1")?;
        Ok(StoredTimers {
            timers: self.timers_where("due < ?1", before.as_millis())?,
            before,
            has_later: later.exists([before.as_millis()])?,
        })
    }

    fn timers_where(
        &self,
        condition: &str,
        value: impl ToSql,
    ) -> rusqlite::Result<Vec<StoredTimer>> {
        let mut timers = self.connection.prepare_cached(&format!(
            "SELECT account, person, name, due, event FROM timer WHERE {condition} ORDER BY due"
        ))?;
        let timers = timers.query_map([value], |row| {
            Ok(StoredTimer {
                thread: thread_key(row)?,
                name: row.get(2)?,
                due: time(row, 3)?,
                event: Arc::new(from_json(&row.get::<_, String>(4)?)?),
            })
        })?;
        timers.collect()
    }

    fn echoing(&self) -> rusqlite::Result<Vec<AccountId>> {
        let mut facts = self.connection.prepare(
            "SELECT substr(name, length('echoes of ') + 1) FROM meta WHERE name LIKE 'echoes of %'",
        )?;
        let accounts = facts.query_map([], |row| Ok(row.get::<_, String>(0)?.into()))?;
        accounts.collect()
    }

    pub(super) fn read_wanted(&self, request: &ReadRequest) -> rusqlite::Result<ReadResult> {
        // So that everything is read under one lock; without it, under one each.
        let together = self.execute("BEGIN");
        let found = self.find(request);
        if together.is_ok() {
            let _ = self.execute("COMMIT");
        }
        found
    }

    fn find(&self, request: &ReadRequest) -> rusqlite::Result<ReadResult> {
        let mut found = ReadResult::default();
        for key in &request.keys {
            if self.seen.knows(&self.connection, key)? {
                found.known.push(*key);
            }
        }
        for key in &request.threads {
            found.threads.push((key.clone(), self.thread(key)?));
        }
        for sequence in &request.events {
            found.events.extend(self.event(*sequence)?);
        }
        for id in &request.calls {
            found.calls.extend(self.call(*id)?);
        }
        if let Some(before) = request.timers_before {
            found.timers = Some(self.timers(before)?);
        }
        for (thread, id) in &request.receipts {
            found.receipts.extend(self.receipt(thread, id)?);
        }
        for account in &request.timers_of {
            let timers = self.timers_where("account = ?1", account.as_str())?;
            found.timers_of.extend(timers);
        }
        Ok(found)
    }

    fn event(&self, sequence: u64) -> rusqlite::Result<Option<ClaimedEvent>> {
        self.connection
            .prepare_cached("SELECT content, received_at, attempts FROM event WHERE sequence = ?1")?
            .query_row([sequence], |row| {
                Ok(ClaimedEvent {
                    sequence,
                    event: event_from_json(&row.get::<_, String>(0)?)?,
                    received_at: time(row, 1)?,
                    attempts: row.get(2)?,
                })
            })
            .optional()
    }

    fn call(&self, id: u64) -> rusqlite::Result<Option<QueuedCall>> {
        self.connection
            .prepare_cached(
                "SELECT request, object, reference, attempts, uncertain, created_at, quiet, ended,
                        reclaims, started_at, outcome, receipt, holds, expires_at, otherwise,
                        timers
                 FROM call WHERE id = ?1",
            )?
            .query_row([id], |row| {
                let ended: Option<String> = row.get(7)?;
                let otherwise: Option<String> = row.get(14)?;
                let timers: Option<String> = row.get(15)?;
                Ok(QueuedCall {
                    id,
                    call: Arc::new(from_json(&row.get::<_, String>(0)?)?),
                    object: row.get::<_, String>(1)?.into(),
                    reference: row.get(2)?,
                    outcome: row.get::<_, i64>(10)?.cast_unsigned(),
                    quiet: row.get(6)?,
                    reclaims: reclaim_timer(row, 8)?,
                    timers: timers.map(|it| from_json(&it)).transpose()?,
                    receipt: row.get(11)?,
                    terms: Terms {
                        holds: row.get(12)?,
                        expires_at: optional_time(row, 13)?,
                        otherwise: otherwise.map(|it| from_json(&it)).transpose()?,
                    },
                    attempts: row.get(3)?,
                    uncertain: row.get(4)?,
                    ended: ended.map(|ended| from_json(&ended)).transpose()?,
                    started_at: time(row, 9)?,
                    created_at: time(row, 5)?,
                })
            })
            .optional()
    }

    fn thread(&self, key: &ThreadKey) -> rusqlite::Result<ThreadState> {
        let state = self
            .connection
            .prepare_cached(
                "SELECT session, owner, owner_app, owner_since, owner_seen_at, owner_as_of,
                        person_wrote_at, paused_until, paused_by, paused_before, paused_spares,
                        began_at, may_have_missed, away_since, away_from, idle_after, reclaiming,
                        messaged_at, away_turn, owner_confirmed_at
                 FROM thread WHERE account = ?1 AND person = ?2",
            )?
            .query_row([key.account.as_str(), &key.party.as_text()], |row| {
                let session: Option<String> = row.get(0)?;
                let owner: String = row.get(1)?;
                let (echo, before, spares) = (row.get(8)?, optional_time(row, 9)?, row.get(10)?);
                let pause = optional_time(row, 7)?.map(|until| ThreadPause {
                    until,
                    echo,
                    before,
                    spares,
                });
                let from: Option<String> = row.get(14)?;
                let first_turn: Option<u64> = row.get(18)?;
                let away = optional_time(row, 13)?.map(|since| AwayPeriod {
                    since,
                    from: from.map(Into::into),
                    first_turn: first_turn.unwrap_or(1),
                });
                Ok(ThreadState {
                    session: session.map(|session| from_json(&session)).transpose()?,
                    ownership: KnownOwner {
                        owner: owner_of(&owner, row.get(2)?),
                        since: time(row, 3)?,
                        seen_at: time(row, 4)?,
                        as_of: row.get(5)?,
                        confirmed_at: time(row, 19)?,
                    },
                    person_wrote_at: optional_time(row, 6)?,
                    pause,
                    began_at: optional_time(row, 11)?,
                    may_have_missed: row.get(12)?,
                    away,
                    idle_after: optional_duration(row, 15)?,
                    reclaiming: reclaim_timer(row, 16)?,
                    messaged_at: optional_time(row, 17)?,
                    history: ThreadHistory::default(),
                })
            })
            .optional()?;
        let mut state = state.unwrap_or_default();
        state.history = self.turns(key)?;
        Ok(state)
    }

    fn receipt(&self, thread: &ThreadKey, id: &str) -> rusqlite::Result<Option<StoredReceipt>> {
        self.connection
            .prepare_cached(
                "SELECT number, signal, digest, status, detail, created_at, changed_at FROM receipt
                 WHERE account = ?1 AND person = ?2 AND id = ?3",
            )?
            .query_row(
                params![thread.account.as_str(), thread.party.as_text(), id],
                |row| {
                    let status: String = row.get(3)?;
                    Ok(StoredReceipt {
                        number: row.get(0)?,
                        thread: thread.clone(),
                        id: id.to_owned(),
                        signal: row.get(1)?,
                        digest: DedupeKey(row.get(2)?),
                        status: receipt_status(
                            &status,
                            row.get::<_, Option<String>>(4)?.as_deref(),
                        )?,
                        created_at: time(row, 5)?,
                        changed_at: time(row, 6)?,
                    })
                },
            )
            .optional()
    }

    fn turns(&self, key: &ThreadKey) -> rusqlite::Result<ThreadHistory> {
        let mut turns = self.connection.prepare_cached(
            "SELECT number, at, speaker, app, text, attachments, mid, is_edited FROM turn
             WHERE account = ?1 AND person = ?2 ORDER BY number",
        )?;
        let turns = turns.query_map([key.account.as_str(), &key.party.as_text()], |row| {
            Ok((row.get(0)?, turn(row)?))
        })?;
        turns.collect()
    }

    pub(super) fn read_dead_letters(&self) -> rusqlite::Result<Vec<DeadLetter>> {
        let mut rows = self.connection.prepare_cached(
            "SELECT account, person, id, kind, content, cause, at FROM dead_letter ORDER BY id",
        )?;
        let rows = rows.query_map(params![], |row| {
            let (kind, content): (String, String) = (row.get(3)?, row.get(4)?);
            let thread = thread_key(row)?;
            Ok(DeadLetter {
                id: row.get(2)?,
                content: match kind.as_str() {
                    "call" => DeadLetterContent::Call(Arc::new(from_json(&content)?)),
                    "notice" => DeadLetterContent::Notice(Arc::new(notice_from_json(&content)?)),
                    _ => DeadLetterContent::Event(event_from_json(&content)?.received(&thread)),
                },
                thread,
                cause: row.get(5)?,
                at: time(row, 6)?,
            })
        })?;
        rows.collect()
    }
}
