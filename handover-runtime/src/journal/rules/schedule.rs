//! Whose turn it is: the order of what waits, by thread. Content is kept elsewhere.

use std::collections::{BTreeSet, VecDeque};

use std::time::Duration;

use foldhash::{HashMap, HashSet};
use handover_protocol::{AccountId, Timestamp};

use super::DedupeKey;
use crate::journal::Claim;
use crate::journal::lanes::Lanes;
use crate::ownership::ControlEffect;
use crate::thread::ThreadKey;

/// When something is due that waits for no time.
pub(super) const AT_ONCE: Timestamp = Timestamp::UNIX_EPOCH;
/// A stopping bot waits for what it can do so soon.
const SOON: Duration = Duration::from_secs(5);

/// The threads with something to do. Idle ones take no room.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    threads: HashMap<ThreadKey, ActiveThread>,
    /// Threads whose events can be handled, in the order in which their turn comes.
    ready: VecDeque<ThreadKey>,
    /// Threads whose events have to wait for a time.
    resting: BTreeSet<(Timestamp, ThreadKey)>,
    /// Events that are set aside, by the time at which they are looked at again.
    aside: BTreeSet<(Timestamp, u64, ThreadKey)>,
    /// The oldest call of each thread by the time it is due, unless it is handed out.
    due: BTreeSet<(Timestamp, u64, ThreadKey)>,
    /// The same of accounts that are paused.
    held: HashMap<AccountId, Vec<(Timestamp, u64, ThreadKey)>>,
    /// Threads with calls that are set aside, by the time at which those are looked at again.
    calls_aside: BTreeSet<(Timestamp, ThreadKey)>,
    events: usize,
    calls: usize,
    /// Lanes of which nothing is handed out any more.
    pub(super) leaving: Lanes,
}

#[derive(Debug, Default)]
struct ActiveThread {
    events: VecDeque<u64>,
    /// Those that may show another owner or a human.
    silencing: Vec<(u64, Option<DedupeKey>)>,
    /// Echoes that wait but are of messages that the bot sent.
    own_echoes: Vec<u64>,
    phase: ThreadPhase,
    calls: VecDeque<ScheduledCall>,
    /// Events that are set aside until the bot may speak, and until when at most; in order.
    aside: Vec<(u64, Timestamp)>,
    /// Calls that are set aside until the bot may speak, in order.
    calls_aside: Vec<ScheduledCall>,
    /// When those are looked at again; `None` without any.
    calls_aside_until: Option<Timestamp>,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum ThreadPhase {
    #[default]
    Idle,
    Ready,
    Claimed,
    Resting(Timestamp),
}

/// A call that waits in the order of its thread.
#[derive(Debug)]
pub(super) struct ScheduledCall {
    pub(super) id: u64,
    /// See [`QueuedCall::outcome`](crate::journal::QueuedCall::outcome).
    pub(super) outcome: u64,
    pub(super) control: ControlEffect,
    /// When it may be handed out; `None` while it is, or not the first of its thread.
    due: Option<Timestamp>,
    /// Whether it waits while somebody else speaks in the thread.
    holds: bool,
    /// Whether it was set aside before.
    was_aside: bool,
    /// The receipt that says what becomes of it.
    receipt: Option<u64>,
    /// Whether its echo has come while it was handed out.
    pub(super) confirmed: bool,
    /// Whether its thread was forgotten while it was handed out: nothing comes of it.
    is_forgotten: bool,
}

impl ActiveThread {
    fn is_idle(&self) -> bool {
        self.events.is_empty()
            && self.calls.is_empty()
            && self.aside.is_empty()
            && self.calls_aside.is_empty()
            && self.phase == ThreadPhase::Idle
    }

    /// What a person says during a handoff is for the new owner, so it waits until that is sent.
    fn may_be_handled(&self) -> bool {
        let handoff = self
            .calls
            .iter()
            .any(|call| call.control == ControlEffect::GivesAway);
        !self.events.is_empty() && !handoff
    }

