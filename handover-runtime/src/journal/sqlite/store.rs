//! The rows, and beside them in memory the order of what waits.
//!
//! Rows change within the writer's transaction. The schedule follows once that is committed: until
//! then its changes are noted in [`Store::changes`].

use std::path::{Path, PathBuf};
use std::sync::Arc;

use foldhash::{HashMap, HashSet};
use handover_protocol::{AccountId, AppId, Received};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::super::schedule::Schedule;
use super::super::{
    Appended, CallResult, ClaimedEvent, Ending, FinishedCall, Line, NewCall, NewEvent, Settlement,
    Speaker, ThreadChange, ThreadState, TimerChange,
};
use super::seen::Seen;
use super::writer::Reply;
use super::{Keep, open};
use crate::clock;
use crate::mutation::mutation;
use crate::outbox::{ECHO_PAUSE_MS, gives_thread_away};
use crate::thread::{Owner, Ownership, ThreadKey};

/// How many events are kept in memory, too, because their turn comes soon.
const FRESH_EVENTS: usize = 20_000;
/// How many calls are.
const FRESH_CALLS: usize = 20_000;

pub(super) struct Store {
    pub(super) path: PathBuf,
    pub(super) connection: Connection,
    pub(super) keep: Keep,
    pub(super) schedule: Schedule,
    changes: Vec<Change>,
    /// The newest events, so that they need not be read again.
    pub(super) fresh: HashMap<u64, ClaimedEvent>,
    pub(super) seen: Seen,
    /// Accounts on which echoes of the bot's own calls were seen.
    pub(super) echoing: HashSet<AccountId>,
    last_sequence: u64,
    last_call: u64,
    /// When the next timer is due, or earlier.
    pub(super) next_timer: Option<i64>,
    /// The newest calls, until they are tried for the first time.
    pub(super) fresh_calls: HashMap<u64, NewCall>,
    /// What is kept of the threads with something to do, but for their transcripts.
    states: HashMap<ThreadKey, Known>,
    /// The same as the transaction will leave it.
    changed_states: HashMap<ThreadKey, Known>,
    /// How many dead letters there are.
    pub(super) buried: usize,
    /// Who waits for the end of the writer, once it was asked to end.
    pub(super) closing: Option<Reply<()>>,
}

/// What is known of a thread, and how much of it is in its row.
#[derive(Clone)]
struct Known {
    state: ThreadState,
    stored_person_wrote_at: Option<i64>,
}

/// What the schedule learns when a transaction is committed.
enum Change {
    Arrived(ThreadKey, ClaimedEvent),
    Settled(ThreadKey, Vec<u64>),
    Called {
        thread: ThreadKey,
        calls: Vec<(u64, bool)>,
        new: Vec<NewCall>,
        hands_out: bool,
    },
    PutOff(ThreadKey, u64, i64),
    PutOffForControl(ThreadKey, u64, i64),
    ControlCame(ThreadKey),
    Finished(ThreadKey, Vec<(u64, bool)>),
    Buried,
}

impl Store {
    pub(super) fn open(path: &Path, keep: Keep) -> Result<Self, open::OpenError> {
        let connection = open::connect(path)?;
        open::check(&connection, path)?;
        let sqlite = |source| open::OpenError::Sqlite {
            path: path.to_owned(),
            source,
        };
        let seen = Seen::load(&connection).map_err(sqlite)?;
        let mut store = Self {
            path: path.to_owned(),
            connection,
            keep,
            schedule: Schedule::default(),
            changes: Vec::new(),
            fresh: HashMap::default(),
            seen,
            echoing: HashSet::default(),
            last_sequence: 0,
            last_call: 0,
            next_timer: None,
            fresh_calls: HashMap::default(),
            states: HashMap::default(),
            changed_states: HashMap::default(),
            buried: 0,
            closing: None,
        };
        store.recover().map_err(sqlite)?;
        Ok(store)
    }

