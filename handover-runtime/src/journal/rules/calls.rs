//! Calls that wait, are handed out and end.

use std::time::Duration;

use handover_protocol::Timestamp;

use super::schedule::{AT_ONCE, ScheduledCall, StartedCalls};
use super::{HELD_CALLS, JournalRules, ReadRequest, RowChange};
use crate::journal::{
    CallResult, Due, Ended, FinishedCall, OutboxCall, QueuedCall, ReceiptStatus, ThreadChange,
};
use crate::ownership::ControlEffect;
use crate::thread::{KnownOwner, Owner, ThreadKey};

/// How soon a call is looked at again that only an event holds back which still waits.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

impl JournalRules {
    /// Adds calls behind those of a thread. Gives the first, if it is handed out at once.
    pub(super) fn queue(
        &mut self,
        key: &ThreadKey,
        calls: Vec<QueuedCall>,
        hands_out: bool,
        now: Timestamp,
    ) -> Option<u64> {
        if self.schedule.has_calls_aside(key) && self.threads.get(key).may_speak(now) {
            // Control came back without an event: what waits for it is older.
            self.schedule.bring_calls_back(key);
        }
        let is_next = self.schedule.head(key).is_none() && !self.schedule.has_calls_aside(key);
        let hands_out = hands_out && is_next;
        let waiting = self.number(key, calls, hands_out, now);
        self.schedule.add_calls(key, waiting, hands_out)
    }

    /// Gives calls their numbers; the first is handed out at once, if it is to be.
    fn number(
        &mut self,
        key: &ThreadKey,
        calls: Vec<QueuedCall>,
        hands_out: bool,
        now: Timestamp,
    ) -> Vec<ScheduledCall> {
        let mut waiting = Vec::with_capacity(calls.len());
        for call in calls {
            self.last_call += 1;
            let is_started = hands_out && waiting.is_empty();
            waiting.push(self.keep(key, self.last_call, call, is_started, now));
        }
        waiting
    }

    /// Keeps a call under this number.
    fn keep(
        &mut self,
        key: &ThreadKey,
        id: u64,
        mut call: QueuedCall,
        is_started: bool,
        now: Timestamp,
    ) -> ScheduledCall {
        (call.id, call.created_at, call.started_at) = (id, now, now);
        let control = ControlEffect::of(&call.call);
        self.row(|| RowChange::Called {
            thread: key.clone(),
            call: call.clone(),
            control,
            is_started,
        });
        let scheduled = ScheduledCall::new(id, call.outcome, control, call.receipt);
        let scheduled = scheduled
            .holding(call.terms.holds)
            .reclaiming(call.reclaims);
        if !self.is_durable || self.calls.len() < HELD_CALLS {
            self.calls.insert(id, call);
        }
        scheduled
    }

    /// Whether [`start`](Self::start) might find something.
    pub(in crate::journal) fn has_due_calls(&self, now: Timestamp) -> bool {
        let next = self.schedule.next_call_at();
        self.schedule.holds_calls() || next.is_some_and(|due| due <= now)
    }

    /// Hands out the oldest call of each thread that is due: number and thread.
    pub(in crate::journal) fn start(&mut self, due: &Due) -> Vec<(u64, ThreadKey)> {
        self.schedule.set_paused(&due.paused);
        if !self.has_due_calls(due.now) {
            return Vec::new();
        }
        let StartedCalls {
            calls: started,
            held,
            set_aside,
        } = self.schedule.start(due, self.waiting_limit);
        let at = due.now;
        for number in held {
            self.note_receipt(number, ReceiptStatus::Held, at);
        }
        for key in set_aside {
            self.end_needless_handoffs(&key, at);
        }
        for &(id, _) in &started {
            if let Some(call) = self.calls.get_mut(&id) {
                call.started_at = at;
            }
            self.changes.push(RowChange::CallStarted { id, at });
        }
        started
    }

    /// When the next call is due that waits for its time.
    pub(super) fn next_call_at(&self) -> Option<Timestamp> {
        self.schedule.next_call_at()
    }

    /// The same, for the outbox, which looks again by then.
    pub(in crate::journal) fn sleep_of_calls(&mut self) -> Option<Timestamp> {
        self.looks_for_calls_at = self.next_call_at();
        self.looks_for_calls_at
    }

    /// What has to be read before a call can be handed out.
    pub(in crate::journal) fn request_call(
        &self,
        (id, key): &(u64, ThreadKey),
        request: &mut ReadRequest,
    ) {
        self.request_thread(key, request);
        if !self.calls.contains_key(id) {
            request.calls.push(*id);
        }
        let silencing = self.schedule.silencing(key).into_iter();
        let unread = silencing.filter(|sequence| !self.events.contains_key(sequence));
        request.events.extend(unread);
    }