    /// Whether its events are being handled, or are about to be, or its oldest call is being made.
    fn is_under_way(&self) -> bool {
        let calls = self.calls.front().is_some_and(|head| head.due.is_none());
        calls || matches!(self.phase, ThreadPhase::Ready | ThreadPhase::Claimed)
    }

    fn call_ids(&self) -> impl Iterator<Item = u64> {
        let calls = self.calls_aside.iter().chain(&self.calls);
        calls.map(|call| call.id)
    }

    /// Whether the bot gives the thread away, and can go on with that by then.
    fn hands_off_by(&self, time: Timestamp) -> bool {
        let goes_on = self
            .calls
            .front()
            .is_some_and(|head| head.due.is_none_or(|due| due <= time));
        goes_on
            && self
                .calls
                .iter()
                .any(|call| call.control == ControlEffect::GivesAway)
    }
}

impl Schedule {
    pub(super) fn add_event(&mut self, key: &ThreadKey, sequence: u64, silences: Silences) {
        self.events += 1;
        let active = self.active(key);
        active.events.push_back(sequence);
        match silences {
            Silences::No => {}
            Silences::Maybe(echo) => active.silencing.push((sequence, echo)),
            Silences::OwnEcho => active.own_echoes.push(sequence),
        }
        self.give_turn(key);
    }

    /// Sets an event aside until the bot may speak in the thread, or until this time.
    pub(super) fn set_aside(&mut self, key: &ThreadKey, sequence: u64, until: Timestamp) {
        let active = self.active(key);
        active.events.retain(|event| *event != sequence);
        let at = active.aside.partition_point(|(other, _)| *other < sequence);
        active.aside.insert(at, (sequence, until));
        self.aside.insert((until, sequence, key.clone()));
    }

    /// The same, for an event that is not known yet.
    pub(super) fn load_aside(&mut self, key: &ThreadKey, sequence: u64, until: Timestamp) {
        self.events += 1;
        self.set_aside(key, sequence, until);
    }

    /// The events that were set aside in a thread wait for their turn again, before those that came
    /// later.
    pub(super) fn bring_back(&mut self, key: &ThreadKey) -> Vec<u64> {
        let Some(active) = self.threads.get_mut(key) else {
            return Vec::new();
        };
        let aside = std::mem::take(&mut active.aside);
        for (sequence, until) in &aside {
            let at = active.events.partition_point(|event| event < sequence);
            active.events.insert(at, *sequence);
            self.aside.remove(&(*until, *sequence, key.clone()));
        }
        if !aside.is_empty() {
            self.give_turn(key);
        }
        aside.into_iter().map(|(sequence, _)| sequence).collect()
    }

    /// The threads of which something that was set aside is to be looked at again.
    pub(super) fn aside_until(&self, now: Timestamp) -> Vec<ThreadKey> {
        let due = self.aside.iter().take_while(|(until, ..)| *until <= now);
        due.map(|(.., key)| key.clone()).collect()
    }

    /// The threads of an account of which something is set aside.
    pub(super) fn aside_of(&self, account: &AccountId) -> Vec<ThreadKey> {
        let all = self.aside.iter().map(|(.., key)| key);
        all.filter(|key| key.account == *account).cloned().collect()
    }

    /// Waiting events of a thread, oldest first, if any of them may show another owner or a human.
    pub(super) fn silencing(&self, key: &ThreadKey) -> Vec<u64> {
        let Some(active) = self.threads.get(key) else {
            return Vec::new();
        };
        if active.silencing.is_empty() {
            return Vec::new();
        }
        let is_own = |sequence: &&u64| !active.own_echoes.contains(sequence);
        active.events.iter().filter(is_own).copied().collect()
    }

