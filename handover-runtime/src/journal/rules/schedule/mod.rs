//! Whose turn it is: the order of what waits, by thread. Content is kept elsewhere.

mod aside;
mod calls;
mod counts;
mod turns;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use foldhash::HashMap;
use handover_protocol::{AccountId, Timestamp};

use super::DedupeKey;
use crate::internal_event::ReclaimTimer;
use crate::journal::lanes::Lanes;
use crate::ownership::ControlEffect;
use crate::thread::ThreadKey;
use counts::WaitingCounts;

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
    /// The same of accounts that are paused, oldest first.
    held: HashMap<AccountId, BTreeMap<u64, (Timestamp, ThreadKey)>>,
    /// Threads with calls that are set aside, by the time at which those are looked at again.
    calls_aside: BTreeSet<(Timestamp, ThreadKey)>,
    counts: WaitingCounts,
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
    /// Whether it may have gone through, so that its echo may come wherever it waits.
    pub(super) uncertain: bool,
    /// The receipt that says what becomes of it.
    receipt: Option<u64>,
    /// The timer on whose behalf it brings the thread back.
    reclaims: Option<ReclaimTimer>,
    /// Whether that timer was set anew or cancelled while it was handed out: it is not tried again.
    is_withdrawn: bool,
    /// Whether it is handed out to be given up, because too much waits for accounts that are paused.
    is_surplus: bool,
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
        !self.events.is_empty() && !self.hands_off()
    }

    /// Whether the bot is about to give the thread away.
    fn hands_off(&self) -> bool {
        let mut calls = self.calls.iter();
        calls.any(|call| call.control == ControlEffect::GivesAway)
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
        goes_on && self.hands_off()
    }
}

impl Schedule {
    pub(super) fn is_active(&self, key: &ThreadKey) -> bool {
        self.threads.contains_key(key)
    }

    /// Whether the bot is about to give the thread away.
    pub(super) fn hands_off(&self, key: &ThreadKey) -> bool {
        self.threads.get(key).is_some_and(ActiveThread::hands_off)
    }

    /// Whether the thread goes to another node.
    pub(super) fn is_leaving(&self, key: &ThreadKey) -> bool {
        !self.leaving.is_empty() && self.leaving.contains(key.lane())
    }

    /// Lets nothing of this account wait for its time any longer.
    pub(super) fn make_due(&mut self, account: &AccountId) {
        let resting = self
            .resting
            .extract_if(.., |(_, key)| key.account == *account);
        for (until, key) in resting.collect::<Vec<_>>() {
            self.end_rest(&key, until);
        }
        let aside = self.calls_aside.iter().map(|(_, key)| key);
        let aside = aside.filter(|key| key.account == *account);
        for key in aside.cloned().collect::<Vec<_>>() {
            self.bring_calls_back(&key);
        }
        let held = self.held.remove(account).unwrap_or_default();
        let held = held.into_iter().map(|(id, (due, key))| (due, id, key));
        let due = self
            .due
            .extract_if(.., |(_, _, key)| key.account == *account);
        for (_, id, key) in held.chain(due).collect::<Vec<_>>() {
            self.put_off(&key, id, AT_ONCE);
        }
    }

    /// Drops everything that waits in a thread, and returns what that was. A worker that has the thread
    /// keeps it until it releases it, so that nobody else is given what comes meanwhile; a call that
    /// is being made comes to nothing.
    pub(super) fn forget(&mut self, key: &ThreadKey) -> ForgottenWork {
        let Some(active) = self.threads.remove(key) else {
            return ForgottenWork::default();
        };
        let (events, calls) = (&active.events, &active.calls);
        let account = &key.account;
        self.counts
            .remove_events(account, events.len() + active.aside.len());
        self.counts
            .remove_calls(account, calls.len() + active.calls_aside.len());
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
            let count = usize::from(in_flight.is_some());
            self.counts.add_calls(&key.account, count);
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

    /// The threads with something to do.
    pub(super) fn active_threads(&self) -> impl Iterator<Item = &ThreadKey> {
        self.threads.keys()
    }

    /// Nothing is sent to these accounts now.
    pub(super) fn set_paused(&mut self, accounts: &[AccountId]) {
        let before = self.counts.paused();
        let is_same = accounts.len() == before.len();
        if !is_same || !accounts.iter().all(|account| before.contains(account)) {
            self.counts.set_paused(accounts.iter().cloned());
        }
    }

    /// Nothing is sent to the accounts to which nothing was sent before.
    pub(super) fn keep_paused(&mut self, before: &Self) {
        self.counts
            .set_paused(before.counts.paused().iter().cloned());
    }

    /// How many events and calls wait, as far as they count: of accounts to which nothing is sent now, as many as this
    /// do not.
    pub(super) fn count(&self, uncounted: usize) -> usize {
        self.counts.besides_paused(uncounted)
    }

    /// The same, for something that is to join those of this account. If nothing is sent to it, those of the others
    /// count to which nothing is sent, either.
    pub(super) fn count_for(&self, account: &AccountId, uncounted: usize) -> usize {
        match self.counts.paused().contains(account) {
            true => self.counts.of_paused(),
            false => self.count(uncounted),
        }
    }

    /// Events, calls, and threads that are about to be handed off.
    pub(super) fn waiting(&self, now: Timestamp) -> (usize, usize, usize) {
        let active = self.threads.values();
        let handoffs = active.filter(|active| active.hands_off_by(now + SOON));
        (self.counts.events, self.counts.calls, handoffs.count())
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
    /// The threads of those.
    pub(super) set_aside: Vec<ThreadKey>,
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
            uncertain: false,
            receipt,
            reclaims: None,
            is_withdrawn: false,
            is_surplus: false,
            confirmed: false,
            is_forgotten: false,
        }
    }

    /// Sets whether it waits while somebody else speaks in the thread.
    pub(super) fn holding(self, holds: bool) -> Self {
        Self { holds, ..self }
    }

    /// Sets the timer on whose behalf it brings the thread back.
    pub(super) fn reclaiming(self, reclaims: Option<ReclaimTimer>) -> Self {
        Self { reclaims, ..self }
    }
}
