//! Timers of threads: one that runs out becomes an event.

use std::collections::BTreeMap;
use std::sync::Arc;

use std::time::Duration;

use foldhash::HashMap;
use handover_protocol::{AccountId, Timestamp};

use super::{EventStatus, JournalRules, RowChange, StoredTimer, StoredTimers};
use crate::internal_event::{InternalEvent, ReclaimTimer};
use crate::journal::TimerChange;
use crate::thread::ThreadKey;

/// How far ahead timers are held in memory, where the storage keeps them.
const AHEAD: Duration = Duration::from_secs(60 * 60);
/// How many run out in one commit, which a database has to store in time.
const TOGETHER: usize = 1000;

/// The timers that run out soon.
#[derive(Debug)]
pub(super) struct TimerQueue {
    by_time: BTreeMap<(Timestamp, ThreadKey, String), Arc<InternalEvent>>,
    by_name: HashMap<(ThreadKey, String), Timestamp>,
    /// Those that are due before this time are held.
    held_before: Timestamp,
    has_later: bool,
}

impl TimerQueue {
    pub(super) fn new(is_durable: bool) -> Self {
        Self {
            by_time: BTreeMap::new(),
            by_name: HashMap::default(),
            held_before: if is_durable {
                Timestamp::UNIX_EPOCH
            } else {
                Timestamp::MAX
            },
            has_later: false,
        }
    }

    /// When the next one runs out, or others have to be read.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        let next = self.by_time.keys().next().map(|(due, ..)| *due);
        let later = self.has_later.then_some(self.held_before);
        next.into_iter().chain(later).min()
    }

    fn insert(&mut self, timer: StoredTimer) {
        if timer.due < self.held_before {
            self.hold(timer);
        } else {
            self.has_later = true;
        }
    }

    /// Holds a timer, in place of one with its name.
    pub(super) fn hold(&mut self, timer: StoredTimer) {
        let StoredTimer {
            thread,
            name,
            due,
            event,
        } = timer;
        let before = self.by_name.insert((thread.clone(), name.clone()), due);
        if let Some(before) = before {
            self.by_time.remove(&(before, thread.clone(), name.clone()));
        }
        self.by_time.insert((due, thread, name), event);
    }

    fn take_of(&mut self, account: &AccountId) -> Vec<StoredTimer> {
        let of_account = self
            .by_time
            .extract_if(.., |(_, thread, _), _| thread.account == *account);
        let timers = of_account.map(|((due, thread, name), event)| StoredTimer {
            thread,
            name,
            due,
            event,
        });
        let timers: Vec<_> = timers.collect();
        self.by_name
            .retain(|(thread, _), _| thread.account != *account);
        timers
    }

    /// Drops the timers of a thread. Returns how many there were.
    pub(super) fn forget(&mut self, thread: &ThreadKey) -> u64 {
        self.by_name.retain(|(key, _), _| key != thread);
        let of_thread = self.by_time.extract_if(.., |(_, key, _), _| key == thread);
        of_thread.count() as u64
    }

    /// Whether the thread has a timer that runs out soon.
    pub(super) fn has(&self, thread: &ThreadKey) -> bool {
        self.by_name.keys().any(|(key, _)| key == thread)
    }

    /// The timers of a thread, next first.
    pub(super) fn of(&self, thread: &ThreadKey) -> impl Iterator<Item = StoredTimer> {
        let timers = self.by_time.iter();
        let timers = timers.filter(move |((_, key, _), _)| key == thread);
        timers.map(|((due, thread, name), event)| StoredTimer {
            thread: thread.clone(),
            name: name.clone(),
            due: *due,
            event: event.clone(),
        })
    }

    /// Drops a timer. Returns whether there may have been one: later ones are in the storage alone.
    fn remove(&mut self, thread: &ThreadKey, name: &str) -> bool {
        if self.by_name.is_empty() {
            return self.has_later;
        }
        let at = (thread.clone(), name.to_owned());
        let Some(due) = self.by_name.remove(&at) else {
            return self.has_later;
        };
        self.by_time.remove(&(due, at.0, at.1));
        true
    }

    fn pop_due(&mut self, now: Timestamp) -> Option<StoredTimer> {
        let first = self.by_time.first_entry()?;
        if first.key().0 > now {
            return None;
        }
        let ((due, thread, name), event) = first.remove_entry();
        self.by_name.remove(&(thread.clone(), name.clone()));
        Some(StoredTimer {
            thread,
            name,
            due,
            event,
        })
    }
}