    /// The echo with this key was of the bot's own message: it does not show another owner.
    pub(super) fn is_own(&mut self, key: &ThreadKey, echo: DedupeKey) {
        if let Some(active) = self.threads.get_mut(key) {
            let own = active
                .silencing
                .extract_if(.., |(_, key)| *key == Some(echo));
            active.own_echoes.extend(own.map(|(sequence, _)| sequence));
        }
    }

    /// Adds calls behind those of the thread. If there are none before them but those that are set
    /// aside, the first may be handed out at once; says whether it is.
    pub(super) fn add_calls(
        &mut self,
        key: &ThreadKey,
        calls: Vec<ScheduledCall>,
        hands_out: bool,
    ) -> Option<u64> {
        let first = calls.first()?.id;
        self.calls += calls.len();
        let active = self.active(key);
        let starts = active.calls.is_empty();
        active.calls.extend(calls);
        if starts && !hands_out {
            self.put_off(key, first, AT_ONCE);
        }
        (starts && hands_out).then_some(first)
    }

    /// The threads whose turn it is, each with its oldest events.
    pub(super) fn claim(&mut self, now: Timestamp, limit: usize) -> Vec<(ThreadKey, Vec<u64>)> {
        while self.resting.first().is_some_and(|(until, _)| *until <= now) {
            let Some((_, key)) = self.resting.pop_first() else {
                break;
            };
            self.active(&key).phase = ThreadPhase::Idle;
            self.give_turn(&key);
        }
        self.claim_ready(limit)
    }

    /// The same, but for those that waited for a time.
    pub(super) fn claim_ready(&mut self, limit: usize) -> Vec<(ThreadKey, Vec<u64>)> {
        let mut claimed = Vec::new();
        while claimed.len() < limit
            && let Some(key) = self.ready.pop_front()
        {
            // It may have been given something to wait for since.
            let Some(active) = self
                .threads
                .get_mut(&key)
                .filter(|active| active.phase == ThreadPhase::Ready)
            else {
                continue;
            };
            if !active.may_be_handled() {
                active.phase = ThreadPhase::Idle;
                self.forget_if_idle(&key);
                continue;
            }
            active.phase = ThreadPhase::Claimed;
            let events = active.events.iter().take(Claim::EVENTS).copied().collect();
            claimed.push((key, events));
        }
        claimed
    }

    /// Events of a thread that is handed out, as many as are given with it, which came after one of them.
    pub(super) fn later(&self, key: &ThreadKey, sequence: u64) -> Vec<u64> {
        let claimed = self
            .threads
            .get(key)
            .filter(|active| active.phase == ThreadPhase::Claimed);
        let events = claimed.into_iter().flat_map(|active| &active.events);
        let later = events.copied().filter(|event| *event > sequence);
        later.take(Claim::EVENTS).collect()
    }

    /// Whether there is a thread whose turn it is.
    pub(super) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// The oldest event that waits.
    pub(super) fn oldest_event(&self) -> Option<u64> {
        let threads = self.threads.values();
        let oldest = threads.flat_map(|active| {
            let aside = active.aside.first().map(|(sequence, _)| *sequence);
            active.events.front().copied().into_iter().chain(aside)
        });
        oldest.min()
    }

    pub(super) fn is_active(&self, key: &ThreadKey) -> bool {
        self.threads.contains_key(key)
    }

    /// When the next thread is ready that waits for a time.
    pub(super) fn next_thread_at(&self) -> Option<Timestamp> {
        let resting = self.resting.first().map(|(until, _)| *until);
        let aside = self.aside.first().map(|(until, ..)| *until);
        resting.into_iter().chain(aside).min()
    }

    pub(super) fn release(&mut self, key: &ThreadKey, until: Option<Timestamp>) {
        let Some(active) = self.threads.get_mut(key) else {
            return;
        };
        match until {
            Some(until) => self.rest(key, until),
            None => {
                active.phase = ThreadPhase::Idle;
                self.give_turn(key);
            }
        }
    }