    /// What is handed out of a call; `None` if it could not be read.
    pub(in crate::journal) fn started(
        &mut self,
        (id, thread): (u64, ThreadKey),
    ) -> Option<OutboxCall> {
        if self.threads.lacks(&thread) {
            return None;
        }
        let silencing = self.schedule.silencing(&thread);
        let mut waiting = Vec::with_capacity(silencing.len());
        for sequence in silencing {
            let event = self.events.get(&sequence)?;
            if let Some(received) = event.event.platform() {
                waiting.push(crate::journal::PendingEvent {
                    sequence,
                    received: received.clone(),
                    received_at: event.received_at,
                });
            }
        }
        let call = if self.is_durable {
            self.calls.remove(&id)?
        } else {
            self.calls.get(&id)?.clone()
        };
        Some(OutboxCall {
            id,
            call: call.call,
            object: call.object,
            reference: call.reference,
            reclaims: call.reclaims,
            timers: call.timers,
            waiting,
            attempts: call.attempts,
            uncertain: call.uncertain,
            echoes: self.echoing.contains(&thread.account),
            quiet: call.quiet,
            ended: call.ended,
            receipt: call.receipt,
            outcome: call.outcome,
            is_surplus: self.schedule.is_surplus(&thread),
            terms: call.terms,
            state: self.threads.get(&thread),
            epoch: self.share().epoch,
            thread,
        })
    }

    /// Whether the echo of a call has come while it is handed out.
    pub(in crate::journal) fn has_echo(&self, id: u64, key: &ThreadKey) -> bool {
        self.schedule.head(key) == Some(id) && self.schedule.is_confirmed(key)
    }

    /// A call is not handed out after all: it could not be read, and waits again, unless its thread was
    /// forgotten.
    pub(in crate::journal) fn put_back(&mut self, id: u64, key: &ThreadKey) {
        if self.schedule.has_forgotten_head(key) {
            self.schedule.finish(key, None);
        } else {
            self.schedule.put_off(key, id, AT_ONCE);
        }
    }

    /// Records what became of a call, and takes what follows out of it. Whether the key of its echo is
    /// known has to be filled in before.
    pub(in crate::journal) fn finish(&mut self, finished: &mut FinishedCall) {
        let mut change = finished.change(self.last_sequence);
        change.said.extend(finished.turn.take());
        let (id, key, at) = (finished.id, &finished.thread, finished.at);
        if self.schedule.head(key) != Some(id) {
            return;
        }
        if self.schedule.has_forgotten_head(key) {
            // Its echo is still nobody else's.
            if let Some(echo_key) = finished.echo_key {
                self.remember(echo_key.sent());
            }
            self.schedule.finish(key, None);
            self.forget_if_idle(key);
            return;
        }
        // It had come back, though nothing has said so.
        let is_nobodys = || {
            let owner = &self.threads.get(key).ownership.owner;
            matches!(owner, Owner::Unknown | Owner::Nobody)
        };
        if finished.was_the_bots && is_nobodys() {
            let back = ThreadChange {
                ownership: Some(KnownOwner::seen(Owner::Bot, at, self.last_sequence)),
                ..ThreadChange::default()
            };
            let returned = self.change_thread(key, back, at);
            self.tell(key, &finished.listeners, returned, None, at);
        }
        let returned = self.change_thread(key, change, at);
        self.update_reclaim(finished);
        self.tell(key, &finished.listeners, returned, None, at);
        if let Some(news) = &finished.news {
            self.notify(key, &finished.listeners, news, at);
        }
        let confirmed = finished.result != CallResult::Sent && self.schedule.is_confirmed(key);
        let receipt = match confirmed {
            true => self.schedule.receipt_of_head(key).map(|number| {
                // Whatever the answer was, or whether there was one.
                (number, ReceiptStatus::Sent { message_id: None })
            }),
            false => finished.receipt.take(),
        };
        if let Some((number, status)) = receipt {
            self.note_receipt(number, status, at);
        }
        match &finished.result {
            _ if confirmed => {}
            CallResult::RetryAt(_) | CallResult::PutOff(_) if self.schedule.is_withdrawn(key) => {}
            CallResult::RetryAt(due) => return self.wait(key, id, *due, 1, false),
            CallResult::Uncertain(due) => return self.wait(key, id, *due, 1, true),
            CallResult::PutOff(due) => return self.wait(key, id, *due, 0, false),
            CallResult::Blocked(until) => {
                let may_speak = self.threads.get(key).may_speak(at);
                let is_silenced = !self.schedule.silencing(key).is_empty();
                // Control came while it was handed out, or a waiting event says otherwise.
                let due = match is_silenced {
                    _ if !may_speak => *until,
                    true => (at + LOOK_AGAIN).min(*until),
                    false => AT_ONCE,
                };
                // Before a handoff, no event is handled, so that one would wait for this call.
                if may_speak && !(is_silenced && self.schedule.hands_off(key)) {
                    self.schedule.give_way(key, due);
                    return self.wait(key, id, due, 0, false);
                }
                for number in self.schedule.set_call_aside(key, due) {
                    self.note_receipt(number, ReceiptStatus::Held, at);
                }
                self.changes.push(RowChange::CallWaits {
                    id,
                    due,
                    attempts: 0,
                    uncertain: false,
                });
                self.end_needless_handoffs(key, at);
                return;
            }
            CallResult::Dead(cause) => {
                self.dead_letters += 1;
                if let Some(ended) = finished.ends_outcome.take() {
                    self.stop_outcome(key, ended);
                }
                let call = self.calls.get(&id);
                self.changes.push(RowChange::DeadCall {
                    thread: key.clone(),
                    id,
                    call: call.map(|call| call.call.clone()),
                    object: call.map(|call| call.object.clone()).unwrap_or_default(),
                    cause: cause.clone(),
                    at,
                });
            }
            CallResult::Replaced => {
                let call = self.calls.get(&id);
                if call.is_some_and(|call| call.terms.otherwise.is_none()) {
                    // It was stored, though the commit seemed to fail: this is what is made in its place.
                    return self.schedule.put_off(key, id, AT_ONCE);
                }
                for id in self.schedule.drop_after_head(key, finished.drops) {
                    self.calls.remove(&id);
                    self.row(|| RowChange::CallEnded(id));
                }
            }
            CallResult::Sent | CallResult::Needless => {}
        }
        if let (Some(echo), Some(echo_key)) = (&finished.echo, finished.echo_key) {
            self.remember_sent(key, echo, echo_key, at);
        }
        // What has arrived needs nothing in its place, nor does what nobody wants any more.
        let is_over = confirmed || self.schedule.is_withdrawn(key);
        let instead = finished.instead.take().filter(|_| !is_over);
        self.calls.remove(&id);
        self.row(|| RowChange::CallEnded(id));
        let instead = instead.map(|call| self.keep(key, id, *call, false, at));
        self.schedule.finish(key, instead);
        self.forget_if_idle(key);
        if let Some(event) = finished.event.take() {
            self.enqueue(key.clone(), event, at);
        }
    }

