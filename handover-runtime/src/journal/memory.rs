use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use foldhash::{HashMap, HashSet};
use handover_protocol::{AccountId, EventBody, Received};

use super::schedule::Schedule;
use super::{
    Accepted, Appended, Backlog, CallResult, Claim, Claimed, ClaimedEvent, DeadLetter, Due, Ending,
    Figures, FinishedCall, Journal, JournalFuture, Letter, NewCall, NewEvent, OutboxCall,
    PauseChange, Ready, Release, Settled, Settlement, Started, ThreadChange, ThreadState,
    TimerChange, Waiting, key_of, may_silence, sent_key,
};
use crate::clock::Clock;
use crate::ownership::Control;
use crate::thread::ThreadKey;

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

    /// An empty journal of a bot whose time is this clock's.
    #[must_use]
    pub fn with_clock(clock: Clock) -> Self {
        let tables = Tables {
            clock,
            ..Tables::default()
        };
        Self {
            tables: Mutex::new(tables),
        }
    }

    /// Whether the bot does something now, or is about to.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        let tables = self.tables();
        let now = tables.clock.now();
        let timer_is_due = tables
            .timers_due
            .first()
            .is_some_and(|(due, ..)| *due <= now);
        timer_is_due || tables.schedule.is_busy(now)
    }

    /// How long it is until the bot does something of its own accord: a timer runs out, or
    /// something is tried again.
    #[must_use]
    pub fn busy_in(&self) -> Option<Duration> {
        let tables = self.tables();
        let timer = tables.timers_due.first().map(|(due, ..)| *due);
        let next = timer.into_iter().chain(tables.schedule.next_at()).min()?;
        let left = u64::try_from(next - tables.clock.now()).unwrap_or(0);
        Some(Duration::from_millis(left))
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
    clock: Clock,
    schedule: Schedule,
    seen: HashSet<Arc<str>>,
    seen_in_order: VecDeque<Arc<str>>,
    events: HashMap<u64, ClaimedEvent>,
    calls: HashMap<u64, Kept>,
    threads: HashMap<ThreadKey, ThreadState>,
    timers: HashMap<(ThreadKey, String), (i64, Arc<Received>)>,
    /// Timers by the time they are due.
    timers_due: BTreeSet<(i64, ThreadKey, String)>,
    /// Accounts on which echoes of the bot's own calls were seen.
    echoing: HashSet<AccountId>,
    last_sequence: u64,
    last_call: u64,
    dead_letters: VecDeque<DeadLetter>,
    last_dead_letter: u64,
}

#[derive(Debug)]
struct Kept {
    new: NewCall,
    created_at: i64,
    /// When it was handed out last.
    started_at: i64,
    attempts: u32,
    uncertain: bool,
    /// Its echo came while it was handed out.
    confirmed: bool,
    /// A message before it in the same outcome was refused for good, for this reason.
    ended: Option<String>,
}

impl Tables {
    fn remember(&mut self, key: String) -> bool {
        let key = Arc::<str>::from(key);
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
        let is_own = event.confirms.is_some() || self.seen.contains(&*sent_key(&event.dedupe_key));
        if is_own {
            self.echoing.insert(event.thread.account.clone());
        }
        let also_known_as = event.also_known_as.clone();
        let is_new_elsewhere = also_known_as.is_none_or(|key| self.remember(key));
        if !self.remember(event.dedupe_key.clone()) || !is_new_elsewhere {
            return Appended::Duplicate;
        }
        if !self.confirm(&event) && !is_own {
            self.enqueue(&event.thread, event.received, event.received_at);
        }
        Appended::Stored
    }

    fn enqueue(&mut self, key: &ThreadKey, received: Arc<Received>, received_at: i64) {
        self.last_sequence += 1;
        let event = ClaimedEvent {
            sequence: self.last_sequence,
            received,
            received_at,
            attempts: 0,
        };
        let may_silence = may_silence(&event.received);
        self.events.insert(self.last_sequence, event);
        self.schedule
            .add_event(key, self.last_sequence, may_silence);
    }

    /// Whether it is the echo of a call: whatever was answered, that was made.
    fn confirm(&mut self, event: &NewEvent) -> bool {
        let key = &event.thread;
        let Some(id) = self.schedule.head(key) else {
            return false;
        };
        let started = self.schedule.is_started(key);
        let Some(call) = self.calls.get_mut(&id) else {
            return false;
        };
        let outstanding = started || call.uncertain;
        let sent_at = outstanding.then_some(call.started_at);
        if !call.new.has_echo(event, sent_at) {
            return false;
        }
        self.echoing.insert(key.account.clone());
        if started {
            call.confirmed = true;
        } else {
            let sent = FinishedCall::new(id, key.clone(), CallResult::Sent, self.clock.now());
            self.finish_call(sent);
        }
        true
    }