    /// Lets the events of a thread wait for a time.
    pub(super) fn rest(&mut self, key: &ThreadKey, until: Timestamp) {
        self.active(key).phase = ThreadPhase::Resting(until);
        self.resting.insert((until, key.clone()));
    }

    /// The oldest event of a thread that waits for its turn.
    pub(super) fn oldest_of(&self, key: &ThreadKey) -> Option<u64> {
        self.threads.get(key)?.events.front().copied()
    }

    pub(super) fn waits(&self, key: &ThreadKey, sequence: u64) -> bool {
        let active = self.threads.get(key);
        active.is_some_and(|active| active.events.contains(&sequence))
    }

    pub(super) fn settle(&mut self, key: &ThreadKey, sequences: &[u64]) {
        let Some(active) = self.threads.get_mut(key) else {
            return;
        };
        let before = active.events.len();
        active.events.retain(|event| !sequences.contains(event));
        active
            .silencing
            .retain(|(event, _)| !sequences.contains(event));
        active.own_echoes.retain(|event| !sequences.contains(event));
        self.events -= before - active.events.len();
        self.forget_if_idle(key);
    }

    /// Hands out calls that are due. One that would wait for control as older ones do joins those.
    pub(super) fn start(
        &mut self,
        now: Timestamp,
        limit: usize,
        paused: &HashSet<AccountId>,
    ) -> StartedCalls {
        while let Some((until, key)) = self.calls_aside.first()
            && *until <= now
        {
            let key = key.clone();
            self.bring_calls_back(&key);
        }
        let released = self.held.extract_if(|account, _| !paused.contains(account));
        self.due.extend(released.flat_map(|(_, calls)| calls));
        let mut started = StartedCalls::default();
        while started.calls.len() < limit && self.due.first().is_some_and(|(due, ..)| *due <= now) {
            let Some((due, id, key)) = self.due.pop_first() else {
                break;
            };
            if paused.contains(&key.account) {
                let held = self.held.entry(key.account.clone()).or_default();
                held.push((due, id, key));
            } else if let Some(until) = self.waits_with_older(&key, due) {
                started.held.extend(self.set_call_aside(&key, until));
            } else {
                if let Some(head) = self.head_mut(&key) {
                    head.due = None;
                }
                started.calls.push((id, key));
            }
        }
        started
    }

    /// Until when calls of a thread are set aside, if its oldest other call waits for control like those and
    /// has not been begun: handed out, it would come before them if control came at that moment.
    fn waits_with_older(&self, key: &ThreadKey, due: Timestamp) -> Option<Timestamp> {
        let active = self.threads.get(key)?;
        let is_new = due == AT_ONCE && active.calls.front()?.holds;
        active.calls_aside_until.filter(|_| is_new)
    }

    /// When the next call is due that waits for its time.
    pub(super) fn next_call_at(&self) -> Option<Timestamp> {
        let due = self.due.first().map(|(due, ..)| *due);
        let aside = self.calls_aside.first().map(|(until, _)| *until);
        due.into_iter().chain(aside).min()
    }

    /// Whether calls of accounts wait that were paused when they were due.
    pub(super) fn holds_calls(&self) -> bool {
        !self.held.is_empty()
    }

    /// Lets the thread's oldest call, if that is this one, wait until it is due.
    pub(super) fn put_off(&mut self, key: &ThreadKey, id: u64, due: Timestamp) {
        if let Some(head) = self.head_mut(key).filter(|head| head.id == id) {
            head.due = Some(due);
            self.wait_until(due, id, key);
        }
    }