    /// The calls after the oldest in the same outcome are not to be sent.
    fn stop_outcome(&mut self, key: &ThreadKey, ended: Ended) {
        let ids = self.schedule.rest_of_outcome(key);
        for id in &ids {
            if let Some(call) = self.calls.get_mut(id) {
                call.ended = Some(ended.clone());
            }
        }
        if !ids.is_empty() {
            self.changes.push(RowChange::CallsStopped { ids, ended });
        }
    }

    /// A call that is not handed out is done.
    pub(super) fn end_waiting(&mut self, key: &ThreadKey, id: u64) {
        self.calls.remove(&id);
        self.row(|| RowChange::CallEnded(id));
        if self.schedule.head(key) == Some(id) {
            self.schedule.finish(key, None);
        } else {
            self.schedule.finish_waiting(key, id);
        }
        self.forget_if_idle(key);
    }

    /// A handoff that is set aside is done once its target has the thread: made later, it would send the person back to
    /// an agent who is done with them.
    pub(super) fn end_needless_handoffs(&mut self, key: &ThreadKey, now: Timestamp) {
        for id in self.schedule.handoffs_aside(key) {
            let state = self.threads.get(key);
            let call = self.calls.get(&id);
            let Some(call) = call.filter(|call| state.target_has_it(&call.call, now)) else {
                continue;
            };
            let timers = call.timers.as_deref().copied().unwrap_or_default();
            let object = call.object.clone();
            tracing::info!(thread = %key, "a handoff that waited is not made any more, for its target has the thread");
            self.end_waiting(key, id);
            self.set_reclaim(key, &object, timers, now);
        }
    }

    /// The handoffs of a thread that are set aside.
    pub(in crate::journal) fn handoffs_aside(&self, key: &ThreadKey) -> Vec<u64> {
        self.schedule.handoffs_aside(key)
    }

    /// What has to be read before a blocked call can be set aside: it may be a handoff, and those behind it may be
    /// set aside with it. When their target gets the thread, nothing is read any more.
    pub(in crate::journal) fn request_handoffs(&self, key: &ThreadKey, request: &mut ReadRequest) {
        let handoffs = self.schedule.handoffs_of(key).into_iter();
        let unread = handoffs.filter(|id| !self.calls.contains_key(id));
        request.calls.extend(unread);
    }

    fn wait(&mut self, key: &ThreadKey, id: u64, due: Timestamp, attempts: u32, uncertain: bool) {
        if let Some(call) = self.calls.get_mut(&id) {
            call.attempts += attempts;
            call.uncertain |= uncertain;
        }
        if uncertain {
            self.schedule.set_uncertain(key);
        }
        self.schedule.put_off(key, id, due);
        self.changes.push(RowChange::CallWaits {
            id,
            due,
            attempts,
            uncertain,
        });
    }
}
