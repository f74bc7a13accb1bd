use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use handover_protocol::{Object, Received};
use serde_json::Value;

use super::{
    Appended, Backlog, CallResult, Claim, ClaimedEvent, DeadLetter, FinishedCall, Journal,
    JournalFuture, Letter, NewCall, NewEvent, OutboxCall, Settlement, TimerChange,
};
use crate::clock;
use crate::graph::Call;
use crate::outbox::gives_thread_away;
use crate::thread::{Ownership, ThreadKey};

/// A journal that keeps everything in memory: for tests, and for bots that may forget what was
/// under way when they stop.
///
/// Dedupe keys and dead letters are bounded; the oldest go first.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    tables: Mutex<Tables>,
}

impl MemoryJournal {
    const REMEMBERED_KEYS: usize = 100_000;
    const KEPT_DEAD_LETTERS: usize = 10_000;

    /// An empty journal.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        // Every method below leaves the tables whole, even if one of them panicked.
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T: Send + 'static>(&self, work: impl FnOnce(&mut Tables) -> T) -> JournalFuture<'_, T> {
        let done = work(&mut self.tables());
        Box::pin(std::future::ready(Ok(done)))
    }
}

#[derive(Debug, Default)]
struct Tables {
    seen: HashSet<String>,
    seen_in_order: VecDeque<String>,
    threads: HashMap<ThreadKey, Thread>,
    /// Threads whose events can be handled, in the order in which their turn comes.
    ready: VecDeque<ThreadKey>,
    /// The oldest call of each thread by the time it is due, unless it is handed out.
    due: BTreeSet<(i64, u64, ThreadKey)>,
    /// Timers by the time they are due.
    timers: BTreeSet<(i64, ThreadKey, String)>,
    last_sequence: u64,
    last_call: u64,
    dead_letters: VecDeque<DeadLetter>,
}

#[derive(Debug, Default)]
struct Thread {
    events: VecDeque<ClaimedEvent>,
    claimed: bool,
    ready: bool,
    session: Option<Value>,
    ownership: Ownership,
    outbox: VecDeque<Waiting>,
    timers: HashMap<String, (i64, Arc<Received>)>,
}

#[derive(Debug)]
struct Waiting {
    id: u64,
    call: Call,
    object: Object,
    attempts: u32,
}

impl Tables {
    fn remember(&mut self, key: String) -> bool {
        if !self.seen.insert(key.clone()) {
            return false;
        }
        self.seen_in_order.push_back(key);
        if self.seen_in_order.len() > MemoryJournal::REMEMBERED_KEYS
            && let Some(oldest) = self.seen_in_order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        true
    }

    fn append(&mut self, event: NewEvent) -> Appended {
        if !self.remember(event.dedupe_key) {
            return Appended::Duplicate;
        }
        self.enqueue(event.thread, event.received, event.received_at);
        Appended::Stored
    }

    fn enqueue(&mut self, key: ThreadKey, received: Arc<Received>, received_at: i64) {
        self.last_sequence += 1;
        let thread = self.threads.entry(key.clone()).or_default();
        thread.events.push_back(ClaimedEvent {
            sequence: self.last_sequence,
            received,
            received_at,
        });
        self.give_turn(key);
    }

    fn run_timers(&mut self, now: i64) -> Option<i64> {
        while self.timers.first().is_some_and(|(due, ..)| *due <= now) {
            let (due, key, name) = self.timers.pop_first()?;
            let thread = self.threads.get_mut(&key);
            if let Some((_, event)) = thread.and_then(|thread| thread.timers.remove(&name)) {
                self.enqueue(key, event, due);
            }
        }
        self.timers.first().map(|(due, ..)| *due)
    }

    /// Queues the thread if its events can be handled now.
    fn give_turn(&mut self, key: ThreadKey) {
        let Some(thread) = self.threads.get_mut(&key) else {
            return;
        };
        let handed_off = thread
            .outbox
            .iter()
            .any(|waiting| gives_thread_away(&waiting.call));
        if !(thread.events.is_empty() || thread.claimed || thread.ready || handed_off) {
            thread.ready = true;
            self.ready.push_back(key);
        }
    }

    fn claim(&mut self, limit: usize) -> Vec<Claim> {
        let turns = self.ready.len().min(limit);
        let mut claims = Vec::with_capacity(turns);
        for key in self.ready.drain(..turns) {
            let Some(thread) = self.threads.get_mut(&key) else {
                continue;
            };
            thread.ready = false;
            thread.claimed = true;
            claims.push(Claim {
                thread: key,
                events: thread.events.iter().cloned().collect(),
                session: thread.session.clone(),
                ownership: thread.ownership.clone(),
            });
        }
        claims
    }