    /// Sets the thread's oldest call aside until the bot may speak, or until this time; the calls behind
    /// it go on. The rest of its outcome waits with it, so that an answer stays in order, and so do those
    /// that came back with it. What brings control back never waits for control.
    ///
    /// Gives the receipts of those that were not set aside before.
    pub(super) fn set_call_aside(&mut self, key: &ThreadKey, until: Timestamp) -> Vec<u64> {
        let Some(active) = self.threads.get_mut(key) else {
            return Vec::new();
        };
        let Some(head) = active.calls.pop_front() else {
            return Vec::new();
        };
        let (due, outcome, came_back) = (head.due, head.outcome, head.was_aside);
        let id = head.id;
        let mut group = vec![head];
        while let Some(next) = active.calls.pop_front_if(|next| {
            let belongs = outcome != 0 && next.outcome == outcome;
            let is_back = came_back && next.was_aside;
            (belongs || is_back) && next.control != ControlEffect::BringsBack
        }) {
            group.push(next);
        }
        let oldest = group.iter().map(|call| call.id).min();
        let at = active
            .calls_aside
            .partition_point(|call| Some(call.id) < oldest);
        let new = group.iter().filter(|call| !call.was_aside);
        let receipts = new.filter_map(|call| call.receipt).collect();
        for call in &mut group {
            (call.due, call.was_aside) = (None, true);
        }
        active.calls_aside.splice(at..at, group);
        let before = active.calls_aside_until;
        let until = before.map_or(until, |before| before.min(until));
        active.calls_aside_until = Some(until);
        let next = active.calls.front().map(|call| call.id);
        if let Some(before) = before {
            self.calls_aside.remove(&(before, key.clone()));
        }
        self.calls_aside.insert((until, key.clone()));
        if let Some(due) = due {
            self.forget_due(due, id, key);
        }
        if let Some(next) = next {
            self.put_off(key, next, AT_ONCE);
        }
        self.give_turn(key);
        receipts
    }

    /// Whether calls of a thread are set aside.
    pub(super) fn has_calls_aside(&self, key: &ThreadKey) -> bool {
        let active = self.threads.get(key);
        active.is_some_and(|active| active.calls_aside_until.is_some())
    }

    /// The calls that were set aside in a thread are due again, before the others: but not before one
    /// that has been begun.
    pub(super) fn bring_calls_back(&mut self, key: &ThreadKey) {
        let Some(active) = self.threads.get_mut(key) else {
            return;
        };
        let Some(until) = active.calls_aside_until.take() else {
            return;
        };
        let aside = std::mem::take(&mut active.calls_aside);
        let first = aside.first().map(|call| call.id);
        let head = active.calls.front_mut();
        let has_begun = head.as_ref().is_some_and(|it| it.due != Some(AT_ONCE));
        let overtaken = head.filter(|_| !has_begun).and_then(|head| {
            let due = head.due.take()?;
            Some((due, head.id))
        });
        let at = usize::from(has_begun);
        for call in aside.into_iter().rev() {
            active.calls.insert(at, call);
        }
        self.calls_aside.remove(&(until, key.clone()));
        if let Some((due, id)) = overtaken {
            self.forget_due(due, id, key);
        }
        if let Some(first) = first.filter(|_| !has_begun) {
            self.put_off(key, first, AT_ONCE);
        }
    }

    /// The thread's oldest call was handed out, but nothing was tried: older ones that came back meanwhile
    /// are due before it.
    pub(super) fn give_way(&mut self, key: &ThreadKey, due: Timestamp) {
        let Some(active) = self.threads.get_mut(key) else {
            return;
        };
        let Some(head) = active.calls.pop_front() else {
            return;
        };
        let older = active
            .calls
            .iter()
            .take_while(|call| call.was_aside && call.id < head.id);
        let at = older.count();
        active.calls.insert(at, head);
        if let Some(first) = self.head(key) {
            self.put_off(key, first, due);
        }
    }

