//! What is known of threads, of those in memory.

use std::time::Duration;

use handover_protocol::Timestamp;
use std::collections::VecDeque;
use std::sync::Arc;

use foldhash::HashMap;
use serde_json::Value;

use super::{JournalRules, ReadRequest, RowChange, ThreadRow};
use crate::internal_event::ReclaimTimer;
use crate::journal::handovers::HandoverStep;
use crate::journal::{
    AwayPeriod, HistoryRule, NewEvent, Speaker, ThreadChange, ThreadPause, ThreadState, Turn,
};
use crate::thread::{KnownOwner, Owner, ThreadKey, ThreadParty};

/// How many threads are held after they have nothing to do any more: people go on talking.
const IDLE_THREADS: usize = 20_000;
/// How many events are looked through for what a deleted message said: nothing else is stored meanwhile.
const LOOKED_THROUGH: u64 = 50_000;
/// Larger sessions are not held after that, in bytes.
const SMALL_SESSION: usize = 1024;
/// Longer histories are not held after that, in bytes.
const SMALL_HISTORY: usize = 8 * 1024;

/// The threads with something to do, and some that had something to do lately.
#[derive(Debug)]
pub(super) struct ThreadCache {
    keeps_all: bool,
    held: HashMap<ThreadKey, CachedThread>,
    idle: VecDeque<ThreadKey>,
    /// Those that rest and are too large to be held for long.
    large: Vec<ThreadKey>,
}

#[derive(Debug, Default)]
struct CachedThread {
    /// Shared with what was handed out of the thread.
    state: Arc<ThreadState>,
    /// What its row says.
    stored_person_wrote_at: Option<Timestamp>,
}

impl ThreadCache {
    pub(super) fn new(is_durable: bool) -> Self {
        Self {
            keeps_all: !is_durable,
            held: HashMap::default(),
            idle: VecDeque::new(),
            large: Vec::new(),
        }
    }

    pub(super) fn insert(&mut self, key: ThreadKey, state: ThreadState) {
        let held = CachedThread {
            stored_person_wrote_at: state.person_wrote_at,
            state: Arc::new(state),
        };
        self.held.insert(key, held);
    }

    /// Whether it has to be read first.
    pub(super) fn lacks(&self, key: &ThreadKey) -> bool {
        !self.keeps_all && !self.held.contains_key(key)
    }

    pub(super) fn get(&self, key: &ThreadKey) -> Arc<ThreadState> {
        let held = self.held.get(key);
        held.map(|held| held.state.clone()).unwrap_or_default()
    }

    pub(super) fn holds(&self, key: &ThreadKey) -> bool {
        self.held.contains_key(key)
    }

    /// All that are held.
    pub(super) fn all(&self) -> impl Iterator<Item = (&ThreadKey, &ThreadState)> {
        self.held.iter().map(|(key, held)| (key, &*held.state))
    }

    /// The owners of the threads of people.
    pub(super) fn ownerships(&self) -> impl Iterator<Item = &KnownOwner> {
        let of_people = self
            .held
            .iter()
            .filter(|(key, _)| key.party != ThreadParty::Account);
        of_people.map(|(_, held)| &held.state.ownership)
    }

    /// Nothing of the thread waits: what is held of it may be evicted.
    pub(super) fn rest(&mut self, key: &ThreadKey) {
        if self.keeps_all {
            return;
        }
        if self.held.get(key).is_some_and(CachedThread::is_small) {
            self.idle.push_back(key.clone());
        } else {
            self.large.push(key.clone());
        }
    }

    /// A thread that rests and need not be held.
    fn take_evicted(&mut self) -> Option<ThreadKey> {
        let too_many = self.idle.len() > IDLE_THREADS;
        let oldest = || too_many.then(|| self.idle.pop_front()).flatten();
        self.large.pop().or_else(oldest)
    }

    /// Drops the thread, wherever it is named; returns what was known of it.
    pub(super) fn forget_now(&mut self, key: &ThreadKey) -> Option<Arc<ThreadState>> {
        self.idle.retain(|idle| idle != key);
        let held = if self.keeps_all {
            self.held.remove(key)
        } else {
            // Later commands of the batch have read it, and find it empty.
            self.large.push(key.clone());
            self.held.insert(key.clone(), CachedThread::default())
        };
        held.map(|held| held.state)
    }
}