impl JournalRules {
    /// Before which time timers have to be read from the storage, if so.
    pub(in crate::journal) fn wants_timers(&self, now: Timestamp) -> Option<Timestamp> {
        let timers = &self.timers;
        (timers.has_later && timers.held_before <= now).then_some(Self::horizon(now))
    }

    /// Before which time timers are held.
    pub(in crate::journal) fn horizon(now: Timestamp) -> Timestamp {
        now + AHEAD
    }

    pub(super) fn hold_timers(&mut self, stored: StoredTimers) {
        if !self.is_durable {
            return;
        }
        self.timers = TimerQueue::new(true);
        self.timers.held_before = stored.before;
        self.timers.has_later = stored.has_later;
        for timer in stored.timers {
            self.timers.insert(timer);
        }
    }

    /// The events of timers that have run out join those of their threads. Of many timers these are the first: the
    /// next claim is due at once.
    pub(in crate::journal) fn run_timers(&mut self, now: Timestamp) {
        for key in self.schedule.aside_until(now) {
            self.bring_back(&key);
        }
        for _ in 0..TOGETHER {
            let Some(timer) = self.timers.pop_due(now) else {
                return;
            };
            self.changes.push(RowChange::TimerRemoved {
                thread: timer.thread.clone(),
                name: timer.name,
            });
            self.enqueue(timer.thread, timer.event, timer.due);
        }
    }

    /// Lets nothing of an account wait for its time any longer. Its timers have to be held before.
    pub(in crate::journal) fn make_due(&mut self, account: &AccountId, now: Timestamp) {
        for timer in self.timers.take_of(account) {
            self.changes.push(RowChange::TimerRemoved {
                thread: timer.thread.clone(),
                name: timer.name,
            });
            self.enqueue(timer.thread, timer.event, timer.due.min(now));
        }
        for key in self.schedule.aside_of(account) {
            self.bring_back(&key);
        }
        self.schedule.make_due(account);
    }

    /// A timer is set or cancelled by an event with this number: what of it has run out meanwhile is not handled.
    /// Gives the events of that, some of which may be handed out.
    pub(super) fn supersede_timer(
        &mut self,
        key: &ThreadKey,
        name: &str,
        by: u64,
        at: Timestamp,
    ) -> Vec<u64> {
        if self.expired_timers.is_empty() {
            return Vec::new();
        }
        let mut waiting = self.schedule.events_of(key);
        waiting.retain(|sequence| {
            let expired = self.expired_timers.get(sequence);
            *sequence > by && expired.is_some_and(|expired| expired == name)
        });
        if !waiting.is_empty() {
            self.end(key, waiting.clone(), EventStatus::Superseded, at);
        }
        waiting
    }

    /// A timer is set or cancelled: a call on its behalf that waits to bring the thread back is not made any more. An
    /// agent has answered, or the thread has come back.
    pub(super) fn withdraw_calls(&mut self, key: &ThreadKey, name: &str) {
        let Some(timer) = ReclaimTimer::from_name(name) else {
            return;
        };
        for id in self.schedule.withdraw(key, timer) {
            tracing::info!(thread = %key, timer = name, "a call that was to bring the thread back is not made any more");
            self.end_waiting(key, id);
        }
    }

    pub(super) fn set_timer(&mut self, key: &ThreadKey, TimerChange { name, set }: TimerChange) {
        let may_exist = self.timers.remove(key, &name);
        let Some((due, event)) = set else {
            if may_exist {
                let thread = key.clone();
                self.changes.push(RowChange::TimerRemoved { thread, name });
            }
            return;
        };
        let timer = StoredTimer {
            thread: key.clone(),
            name,
            due,
            event,
        };
        self.add_timer(timer);
    }

    pub(super) fn add_timer(&mut self, timer: StoredTimer) {
        self.timers.insert(timer.clone());
        self.changes.push(RowChange::TimerSet(timer));
    }
}