    fn settle(&mut self, settlement: Settlement) {
        let Some(thread) = self.threads.get_mut(&settlement.thread) else {
            return;
        };
        let of_event = |event: &ClaimedEvent| event.sequence == settlement.sequence;
        let Some(index) = thread.events.iter().position(of_event) else {
            return;
        };
        let event = thread.events.remove(index);
        if settlement.session.is_some() {
            thread.session = settlement.session;
        }
        if let Some(ownership) = settlement.ownership {
            thread.ownership.learn(ownership);
        }
        for NewCall { call, object } in settlement.calls {
            self.last_call += 1;
            if thread.outbox.is_empty() {
                self.due
                    .insert((0, self.last_call, settlement.thread.clone()));
            }
            thread.outbox.push_back(Waiting {
                id: self.last_call,
                call,
                object,
                attempts: 0,
            });
        }
        for TimerChange { name, set } in settlement.timers {
            let before = match &set {
                Some(timer) => thread.timers.insert(name.clone(), timer.clone()),
                None => thread.timers.remove(&name),
            };
            let key = &settlement.thread;
            if let Some((due, _)) = before {
                self.timers.remove(&(due, key.clone(), name.clone()));
            }
            if let Some((due, _)) = set {
                self.timers.insert((due, key.clone(), name));
            }
        }
        if let (Some(cause), Some(event)) = (settlement.failure, event) {
            self.bury(settlement.thread, Letter::Event(event.received), cause);
        }
    }

    fn release(&mut self, key: ThreadKey) {
        if let Some(thread) = self.threads.get_mut(&key) {
            thread.claimed = false;
            self.give_turn(key);
        }
    }

    fn start_calls(&mut self, now: i64, limit: usize) -> Vec<OutboxCall> {
        let mut started = Vec::new();
        while started.len() < limit && self.due.first().is_some_and(|(due, ..)| *due <= now) {
            let Some((_, id, key)) = self.due.pop_first() else {
                break;
            };
            let Some(thread) = self.threads.get(&key) else {
                continue;
            };
            let Some(waiting) = thread.outbox.front() else {
                continue;
            };
            started.push(OutboxCall {
                id,
                call: waiting.call.clone(),
                object: waiting.object.clone(),
                attempts: waiting.attempts,
                ownership: thread.ownership.clone(),
                thread: key,
            });
        }
        started
    }

    fn finish_call(&mut self, finished: FinishedCall) {
        let Some(thread) = self.threads.get_mut(&finished.thread) else {
            return;
        };
        if let Some(ownership) = finished.ownership {
            thread.ownership.learn(ownership);
        }
        let Some(head) = thread
            .outbox
            .front_mut()
            .filter(|head| head.id == finished.id)
        else {
            return;
        };
        if let CallResult::RetryAt(due) = finished.result {
            head.attempts += 1;
            self.due.insert((due, finished.id, finished.thread));
            return;
        }
        let done = thread.outbox.pop_front();
        if let Some(next) = thread.outbox.front() {
            self.due.insert((0, next.id, finished.thread.clone()));
        }
        if let Some(event) = finished.event {
            self.enqueue(finished.thread.clone(), event, clock::now());
        }
        self.give_turn(finished.thread.clone());
        if let (CallResult::Dead(cause), Some(done)) = (finished.result, done) {
            self.bury(finished.thread, Letter::Call(Box::new(done.call)), cause);
        }
    }

    fn bury(&mut self, thread: ThreadKey, letter: Letter, cause: String) {
        if self.dead_letters.len() == MemoryJournal::KEPT_DEAD_LETTERS {
            self.dead_letters.pop_front();
        }
        self.dead_letters.push_back(DeadLetter {
            thread,
            letter,
            cause,
            at: clock::now(),
        });
    }

    fn backlog(&self) -> Backlog {
        let threads = self.threads.values();
        let (events, calls) = threads.fold((0, 0), |(events, calls), thread| {
            (events + thread.events.len(), calls + thread.outbox.len())
        });
        Backlog {
            events,
            calls,
            dead_letters: self.dead_letters.len(),
        }
    }
}

impl Journal for MemoryJournal {
    fn append(&self, events: Vec<NewEvent>) -> JournalFuture<'_, Vec<Appended>> {
        self.with(|tables| {
            events
                .into_iter()
                .map(|event| tables.append(event))
                .collect()
        })
    }

    fn claim(&self, limit: usize) -> JournalFuture<'_, Vec<Claim>> {
        self.with(move |tables| tables.claim(limit))
    }

    fn settle(&self, settlements: Vec<Settlement>) -> JournalFuture<'_, ()> {
        self.with(|tables| {
            for settlement in settlements {
                tables.settle(settlement);
            }
        })
    }

    fn release(&self, threads: Vec<ThreadKey>) -> JournalFuture<'_, ()> {
        self.with(|tables| {
            for thread in threads {
                tables.release(thread);
            }
        })
    }

    fn run_timers(&self, now: i64) -> JournalFuture<'_, Option<i64>> {
        self.with(move |tables| tables.run_timers(now))
    }

    fn start_calls(&self, now: i64, limit: usize) -> JournalFuture<'_, Vec<OutboxCall>> {
        self.with(move |tables| tables.start_calls(now, limit))
    }

    fn next_call_at(&self) -> JournalFuture<'_, Option<i64>> {
        self.with(|tables| tables.due.first().map(|(due, ..)| *due))
    }

    fn finish_calls(&self, finished: Vec<FinishedCall>) -> JournalFuture<'_, ()> {
        self.with(|tables| {
            for call in finished {
                tables.finish_call(call);
            }
        })
    }

    fn dead_letters(&self) -> JournalFuture<'_, Vec<DeadLetter>> {
        self.with(|tables| tables.dead_letters.iter().cloned().collect())
    }

    fn backlog(&self) -> JournalFuture<'_, Backlog> {
        self.with(|tables| tables.backlog())
    }
}