    /// Puts a call that has been begun before those of its thread that wait.
    pub(super) fn put_first(&mut self, key: &ThreadKey, id: u64) {
        let Some(active) = self.threads.get_mut(key) else {
            return;
        };
        let at = active.calls.iter().position(|call| call.id == id);
        let Some(call) = at
            .filter(|at| *at > 0)
            .and_then(|at| active.calls.remove(at))
        else {
            return;
        };
        let head = active.calls.front_mut().and_then(|head| {
            let due = head.due.take()?;
            Some((due, head.id))
        });
        active.calls.push_front(call);
        if let Some((due, id)) = head {
            self.forget_due(due, id, key);
        }
        self.put_off(key, id, AT_ONCE);
    }

    fn wait_until(&mut self, due: Timestamp, id: u64, key: &ThreadKey) {
        if !self.is_leaving(key) {
            self.due.insert((due, id, key.clone()));
        }
    }

    /// Whether the thread goes to another node.
    pub(super) fn is_leaving(&self, key: &ThreadKey) -> bool {
        !self.leaving.is_empty() && self.leaving.contains(key.lane())
    }

    fn forget_due(&mut self, due: Timestamp, id: u64, key: &ThreadKey) {
        let entry = (due, id, key.clone());
        if !self.due.remove(&entry)
            && let Some(held) = self.held.get_mut(&key.account)
        {
            held.retain(|waiting| *waiting != entry);
        }
    }

    /// Sets the time of a call that waits.
    pub(super) fn delay(&mut self, key: &ThreadKey, id: u64, due: Timestamp) {
        if let Some(head) = self.head_mut(key).filter(|head| head.id == id)
            && let Some(before) = head.due.replace(due)
        {
            self.due.remove(&(before, id, key.clone()));
            self.wait_until(due, id, key);
        }
    }

    /// Lets nothing of this account wait for its time any longer.
    pub(super) fn make_due(&mut self, account: &AccountId) {
        let resting = self
            .resting
            .extract_if(.., |(_, key)| key.account == *account);
        for (_, key) in resting.collect::<Vec<_>>() {
            self.active(&key).phase = ThreadPhase::Idle;
            self.give_turn(&key);
        }
        let aside = self.calls_aside.iter().map(|(_, key)| key);
        let aside = aside.filter(|key| key.account == *account);
        for key in aside.cloned().collect::<Vec<_>>() {
            self.bring_calls_back(&key);
        }
        let held = self.held.remove(account).unwrap_or_default();
        let due = self
            .due
            .extract_if(.., |(_, _, key)| key.account == *account);
        for (_, id, key) in held.into_iter().chain(due).collect::<Vec<_>>() {
            self.put_off(&key, id, AT_ONCE);
        }
    }

    /// Drops everything that waits in a thread, and gives what that was. A worker that has the thread
    /// keeps it until it releases it, so that nobody else is given what comes meanwhile; a call that
    /// is being made comes to nothing.
    pub(super) fn forget(&mut self, key: &ThreadKey) -> ForgottenWork {
        let Some(active) = self.threads.remove(key) else {
            return ForgottenWork::default();
        };
        self.events -= active.events.len() + active.aside.len();
        self.calls -= active.calls.len() + active.calls_aside.len();
        if let Some(until) = active.calls_aside_until {
            self.calls_aside.remove(&(until, key.clone()));
        }
        self.ready.retain(|ready| ready != key);
        if let ThreadPhase::Resting(until) = active.phase {
            self.resting.remove(&(until, key.clone()));
        }
        for (sequence, until) in &active.aside {
            self.aside.remove(&(*until, *sequence, key.clone()));
        }
        let aside = active.aside.iter().map(|(sequence, _)| *sequence);
        let work = ForgottenWork {
            events: active.events.iter().copied().chain(aside).collect(),
            calls: active.call_ids().collect(),
        };
        let head = active.calls.into_iter().next();
        if let Some(call) = &head
            && let Some(due) = call.due
        {
            self.forget_due(due, call.id, key);
        }
        let in_flight = head.filter(|call| call.due.is_none());
        let is_claimed = active.phase == ThreadPhase::Claimed;
        if is_claimed || in_flight.is_some() {
            self.calls += usize::from(in_flight.is_some());
            let calls = in_flight.map(|call| ScheduledCall {
                control: ControlEffect::Keeps,
                is_forgotten: true,
                ..call
            });
            let left = self.active(key);
            left.calls.extend(calls);
            if is_claimed {
                left.phase = ThreadPhase::Claimed;
            }
        }
        work
    }

