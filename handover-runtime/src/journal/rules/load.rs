//! Taking over what a storage holds.

use foldhash::{HashMap, HashSet};
use handover_protocol::Timestamp;

use super::schedule::{AT_ONCE, ScheduledCall};
use super::{JournalRules, JournalSnapshot, LoadedCall, RowChange};
use crate::graph::{ECHO_PAUSE, echo_due};
use crate::journal::ReceiptStatus;
use crate::journal::lanes::Lanes;
use crate::thread::ThreadKey;

/// What callers hold: threads that they work, calls that they make, notices that they deliver.
#[derive(Debug, Default)]
pub(in crate::journal) struct HandedOut {
    /// Whether anything is ever loaded; if not, nothing is noted.
    is_durable: bool,
    threads: HashSet<ThreadKey>,
    calls: HashMap<ThreadKey, u64>,
    notices: HashMap<u64, ThreadKey>,
}

impl HandedOut {
    pub(in crate::journal) fn new(is_durable: bool) -> Self {
        Self {
            is_durable,
            ..Self::default()
        }
    }

    pub(in crate::journal) fn thread(&mut self, thread: ThreadKey) {
        if self.is_durable {
            self.threads.insert(thread);
        }
    }

    pub(in crate::journal) fn call(&mut self, thread: ThreadKey, id: u64) {
        if self.is_durable {
            self.calls.insert(thread, id);
        }
    }

    pub(in crate::journal) fn notice(&mut self, thread: ThreadKey, id: u64) {
        if self.is_durable {
            self.notices.insert(id, thread);
        }
    }

    pub(in crate::journal) fn thread_returned(&mut self, thread: &ThreadKey) {
        if self.is_durable {
            self.threads.remove(thread);
        }
    }

    /// The lanes of what is handed out.
    pub(in crate::journal) fn lanes(&self) -> Lanes {
        let threads = self.threads.iter().chain(self.calls.keys());
        let threads = threads.chain(self.notices.values());
        threads.map(ThreadKey::lane).collect()
    }

    pub(in crate::journal) fn call_returned(&mut self, thread: &ThreadKey, id: u64) {
        if self.calls.get(thread) == Some(&id) {
            self.calls.remove(thread);
        }
    }

    pub(in crate::journal) fn notice_returned(&mut self, id: u64) {
        self.notices.remove(&id);
    }

    pub(super) fn has_notice(&self, id: u64) -> bool {
        self.notices.contains_key(&id)
    }
}

impl JournalRules {
    /// Takes over what waits, in place of what is known. What is handed out stays so; calls that a
    /// process before this one has begun may have gone through.
    pub(in crate::journal) fn load(
        &mut self,
        stored: JournalSnapshot,
        out: &HandedOut,
        now: Timestamp,
    ) {
        let before = std::mem::replace(self, Self::new(self.is_durable));
        let hears_since = before.hears_since.unwrap_or(now);
        self.hears_since = Some(hears_since);
        self.echoing = stored.echoing.into_iter().collect();
        self.last_sequence = stored.last_sequence;
        // A caller may still hold the number of a call that is gone.
        self.last_call = stored.last_call.max(before.last_call);
        self.last_receipt = stored.last_receipt;
        self.history = before.history;
        self.waiting_limit = before.waiting_limit;
        self.schedule.keep_paused(&before.schedule);
        self.dead_letters = stored.dead_letters;
        self.node = stored.node;
        self.schedule.leaving = stored.node.map(|share| share.leaving).unwrap_or_default();
        let leaving = self.schedule.leaving;
        self.notices = before.notices.reloaded(stored.notices, out, leaving);
        let mut resting = HashMap::default();
        for event in stored.events {
            if let Some(name) = event.expired_timer {
                self.expired_timers.insert(event.sequence, name);
            }
            if event.is_held {
                self.schedule
                    .load_aside(&event.thread, event.sequence, event.due);
                continue;
            }
            self.schedule
                .add_event(&event.thread, event.sequence, event.silences);
            if event.due > now {
                resting.insert(event.thread, event.due);
            }
        }
        for (key, until) in resting {
            self.schedule.rest(&key, until);
        }
        for call in stored.calls {
            self.load_call(call, out, hears_since, now);
        }
        for key in &out.threads {
            self.schedule.hold(key);
        }
        self.hold_timers(stored.timers);
    }

    fn load_call(
        &mut self,
        call: LoadedCall,
        out: &HandedOut,
        hears_since: Timestamp,
        now: Timestamp,
    ) {
        let LoadedCall { thread, id, .. } = call;
        let mut waiting = ScheduledCall::new(id, call.outcome, call.control, call.receipt)
            .holding(call.holds)
            .reclaiming(call.reclaims);
        waiting.confirmed = call.is_confirmed;
        let is_out = out.calls.get(&thread) == Some(&id);
        waiting.uncertain = call.uncertain || (call.is_started && !is_out);
        let uncertain = waiting.uncertain;
        if call.is_confirmed && !is_out {
            self.changes.push(RowChange::CallEnded(id));
            if let Some(number) = call.receipt {
                self.note_receipt(number, ReceiptStatus::Sent { message_id: None }, now);
            }
            return;
        }
        self.schedule.add_calls(&thread, vec![waiting], false);
        if is_out {
            self.schedule.put_first(&thread, id);
            self.schedule.hold_call(&thread, id);
            return;
        }
        if !uncertain {
            // It may wait for control only, and so delay what need not wait.
            let due = if call.holds { AT_ONCE } else { call.due };
            self.schedule.delay(&thread, id, due);
            return;
        }
        self.schedule.put_with_uncertain(&thread, id);
        // Only messages have echoes. One that has been waited for goes on being waited for, from when echoes
        // are heard: lanes may move more often than the pause lasts. A handoff is made again before anybody
        // can hand the thread back.
        let due = match (call.is_message, &call.begun) {
            (false, _) => AT_ONCE,
            (true, Some((message, begun))) => echo_due(message, *begun, now),
            (true, None) => call.due.max(hears_since + ECHO_PAUSE),
        };
        // Those before it wait as long, for it is due once they are done.
        self.schedule.delay_head(&thread, due);
        if call.is_started || due != call.due {
            self.changes.push(RowChange::CallWaits {
                id,
                due,
                attempts: 0,
                uncertain: true,
            });
        }
    }

    /// Something could not be stored, so echoes may have been refused: from the next load on they are heard
    /// again.
    pub(in crate::journal) fn has_refused(&mut self) {
        self.hears_since = None;
    }
}