    /// Says when the next one is due.
    fn run_timers(&mut self, now: i64) -> Option<i64> {
        while self.timers_due.first().is_some_and(|(due, ..)| *due <= now) {
            let (due, key, name) = self.timers_due.pop_first()?;
            if let Some((_, event)) = self.timers.remove(&(key.clone(), name)) {
                self.enqueue(&key, event, due);
            }
        }
        self.timers_due.first().map(|(due, ..)| *due)
    }

    fn make_due(&mut self, account: &AccountId, now: i64) {
        let timers: Vec<_> = self
            .timers
            .extract_if(|(key, _), _| key.account == *account)
            .collect();
        for ((key, name), (due, event)) in timers {
            self.timers_due.remove(&(due, key.clone(), name));
            self.enqueue(&key, event, due.min(now));
        }
        self.schedule.make_due(account);
    }

    fn claim(&mut self, now: i64, limit: usize) -> Claimed {
        let next_timer = self.run_timers(now);
        let claimed = self.schedule.claim(now, limit);
        Claimed {
            claims: self.claims(claimed),
            next_at: next_timer
                .into_iter()
                .chain(self.schedule.next_thread_at())
                .min(),
        }
    }

    fn claims(&self, claimed: Vec<(ThreadKey, Vec<u64>)>) -> Vec<Claim> {
        let claims = claimed.into_iter().map(|(thread, sequences)| Claim {
            events: sequences
                .iter()
                .filter_map(|sequence| self.events.get(sequence).cloned())
                .collect(),
            state: self.threads.get(&thread).cloned().unwrap_or_default(),
            thread,
        });
        claims.collect()
    }

    /// What there is to do after a change.
    fn ready(&self) -> Ready {
        let mut ready = self.schedule.has_more();
        ready.events |= !self.timers_due.is_empty();
        ready
    }

    /// Gives the call that is handed out.
    fn settle(&mut self, settlement: Settlement) -> Option<OutboxCall> {
        let key = settlement.thread;
        let waiting = |sequence: &u64| self.schedule.waits(&key, *sequence);
        if !settlement.sequences.iter().all(waiting) {
            return None;
        }
        if let Ending::Retry { .. } = settlement.ending {
            for sequence in &settlement.sequences {
                if let Some(event) = self.events.get_mut(sequence) {
                    event.attempts += 1;
                }
            }
        } else {
            self.schedule.settle(&key, &settlement.sequences);
            for sequence in settlement.sequences {
                if let Some(event) = self.events.remove(&sequence)
                    && let Ending::Failed(cause) = &settlement.ending
                {
                    self.bury(key.clone(), Letter::Event(event.received), cause.clone());
                }
            }
        }
        for mid in &settlement.change.deleted {
            let letters = self.dead_letters.iter_mut();
            for letter in letters.filter(|letter| letter.thread == key) {
                letter.forget(mid);
            }
        }
        let mut change = settlement.change;
        change.numbered(self.last_call);
        self.change_thread(&key, &change);
        let calls = self.keep(settlement.calls);
        let started = self.schedule.add_calls(&key, &calls, settlement.hands_out);
        for timer in settlement.timers {
            self.set_timer(&key, timer);
        }
        self.hand_out(started?, key, settlement.at)
    }

    fn change_thread(&mut self, key: &ThreadKey, change: &ThreadChange) {
        if change.is_nothing() {
            return;
        }
        let state = self.threads.entry(key.clone()).or_default();
        state.apply(change);
        if change.gives_control(&state.ownership) {
            self.schedule.control_came(key);
        }
    }

    /// Remembers that the message of this echo was sent. If the echo came before, it may have been
    /// taken for what a human said.
    fn remember_sent(&mut self, key: &ThreadKey, echo: String) {
        self.remember(sent_key(&echo));
        if !self.remember(echo.clone()) {
            self.echoing.insert(key.account.clone());
            self.change_thread(key, &ThreadChange::of_pause(PauseChange::WasOwn { echo }));
        }
    }

