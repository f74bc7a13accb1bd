//! The rows, and beside them in memory the order of what waits.
//!
//! Rows change within the writer's transaction. The schedule follows once that is committed: until
//! then its changes are noted in [`Store::changes`].

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use foldhash::{HashMap, HashSet};
use handover_protocol::AccountId;
use prometheus::Histogram;
use rusqlite::{Connection, Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::super::schedule::Schedule;
use super::super::{ClaimedEvent, Ending, NewCall, Settlement, may_silence};
use super::seen::Seen;
use super::threads::Known;
use super::writer::Reply;
use super::{Keep, open};
use crate::clock;
use crate::mutation::mutation;
use crate::ownership::Control;
use crate::thread::ThreadKey;

/// How many events are kept in memory, too, because their turn comes soon.
const FRESH_EVENTS: usize = 20_000;
/// How many calls are.
const FRESH_CALLS: usize = 20_000;
/// How many threads are, after they have nothing to do any more: people go on talking.
const IDLE_THREADS: usize = 20_000;

pub(super) struct Store {
    pub(super) path: PathBuf,
    pub(super) connection: Connection,
    pub(super) keep: Keep,
    pub(super) schedule: Schedule,
    pub(super) changes: Vec<Change>,
    /// The newest events, so that they need not be read again.
    pub(super) fresh: HashMap<u64, ClaimedEvent>,
    pub(super) seen: Seen,
    /// Accounts on which echoes of the bot's own calls were seen.
    pub(super) echoing: HashSet<AccountId>,
    pub(super) last_sequence: u64,
    pub(super) last_call: u64,
    /// When the next timer is due, or earlier.
    pub(super) next_timer: Option<i64>,
    /// The newest calls, until they are tried for the first time.
    pub(super) fresh_calls: HashMap<u64, NewCall>,
    /// What is kept of the threads with something to do, but for their transcripts.
    pub(super) states: HashMap<ThreadKey, Known>,
    /// Threads that had something to do lately: of these, too.
    idle: VecDeque<ThreadKey>,
    /// The same as the transaction will leave it.
    pub(super) changed_states: HashMap<ThreadKey, Known>,
    /// What measures commits.
    pub(super) commits: Option<Histogram>,
    /// How many dead letters there are.
    pub(super) buried: usize,
    /// Who waits for the end of the writer, once it was asked to end.
    pub(super) closing: Option<Reply<()>>,
}

/// What the schedule learns when a transaction is committed. The rows of the first two are written
/// shortly before.
pub(super) enum Change {
    Arrived {
        thread: ThreadKey,
        event: ClaimedEvent,
        /// Its JSON, until its row is written.
        content: Option<String>,
    },
    Settled {
        thread: ThreadKey,
        sequences: Vec<u64>,
        /// What its row is to say, until it does.
        outcome: Option<&'static str>,
    },
    Called {
        thread: ThreadKey,
        calls: Vec<(u64, Control)>,
        new: Vec<NewCall>,
        hands_out: bool,
    },
    PutOff(ThreadKey, u64, i64),
    PutOffForControl(ThreadKey, u64, i64),
    ControlCame(ThreadKey),
    MadeDue(AccountId),
    Finished(ThreadKey, Vec<(u64, Control)>),
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
            idle: VecDeque::new(),
            changed_states: HashMap::default(),
            commits: None,
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

    /// Notes up to where nothing waits, so that the next start need not look there. Only right between
    /// two transactions.
    pub(super) fn note_settled(&self) -> rusqlite::Result<()> {
        let oldest = self.schedule.oldest_event();
        self.connection
            .prepare_cached("UPDATE fact SET value = ?1 WHERE name = 'settled_before'")?
            .execute([oldest.unwrap_or(self.last_sequence + 1)])?;
        Ok(())
    }

    /// Lets the schedule follow what was committed.
    pub(super) fn committed(&mut self) {
        for (key, state) in self.changed_states.drain() {
            // What is kept of a thread that has nothing to do stays right, too.
            if self.schedule.is_active(&key) || self.states.contains_key(&key) {
                self.states.insert(key, state);
            }
        }
        for change in std::mem::take(&mut self.changes) {
            match change {
                Change::Arrived { thread, event, .. } => {
                    let may_silence = may_silence(&event.received);
                    self.schedule
                        .add_event(&thread, event.sequence, may_silence);
                    if self.fresh.len() < FRESH_EVENTS {
                        self.fresh.insert(event.sequence, event);
                    }
                }
                Change::Settled {
                    thread, sequences, ..
                } => {
                    for sequence in &sequences {
                        self.fresh.remove(sequence);
                    }
                    self.schedule.settle(&thread, &sequences);
                    self.forget_if_idle(&thread);
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
                Change::MadeDue(account) => self.schedule.make_due(&account),
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
    pub(super) fn commit_so_far(&mut self) -> rusqlite::Result<()> {
        self.write_rows()?;
        self.connection.execute_batch("COMMIT")?;
        crate::failpoint::failpoint!("mutation.midway");
        self.connection.execute_batch("BEGIN IMMEDIATE")
    }

    pub(super) fn rolled_back(&mut self) {
        self.changes.clear();
        self.changed_states.clear();
    }

    pub(super) fn forget_if_idle(&mut self, key: &ThreadKey) {
        if self.schedule.is_active(key) {
            return;
        }
        if self.states.get(key).is_some_and(Known::is_small) {
            self.idle.push_back(key.clone());
        } else {
            self.states.remove(key);
        }
        if self.idle.len() > IDLE_THREADS
            && let Some(oldest) = self.idle.pop_front()
            && !self.schedule.is_active(&oldest)
        {
            self.states.remove(&oldest);
        }
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
            self.changes.push(Change::Settled {
                thread: key.clone(),
                sequences: settlement.sequences.clone(),
                outcome: None,
            });
        } else {
            self.end(settlement)?;
        }
        if !settlement.change.is_nothing() {
            let mut change = settlement.change.clone();
            change.numbered(self.last_call);
            self.change_thread(key, &change)?;
        }
        if mutation!("calls_outside_transaction") {
            self.commit_so_far()?;
        }
        let hands_out = settlement.hands_out && self.schedule.head(key).is_none();
        let calls = self.insert_calls(key, &settlement.calls, hands_out, settlement.at)?;
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

    pub(super) fn bury(
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