impl CachedThread {
    fn is_small(&self) -> bool {
        let session = self.state.session.as_ref().map_or(0, weight);
        session <= SMALL_SESSION && self.state.history.weight() <= SMALL_HISTORY
    }
}

/// About as many bytes as it takes.
fn weight(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
        Value::String(text) => text.len() + 2,
        Value::Array(values) => values.iter().map(weight).sum::<usize>() + 2,
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| name.len() + 3 + weight(value))
            .sum(),
    }
}

impl JournalRules {
    /// Changes what is known of a thread. If it comes back to the bot by this, gives the owner that
    /// it had before.
    pub(in crate::journal) fn change_thread(
        &mut self,
        key: &ThreadKey,
        change: ThreadChange,
        now: Timestamp,
    ) -> Option<KnownOwner> {
        if change.is_nothing() {
            return None;
        }
        // What is not known would overwrite what is stored.
        debug_assert!(!self.threads.lacks(key), "the thread {key} was not read");
        let held = self.threads.held.entry(key.clone()).or_default();
        let before = Rest::of(&held.state);
        let was_the_bots = held.state.ownership.owner == Owner::Bot;
        let was_away = held.state.is_away();
        let answered = answer_in(&held.state, &change);
        let away = change.ownership.as_ref().and_then(|_| held.state.away());
        let before_began = held.state.began_at;
        let has_new_session = change.session.is_some() && change.session != held.state.session;
        let state = Arc::make_mut(&mut held.state);
        state.apply(&change);
        let turns = state.update_history(&change, &self.history, now);
        let gives_control = change.gives_control(&state.ownership);
        let returned = away.filter(|_| state.ownership.owner == Owner::Bot);
        let is_anothers = matches!(state.ownership.owner, Owner::Other(_));
        if !was_away
            && let Owner::Other(app) = &state.ownership.owner
            // On standby, a thread is found that was another app's all along.
            && (was_the_bots || app.is_some())
        {
            self.handovers.push(HandoverStep::Began {
                thread: key.clone(),
                app: app.clone(),
                at: state.ownership.since,
            });
        }
        if let Some((since, at, is_first)) = answered {
            self.handovers.push(HandoverStep::Answered {
                thread: key.clone(),
                since,
                at,
                is_first,
            });
        }
        if let Some(from) = &returned {
            self.handovers.push(HandoverStep::Returned {
                thread: key.clone(),
                since: from.since,
                at: state.ownership.since,
            });
        }
        // Also that somebody answered: it would be an instant reply again once this is no longer in memory.
        let has_begun = state.began_at != before_began;
        // Most messages change nothing else.
        let is_the_same = wrote_soon(held.stored_person_wrote_at, state.person_wrote_at)
            && before.is_the_bots
            && before == Rest::of(state)
            && !has_begun
            && !has_new_session;
        if !is_the_same {
            held.stored_person_wrote_at = state.person_wrote_at;
            let row = ThreadRow {
                session: change.session.filter(|_| has_new_session),
                ownership: state.ownership.clone(),
                person_wrote_at: state.person_wrote_at,
                messaged_at: state.messaged_at,
                began_at: state.began_at,
                may_have_missed: state.may_have_missed,
                pause: state.pause.clone(),
                away: state.away.clone(),
                idle_after: state.idle_after,
                reclaiming: state.reclaiming,
                changed_at: now,
            };
            self.changes.push(RowChange::Thread(key.clone(), row));
        }
        if self.is_durable {
            let turns = turns.into_iter();
            let turns = turns.map(|turn| RowChange::Turn(key.clone(), turn));
            self.changes.extend(turns);
        }
        for mid in change.deleted {
            self.changes.push(RowChange::MessageForgotten {
                thread: key.clone(),
                mid,
                since: self.last_sequence.saturating_sub(LOOKED_THROUGH),
            });
        }
        if gives_control {
            self.schedule.bring_calls_back(key);
            self.bring_back(key);
        }
        if is_anothers {
            self.end_needless_handoffs(key, now);
        }
        returned
    }