    /// Gives calls their numbers.
    fn keep(&mut self, calls: Vec<NewCall>) -> Vec<(u64, Control)> {
        let created_at = self.clock.now();
        let numbered = calls.into_iter().map(|new| {
            self.last_call += 1;
            let control = Control::of(&new.call);
            let kept = Kept {
                new,
                created_at,
                started_at: 0,
                attempts: 0,
                uncertain: false,
                confirmed: false,
                ended: None,
            };
            self.calls.insert(self.last_call, kept);
            (self.last_call, control)
        });
        numbered.collect()
    }

    fn set_timer(&mut self, key: &ThreadKey, TimerChange { name, set }: TimerChange) {
        if set.is_none() && self.timers.is_empty() {
            return;
        }
        let at = (key.clone(), name.clone());
        let before = match &set {
            Some(timer) => self.timers.insert(at, timer.clone()),
            None => self.timers.remove(&at),
        };
        if let Some((due, _)) = before {
            self.timers_due.remove(&(due, key.clone(), name.clone()));
        }
        if let Some((due, _)) = set {
            self.timers_due.insert((due, key.clone(), name));
        }
    }

    fn start_calls(&mut self, due: Due) -> Started {
        let paused = due.paused.into_iter().collect();
        let started = self.schedule.start(due.now, due.limit, &paused);
        let calls = started
            .into_iter()
            .filter_map(|(id, thread)| self.hand_out(id, thread, due.now));
        Started {
            calls: calls.collect(),
            next_at: self.schedule.next_call_at(),
        }
    }

    fn hand_out(&mut self, id: u64, thread: ThreadKey, now: i64) -> Option<OutboxCall> {
        let waiting = self.waiting(&thread);
        let kept = self.calls.get_mut(&id)?;
        kept.started_at = now;
        Some(OutboxCall {
            waiting,
            reclaims: kept.new.reclaims.clone(),
            id,
            call: kept.new.call.clone(),
            object: kept.new.object.clone(),
            reference: kept.new.reference.clone(),
            attempts: kept.attempts,
            uncertain: kept.uncertain,
            echoes: self.echoing.contains(&thread.account),
            quiet: kept.new.quiet,
            ended: kept.ended.clone(),
            state: self.threads.get(&thread).cloned().unwrap_or_default(),
            thread,
        })
    }

    /// What waits in a thread, if it may tell that somebody else speaks now.
    fn waiting(&self, thread: &ThreadKey) -> Vec<Waiting> {
        let sequences = self.schedule.silencing(thread);
        let events = sequences
            .iter()
            .filter_map(|sequence| self.events.get(sequence));
        let of_others = events.filter(|event| match &event.received.event.body {
            EventBody::Echo(_) => !self.seen.contains(&*sent_key(&key_of(&event.received))),
            _ => true,
        });
        let waiting = of_others.map(|event| Waiting {
            sequence: event.sequence,
            received: event.received.clone(),
            received_at: event.received_at,
        });
        waiting.collect()
    }

    fn finish_call(&mut self, finished: FinishedCall) {
        let key = &finished.thread;
        if self.schedule.head(key) != Some(finished.id) {
            return;
        }
        let change = finished.change(self.last_sequence);
        let key = key.clone();
        self.change_thread(&key, &change);
        let key = &key;
        let Some(call) = self.calls.get_mut(&finished.id) else {
            return;
        };
        match finished.result {
            _ if call.confirmed => {}
            CallResult::Blocked(due) => {
                self.schedule.put_off_for_control(key, finished.id, due);
                return;
            }
            CallResult::RetryAt(due) | CallResult::PutOff(due) | CallResult::Uncertain(due) => {
                call.attempts += u32::from(!matches!(finished.result, CallResult::PutOff(_)));
                call.uncertain |= matches!(finished.result, CallResult::Uncertain(_));
                self.schedule.put_off(key, finished.id, due);
                return;
            }
            CallResult::Sent | CallResult::Dead(_) => {}
        }
        let done = self.calls.remove(&finished.id);
        if let Some(echo) = finished.echo {
            self.remember_sent(key, echo);
        }
        let next = self.keep(finished.next);
        self.schedule.finish(&finished.thread, &next);
        if let Some(event) = finished.event {
            self.enqueue(&finished.thread, event, finished.at);
        }
        if let (CallResult::Dead(cause), Some(done)) = (finished.result, done)
            && !done.confirmed
        {
            if finished.ends_outcome && done.new.outcome != 0 {
                let rest = self.calls.values_mut();
                for call in rest.filter(|call| call.new.outcome == done.new.outcome) {
                    call.ended = Some(cause.clone());
                }
            }
            let letter = Letter::Call(done.new.call);
            self.bury(finished.thread, letter, cause);
        }
    }