    /// Whether the thread was forgotten while its oldest call was handed out.
    pub(super) fn has_forgotten_head(&self, key: &ThreadKey) -> bool {
        self.head_of(key).is_some_and(|head| head.is_forgotten)
    }

    /// The threads with something to do.
    pub(super) fn active_threads(&self) -> impl Iterator<Item = &ThreadKey> {
        self.threads.keys()
    }

    /// The events of a thread that wait.
    pub(super) fn events_of(&self, key: &ThreadKey) -> Vec<u64> {
        let active = self.threads.get(key);
        active.map_or_else(Vec::new, |active| active.events.iter().copied().collect())
    }

    /// The calls of a thread that wait.
    pub(super) fn calls_of(&self, key: &ThreadKey) -> Vec<u64> {
        let active = self.threads.get(key);
        active.map_or_else(Vec::new, |active| active.call_ids().collect())
    }

    /// The thread is handed out already.
    pub(super) fn hold(&mut self, key: &ThreadKey) {
        self.active(key).phase = ThreadPhase::Claimed;
    }

    /// The call, if it is the oldest of its thread, is handed out already.
    pub(super) fn hold_call(&mut self, key: &ThreadKey, id: u64) {
        if let Some(head) = self.head_mut(key).filter(|head| head.id == id)
            && let Some(due) = head.due.take()
        {
            self.due.remove(&(due, id, key.clone()));
        }
    }

    /// The echo of the thread's oldest call has come. Says whether that is handed out.
    pub(super) fn confirm(&mut self, key: &ThreadKey) -> bool {
        let Some(head) = self.head_mut(key).filter(|head| head.due.is_none()) else {
            return false;
        };
        head.confirmed = true;
        true
    }

    /// Whether the thread's oldest call is handed out.
    pub(super) fn is_started(&self, key: &ThreadKey) -> bool {
        self.head_of(key).is_some_and(|head| head.due.is_none())
    }

    /// The calls of a thread that are a part of the same outcome as its oldest.
    pub(super) fn rest_of_outcome(&self, key: &ThreadKey) -> Vec<u64> {
        let Some(active) = self.threads.get(key) else {
            return Vec::new();
        };
        let mut calls = active.calls.iter();
        let outcome = calls.next().map_or(0, |head| head.outcome);
        let rest = calls.filter(|call| outcome != 0 && call.outcome == outcome);
        rest.map(|call| call.id).collect()
    }

    /// Takes so many calls out behind the oldest of a thread.
    pub(super) fn drop_after_head(&mut self, key: &ThreadKey, calls: u32) -> Vec<u64> {
        let Some(active) = self.threads.get_mut(key) else {
            return Vec::new();
        };
        let end = active.calls.len().min(calls as usize + 1);
        let dropped: Vec<_> = active.calls.drain(1.min(end)..end).collect();
        self.calls -= dropped.len();
        dropped.into_iter().map(|call| call.id).collect()
    }

    /// Whether the echo of the thread's oldest call has come.
    pub(super) fn is_confirmed(&self, key: &ThreadKey) -> bool {
        self.head_of(key).is_some_and(|head| head.confirmed)
    }

    /// The thread's oldest call.
    pub(super) fn head(&self, key: &ThreadKey) -> Option<u64> {
        self.head_of(key).map(|head| head.id)
    }

    /// The receipt of the thread's oldest call.
    pub(super) fn receipt_of_head(&self, key: &ThreadKey) -> Option<u64> {
        self.head_of(key)?.receipt
    }