    /// Events that were set aside in a thread wait for their turn again.
    pub(super) fn bring_back(&mut self, key: &ThreadKey) {
        for sequence in self.schedule.bring_back(key) {
            self.changes.push(RowChange::Unheld(sequence));
        }
    }

    /// Sets how much of each conversation is kept.
    pub(in crate::journal) fn keep_history(&mut self, rule: HistoryRule) {
        self.history = rule;
    }

    /// The bot has said something, past the outbox or by another process of its app.
    pub(in crate::journal) fn bot_said(&mut self, key: &ThreadKey, turn: Turn, now: Timestamp) {
        let change = ThreadChange {
            said: vec![turn],
            ..ThreadChange::default()
        };
        self.change_thread(key, change, now);
    }

    /// What has to be read before the echo of the bot's own words can join the history.
    pub(in crate::journal) fn request_for_echo(&self, event: &NewEvent, request: &mut ReadRequest) {
        if event.confirms.is_some() && self.history.keeps_all() {
            self.request_thread(&event.thread, request);
        }
    }

    /// The bot's pause in a thread.
    pub(in crate::journal) fn pause_of(&self, key: &ThreadKey) -> Option<ThreadPause> {
        let held = self.threads.held.get(key)?;
        held.state.pause.clone()
    }

    /// What is known of a thread.
    pub(in crate::journal) fn thread(&self, key: &ThreadKey) -> ThreadState {
        Arc::unwrap_or_clone(self.threads.get(key))
    }

    /// What has to be read before a thread can be changed.
    pub(in crate::journal) fn request_thread(&self, key: &ThreadKey, request: &mut ReadRequest) {
        if self.threads.lacks(key) {
            request.threads.push(key.clone());
        }
    }

    pub(in crate::journal) fn forget_if_idle(&mut self, key: &ThreadKey) {
        if self.schedule.is_active(key) {
            return;
        }
        self.threads.rest(key);
    }

    /// Holds no more threads than need be. Not within a batch: what its commands need was read before all of
    /// them.
    pub(super) fn evict_threads(&mut self) {
        while let Some(key) = self.threads.take_evicted() {
            if !self.schedule.is_active(&key) {
                self.threads.held.remove(&key);
            }
        }
    }
}

/// Since when another app has the thread, when a human wrote in it by this change, and whether that is the
/// first word.
fn answer_in(state: &ThreadState, change: &ThreadChange) -> Option<(Timestamp, Timestamp, bool)> {
    let mut said = change.said.iter();
    let at = said.find(|turn| turn.speaker == Speaker::Agent)?.at;
    let away = state.away.as_ref().filter(|_| state.is_away())?;
    let mut before = state.said_while_away();
    let is_first = before.all(|turn| turn.speaker != Speaker::Agent);
    Some((away.since, at, is_first))
}

/// What else of a thread is worth a row if it changes.
#[derive(PartialEq)]
struct Rest {
    is_the_bots: bool,
    confirmed_at: Timestamp,
    pause: Option<ThreadPause>,
    away: Option<AwayPeriod>,
    idle_after: Option<Duration>,
    reclaiming: Option<ReclaimTimer>,
    may_have_missed: bool,
}

impl Rest {
    fn of(state: &ThreadState) -> Self {
        Self {
            is_the_bots: state.ownership.owner == Owner::Bot,
            confirmed_at: state.ownership.confirmed_at,
            pause: state.pause.clone(),
            away: state.away.clone(),
            idle_after: state.idle_after,
            reclaiming: state.reclaiming,
            may_have_missed: state.may_have_missed,
        }
    }
}

/// Whether the person went on writing within a minute. After a crash that would not matter, so it
/// is not worth a row.
fn wrote_soon(stored: Option<Timestamp>, now: Option<Timestamp>) -> bool {
    const MINUTE: Duration = Duration::from_secs(60);
    match (stored, now) {
        (Some(before), Some(after)) => after.duration_since(before) < MINUTE,
        (before, after) => before == after,
    }
}