    fn bury(&mut self, thread: ThreadKey, letter: Letter, cause: String) {
        if self.dead_letters.len() == MemoryJournal::KEPT_DEAD_LETTERS {
            self.dead_letters.pop_front();
        }
        self.last_dead_letter += 1;
        self.dead_letters.push_back(DeadLetter {
            id: self.last_dead_letter,
            thread,
            letter,
            cause,
            at: self.clock.now(),
        });
    }

    fn backlog(&self) -> Backlog {
        let (events, calls, handoffs) = self.schedule.waiting(self.clock.now());
        Backlog {
            events,
            calls,
            handoffs,
            dead_letters: self.dead_letters.len(),
        }
    }

    fn figures(&self, now: i64) -> Figures {
        let mut figures = Figures {
            backlog: self.backlog(),
            oldest_event_at: self.events.values().map(|event| event.received_at).min(),
            oldest_call_at: self.calls.values().map(|call| call.created_at).min(),
            ..Figures::default()
        };
        let threads = self
            .threads
            .iter()
            .filter(|(key, _)| !key.is_the_accounts());
        for (_, state) in threads {
            figures.threads.count(&state.ownership, now, 1);
        }
        figures
    }
}

impl Journal for MemoryJournal {
    fn append(&self, events: Vec<NewEvent>, limit: usize) -> JournalFuture<'_, Accepted> {
        self.with(|tables| {
            let events = events.into_iter();
            let appended = events.map(|event| tables.append(event)).collect();
            let claimed = tables.schedule.claim_ready(limit);
            Accepted {
                appended,
                claims: tables.claims(claimed),
                has_more: tables.schedule.has_ready(),
            }
        })
    }

    fn claim(&self, now: i64, limit: usize) -> JournalFuture<'_, Claimed> {
        self.with(|tables| tables.claim(now, limit))
    }

    fn settle(
        &self,
        settlements: Vec<Settlement>,
        released: Vec<Release>,
    ) -> JournalFuture<'_, Settled> {
        self.with(|tables| {
            let mut calls = Vec::new();
            let mut pauses = Vec::new();
            for settlement in settlements {
                let key = settlement.thread.clone();
                calls.extend(tables.settle(settlement));
                let state = tables.threads.get(&key);
                pauses.push((key, state.and_then(|state| state.pause.clone())));
            }
            for Release { thread, until } in released {
                tables.schedule.release(&thread, until);
            }
            Settled {
                calls,
                pauses,
                ready: tables.ready(),
            }
        })
    }

    fn start_calls(&self, due: Due) -> JournalFuture<'_, Started> {
        self.with(|tables| tables.start_calls(due))
    }

    fn finish_calls(&self, finished: Vec<FinishedCall>) -> JournalFuture<'_, Ready> {
        self.with(|tables| {
            for call in finished {
                tables.finish_call(call);
            }
            tables.ready()
        })
    }

    fn make_due(&self, account: AccountId, now: i64) -> JournalFuture<'_, Ready> {
        self.with(|tables| {
            tables.make_due(&account, now);
            tables.ready()
        })
    }

    fn remember_sent(&self, thread: ThreadKey, echo: String) -> JournalFuture<'_, ()> {
        self.with(|tables| tables.remember_sent(&thread, echo))
    }

    fn was_sent(&self, echo: String) -> JournalFuture<'_, bool> {
        self.with(|tables| tables.seen.contains(&*sent_key(&echo)))
    }

    fn change_thread(&self, thread: ThreadKey, change: ThreadChange) -> JournalFuture<'_, Ready> {
        self.with(|tables| {
            tables.change_thread(&thread, &change);
            tables.ready()
        })
    }

    fn thread(&self, thread: ThreadKey) -> JournalFuture<'_, ThreadState> {
        self.with(|tables| tables.threads.get(&thread).cloned().unwrap_or_default())
    }

    fn dead_letters(&self) -> JournalFuture<'_, Vec<DeadLetter>> {
        self.with(|tables| tables.dead_letters.iter().cloned().collect())
    }

    fn backlog(&self) -> JournalFuture<'_, Backlog> {
        self.with(|tables| tables.backlog())
    }

    fn figures(&self, now: i64) -> JournalFuture<'_, Figures> {
        self.with(|tables| tables.figures(now))
    }

    fn probe(&self) -> JournalFuture<'_, ()> {
        self.with(|_| ())
    }

    fn close(&self) -> JournalFuture<'_, ()> {
        self.with(|_| ())
    }

    fn outlives_the_process(&self) -> bool {
        false
    }
}