    /// Opens the file anew after an error that leaves SQLite's own memory of it in doubt.
    pub(super) fn reopen(&mut self) -> Result<(), open::OpenError> {
        let sqlite = |path: &PathBuf, source| open::OpenError::Sqlite {
            path: path.clone(),
            source,
        };
        let connection = open::connect(&self.path)?;
        self.seen = Seen::load(&connection).map_err(|source| sqlite(&self.path, source))?;
        self.connection = connection;
        self.fresh.clear();
        self.fresh_calls.clear();
        self.states.clear();
        let before = std::mem::take(&mut self.schedule);
        self.read_waiting()
            .map_err(|source| sqlite(&self.path, source))?;
        self.schedule.resume(&before);
        Ok(())
    }

    /// What the last process left: calls that it had begun may have gone through, and times that it
    /// had set count from its clock, which may have been ahead of this one.
    fn recover(&mut self) -> rusqlite::Result<()> {
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

    fn read_waiting(&mut self) -> rusqlite::Result<()> {
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
            "SELECT account, person, sequence, due FROM event
             WHERE sequence >= (SELECT value FROM fact WHERE name = 'settled_before')
               AND settled_at IS NULL ORDER BY sequence",
        )?;
        let mut rows = events.query([])?;
        let mut rest = HashMap::default();
        while let Some(row) = rows.next()? {
            let key = thread_key(row)?;
            self.schedule.add_event(&key, row.get(2)?);
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
            .prepare("SELECT account, person, id, gives_away, due FROM call ORDER BY id")?;
        let mut rows = calls.query([])?;
        while let Some(row) = rows.next()? {
            let key = thread_key(row)?;
            let id = row.get(2)?;
            self.schedule.add_calls(&key, &[(id, row.get(3)?)], false);
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

    /// Notes up to where nothing waits, so that the next start need not look there. Only right between
    /// two transactions.
    pub(super) fn note_settled(&self) -> rusqlite::Result<()> {
        let oldest = self.schedule.oldest_event();
        self.connection
            .prepare_cached("UPDATE fact SET value = ?1 WHERE name = 'settled_before'")?
            .execute([oldest.unwrap_or(self.last_sequence + 1)])?;
        Ok(())
    }

    fn read_next_timer(&self) -> rusqlite::Result<Option<i64>> {
        let mut next = self
            .connection
            .prepare_cached("SELECT min(due) FROM timer")?;
        next.query_row([], |row| row.get(0))
    }

    /// Lets the schedule follow what was committed.
    pub(super) fn committed(&mut self) {
        for (key, state) in self.changed_states.drain() {
            if self.schedule.is_active(&key) {
                self.states.insert(key, state);
            }
        }
        for change in std::mem::take(&mut self.changes) {
            match change {
                Change::Arrived(key, event) => {
                    self.schedule.add_event(&key, event.sequence);
                    if self.fresh.len() < FRESH_EVENTS {
                        self.fresh.insert(event.sequence, event);
                    }
                }
                Change::Settled(key, sequences) => {
                    for sequence in &sequences {
                        self.fresh.remove(sequence);
                    }
                    self.schedule.settle(&key, &sequences);
                    self.forget_if_idle(&key);
                }
                Change::Called {
                    thread,
                    calls,
                    new,
                    hands_out,
                } => {
                    self.schedule.add_calls(&thread, &calls, hands_out);
                    if self.fresh_calls.len() < FRESH_CALLS {
                        let ids = calls.iter().map(|(id, _)| *id);
                        self.fresh_calls.extend(ids.zip(new));
                    }
                }
                Change::PutOff(key, id, due) => self.schedule.put_off(&key, id, due),
                Change::PutOffForControl(key, id, due) => {
                    self.schedule.put_off_for_control(&key, id, due);
                }
                Change::ControlCame(key) => self.schedule.control_came(&key),
                Change::Finished(key, next) => {
                    self.schedule.finish(&key, &next);
                    self.forget_if_idle(&key);
                }
                Change::Buried => self.buried += 1,
            }
        }
    }

    pub(super) fn execute(&self, statement: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(statement)?.execute([])?;
        Ok(())
    }

    /// Half a transaction, as a mistake would store it.
    fn commit_so_far(&self) -> rusqlite::Result<()> {
        self.connection.execute_batch("COMMIT")?;
        crate::failpoint::failpoint!("mutation.midway");
        self.connection.execute_batch("BEGIN IMMEDIATE")
    }

    pub(super) fn rolled_back(&mut self) {
        self.changes.clear();
        self.changed_states.clear();
    }

    pub(super) fn forget_if_idle(&mut self, key: &ThreadKey) {
        if !self.schedule.is_active(key) {
            self.states.remove(key);
        }
    }

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

    fn enqueue(
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
                received.channel.to_string(),
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

    pub(super) fn run_timers(&mut self, now: i64) -> rusqlite::Result<()> {
        while self.next_timer.is_some_and(|due| due <= now) {
            let next: Option<(ThreadKey, String, i64, String)> = self
                .connection
                .prepare_cached(
                    "SELECT account, person, name, due, event FROM timer ORDER BY due LIMIT 1",
                )?
                .query_row([], |row| {
                    Ok((thread_key(row)?, row.get(2)?, row.get(3)?, row.get(4)?))
                })
                .optional()?;
            if let Some((key, name, due, event)) = next {
                self.delete_timer(&key, &name)?;
                if mutation!("timer_outside_transaction") {
                    self.commit_so_far()?;
                }
                self.enqueue(&key, &Arc::new(from_json(&event)?), &event, due)?;
            }
            self.next_timer = self.read_next_timer()?;
        }
        Ok(())
    }

    fn delete_timer(&self, key: &ThreadKey, name: &str) -> rusqlite::Result<usize> {
        self.connection
            .prepare_cached("DELETE FROM timer WHERE account = ?1 AND person = ?2 AND name = ?3")?
            .execute(params![key.account.as_str(), key.person.as_str(), name])
    }

    /// Gives the call that is to be handed out once this is committed.
    pub(super) fn settle(&mut self, settlement: &Settlement) -> rusqlite::Result<Option<u64>> {
        let key = &settlement.thread;
        let waits = |sequence: &u64| self.schedule.waits(key, *sequence);
        if !settlement.sequences.iter().all(waits) {
            return Ok(None);
        }
        if let Ending::Retry { at } = settlement.ending {
            self.retry(&settlement.sequences, at)?;
        } else if mutation!("settle_twice") {
            self.changes
                .push(Change::Settled(key.clone(), settlement.sequences.clone()));
        } else {
            self.end(settlement)?;
        }
        if !settlement.change.is_nothing() {
            self.change_thread(key, &settlement.change)?;
        }
        if mutation!("calls_outside_transaction") {
            self.commit_so_far()?;
        }
        let hands_out = settlement.hands_out && self.schedule.head(key).is_none();
        let calls = self.insert_calls(key, &settlement.calls, hands_out)?;
        let first = calls.first().map(|(id, _)| *id);
        if first.is_some() {
            self.changes.push(Change::Called {
                thread: key.clone(),
                calls,
                new: settlement.calls.clone(),
                hands_out,
            });
        }
        for timer in &settlement.timers {
            self.set_timer(key, timer)?;
        }
        Ok(first.filter(|_| hands_out))
    }

    fn retry(&mut self, sequences: &[u64], at: i64) -> rusqlite::Result<()> {
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

    fn end(&mut self, settlement: &Settlement) -> rusqlite::Result<()> {
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

    fn set_timer(
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

    /// What is kept of a thread, but for its transcript.
    pub(super) fn state(&mut self, key: &ThreadKey) -> rusqlite::Result<ThreadState> {
        self.known(key).map(|known| known.state)
    }

    fn known(&mut self, key: &ThreadKey) -> rusqlite::Result<Known> {
        let changed = self.changed_states.get(key);
        if let Some(known) = changed.or_else(|| self.states.get(key)) {
            return Ok(known.clone());
        }
        let state = self.read_state(key)?;
        let known = Known {
            stored_person_wrote_at: state.person_wrote_at,
            state,
        };
        if self.schedule.is_active(key) {
            self.states.insert(key.clone(), known.clone());
        }
        Ok(known)
    }

    fn read_state(&self, key: &ThreadKey) -> rusqlite::Result<ThreadState> {
        let state = self
            .connection
            .prepare_cached(
                "SELECT session, owner, owner_app, owner_since, owner_seen_at, owner_as_of,
                        person_wrote_at, paused_until
                 FROM thread WHERE account = ?1 AND person = ?2",
            )?
            .query_row([key.account.as_str(), key.person.as_str()], |row| {
                let session: Option<String> = row.get(0)?;
                let (owner, app): (String, Option<String>) = (row.get(1)?, row.get(2)?);
                Ok(ThreadState {
                    session: session.map(|session| from_json(&session)).transpose()?,
                    ownership: Ownership {
                        owner: match owner.as_str() {
                            "bot" => Owner::Bot,
                            "other" => Owner::Other(app.map(Into::into)),
                            _ => Owner::Unknown,
                        },
                        since: row.get(3)?,
                        seen_at: row.get(4)?,
                        as_of: row.get(5)?,
                    },
                    person_wrote_at: row.get(6)?,
                    paused_until: row.get(7)?,
                    transcript: Vec::new(),
                })
            })
            .optional()?;
        Ok(state.unwrap_or_default())
    }

    /// What is kept of a thread, with what was said while somebody else had it.
    pub(super) fn whole_state(&mut self, key: &ThreadKey) -> rusqlite::Result<ThreadState> {
        let mut state = self.state(key)?;
        state.transcript = self.transcript(key)?;
        Ok(state)
    }

    fn transcript(&self, key: &ThreadKey) -> rusqlite::Result<Vec<Line>> {
        let mut lines = self.connection.prepare_cached(
            "SELECT at, speaker, text FROM transcript
             WHERE account = ?1 AND person = ?2 ORDER BY line",
        )?;
        let lines = lines.query_map([key.account.as_str(), key.person.as_str()], |row| {
            let speaker: String = row.get(1)?;
            Ok(Line {
                at: row.get(0)?,
                speaker: match speaker.as_str() {
                    "person" => Speaker::Person,
                    _ => Speaker::Agent,
                },
                text: row.get(2)?,
            })
        })?;
        lines.collect()
    }

    fn change_thread(&mut self, key: &ThreadKey, change: &ThreadChange) -> rusqlite::Result<()> {
        self.hear(key, change)?;
        let before = self.known(key)?;
        let mut state = before.state.clone();
        state.apply(change);
        state.transcript.clear();
        let is_worth_it = is_worth_writing(&before, &state);
        let stored_person_wrote_at = if is_worth_it {
            state.person_wrote_at
        } else {
            before.stored_person_wrote_at
        };
        let known = Known {
            state: state.clone(),
            stored_person_wrote_at,
        };
        self.changed_states.insert(key.clone(), known);
        if change.gives_control(&state.ownership) {
            self.changes.push(Change::ControlCame(key.clone()));
        }
        if !is_worth_it {
            return Ok(());
        }
        let (owner, app) = match &state.ownership.owner {
            Owner::Unknown => ("unknown", None),
            Owner::Bot => ("bot", None),
            Owner::Other(app) => ("other", app.as_ref().map(AppId::as_str)),
        };
        let changed_session = change.session.as_ref().map(to_json).transpose()?;
        self.connection
            .prepare_cached(
                "INSERT INTO thread (account, person, session, session_version, owner, owner_app,
                                     owner_since, owner_seen_at, owner_as_of, person_wrote_at, paused_until)
                 VALUES (?1, ?2, ?3, ?3 IS NOT NULL, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                 ON CONFLICT DO UPDATE SET
                   session = coalesce(excluded.session, session),
                   session_version = session_version + excluded.session_version,
                   owner = excluded.owner, owner_app = excluded.owner_app,
                   owner_since = excluded.owner_since, owner_seen_at = excluded.owner_seen_at,
                   owner_as_of = excluded.owner_as_of,
                   person_wrote_at = excluded.person_wrote_at, paused_until = excluded.paused_until",
            )?
            .execute(params![
                key.account.as_str(),
                key.person.as_str(),
                changed_session,
                owner,
                app,
                state.ownership.since,
                state.ownership.seen_at,
                state.ownership.as_of,
                state.person_wrote_at,
                state.paused_until
            ])?;
        Ok(())
    }

    fn hear(&self, key: &ThreadKey, change: &ThreadChange) -> rusqlite::Result<()> {
        let thread = [key.account.as_str(), key.person.as_str()];
        if change.forgets_transcript {
            self.connection
                .prepare_cached("DELETE FROM transcript WHERE account = ?1 AND person = ?2")?
                .execute(thread)?;
        }
        for line in &change.heard {
            self.connection
                .prepare_cached(
                    "INSERT INTO transcript (account, person, line, at, speaker, text)
                     VALUES (?1, ?2, 1 + coalesce((SELECT max(line) FROM transcript
                                                   WHERE account = ?1 AND person = ?2), 0), ?3, ?4, ?5)",
                )?
                .execute(params![
                    thread[0],
                    thread[1],
                    line.at,
                    match line.speaker {
                        Speaker::Person => "person",
                        Speaker::Agent => "agent",
                    },
                    line.text
                ])?;
        }
        if !change.heard.is_empty() {
            self.connection
                .prepare_cached(
                    "DELETE FROM transcript WHERE account = ?1 AND person = ?2 AND line <=
                       (SELECT max(line) FROM transcript WHERE account = ?1 AND person = ?2) - ?3",
                )?
                .execute(params![thread[0], thread[1], ThreadState::TRANSCRIPT_LINES])?;
        }
        Ok(())
    }

    fn insert_calls(
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
                    "INSERT INTO call (id, account, person, object, name, gives_away, request, reference, state, created_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
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
                    clock::now()
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
        }
        if let Some(echo) = &finished.echo
            && !self.seen.remember(&self.connection, echo)?
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
            self.enqueue(key, event, &to_json(&**event)?, finished.at)?;
        }
        Ok(())
    }

    fn is_confirmed(&self, id: u64) -> rusqlite::Result<bool> {
        self.connection
            .prepare_cached("SELECT state = 'confirmed' FROM call WHERE id = ?1")?
            .query_row([id], |row| row.get(0))
    }

    fn bury(
        &mut self,
        key: &ThreadKey,
        kind: &str,
        content: &str,
        cause: &str,
    ) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO dead_letter (account, person, kind, content, cause, at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                key.account.as_str(),
                key.person.as_str(),
                kind,
                content,
                cause,
                clock::now()
            ])?;
        self.changes.push(Change::Buried);
        Ok(())
    }

    /// Writes everything into the file itself and notes that this was done.
    pub(super) fn close(&self) -> rusqlite::Result<()> {
        self.connection
            .execute("UPDATE fact SET value = 1 WHERE name = 'clean'", [])?;
        self.connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    }
}

/// Whether it would matter after a crash. That a person went on writing to the bot within a minute
/// would not: it saves a write for most messages.
fn is_worth_writing(known: &Known, after: &ThreadState) -> bool {
    const MINUTE_MS: i64 = 60 * 1000;
    let before = &known.state;
    let wrote_soon = match (known.stored_person_wrote_at, after.person_wrote_at) {
        (Some(before), Some(after)) => after - before < MINUTE_MS,
        (before, after) => before == after,
    };
    let stays_with_the_bot = before.ownership.owner == Owner::Bot
        && after.ownership.owner == Owner::Bot
        && before.paused_until == after.paused_until;
    !(wrote_soon && stays_with_the_bot && before.session == after.session)
}

pub(super) fn thread_key(row: &Row<'_>) -> rusqlite::Result<ThreadKey> {
    Ok(ThreadKey::new(
        row.get::<_, String>(0)?,
        row.get::<_, String>(1)?,
    ))
}

pub(super) fn to_json<T: Serialize + ?Sized>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
    })
}