    fn head_of(&self, key: &ThreadKey) -> Option<&ScheduledCall> {
        self.threads.get(key)?.calls.front()
    }

    fn head_mut(&mut self, key: &ThreadKey) -> Option<&mut ScheduledCall> {
        self.threads.get_mut(key)?.calls.front_mut()
    }

    /// The thread's oldest call is done; these come before what it has left.
    pub(super) fn finish(&mut self, key: &ThreadKey, next: Vec<ScheduledCall>) {
        let Some(active) = self.threads.get_mut(key) else {
            return;
        };
        let Some(done) = active.calls.pop_front() else {
            return;
        };
        self.calls = self.calls + next.len() - 1;
        for call in next.into_iter().rev() {
            active.calls.push_front(call);
        }
        let head = active.calls.front().map(|call| call.id);
        if let Some(due) = done.due {
            self.forget_due(due, done.id, key);
        }
        if let Some(head) = head {
            self.put_off(key, head, AT_ONCE);
        }
        self.give_turn(key);
    }

    /// How many events and calls wait.
    pub(super) fn count(&self) -> usize {
        self.events + self.calls
    }

    /// Events, calls, and threads that are about to be handed off.
    pub(super) fn waiting(&self, now: Timestamp) -> (usize, usize, usize) {
        let active = self.threads.values();
        let handoffs = active.filter(|active| active.hands_off_by(now + SOON));
        (self.events, self.calls, handoffs.count())
    }

    /// Whether something is under way, or could be begun now.
    pub(super) fn is_busy(&self, now: Timestamp) -> bool {
        let is_due = self.next_at().is_some_and(|at| at <= now);
        is_due || self.threads.values().any(ActiveThread::is_under_way)
    }

    /// When a thread or a call is due that waits for its time.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        let times = [self.next_thread_at(), self.next_call_at()];
        times.into_iter().flatten().min()
    }

    fn active(&mut self, key: &ThreadKey) -> &mut ActiveThread {
        self.threads.entry(key.clone()).or_default()
    }

    /// Queues the thread if its events can be handled now.
    fn give_turn(&mut self, key: &ThreadKey) {
        let is_leaving = self.is_leaving(key);
        if let Some(active) = self.threads.get_mut(key)
            && active.phase == ThreadPhase::Idle
            && active.may_be_handled()
            && !is_leaving
        {
            active.phase = ThreadPhase::Ready;
            self.ready.push_back(key.clone());
        }
        self.forget_if_idle(key);
    }

    fn forget_if_idle(&mut self, key: &ThreadKey) {
        if self.threads.get(key).is_some_and(ActiveThread::is_idle) {
            self.threads.remove(key);
        }
    }
}

/// What became of calls that were due.
#[derive(Debug, Default)]
pub(super) struct StartedCalls {
    /// Those that are handed out: number and thread.
    pub(super) calls: Vec<(u64, ThreadKey)>,
    /// The receipts of those that wait for control.
    pub(super) held: Vec<u64>,
}

/// What waited in a thread that was forgotten.
#[derive(Debug, Default)]
pub(super) struct ForgottenWork {
    pub(super) events: Vec<u64>,
    pub(super) calls: Vec<u64>,
}

/// Whether an event may show another owner or a human, even while it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::journal) enum Silences {
    No,
    /// An echo with this key, or another event.
    Maybe(Option<DedupeKey>),
    /// It is the echo of a message that the bot sent.
    OwnEcho,
}

impl ScheduledCall {
    pub(super) fn new(id: u64, outcome: u64, control: ControlEffect, receipt: Option<u64>) -> Self {
        Self {
            id,
            outcome,
            control,
            due: None,
            holds: false,
            was_aside: false,
            receipt,
            confirmed: false,
            is_forgotten: false,
        }
    }

    /// Sets whether it waits while somebody else speaks in the thread.
    pub(super) fn holding(self, holds: bool) -> Self {
        Self { holds, ..self }
    }
}
