//! Calls that wait, in the order of their thread.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use handover_protocol::Timestamp;

use super::{AT_ONCE, Schedule, ScheduledCall, StartedCalls};
use crate::internal_event::ReclaimTimer;
use crate::journal::Due;
use crate::thread::ThreadKey;

impl Schedule {
    /// Adds calls behind those of the thread. If there are none before them but those that are set
    /// aside, the first may be handed out at once; says whether it is.
    pub(in crate::journal::rules) fn add_calls(
        &mut self,
        key: &ThreadKey,
        calls: Vec<ScheduledCall>,
        hands_out: bool,
    ) -> Option<u64> {
        let first = calls.first()?.id;
        self.counts.add_calls(&key.account, calls.len());
        let active = self.active(key);
        let starts = active.calls.is_empty();
        active.calls.extend(calls);
        if starts && !hands_out {
            self.put_off(key, first, AT_ONCE);
        }
        (starts && hands_out).then_some(first)
    }

    /// Hands out calls that are due. One that would wait for control as older ones do joins those. If more than this
    /// waits for accounts that are paused, hands out some of theirs as well, to be given up.
    pub(in crate::journal::rules) fn start(
        &mut self,
        asked: &Due,
        most_of_paused: usize,
    ) -> StartedCalls {
        while let Some((until, key)) = self.calls_aside.first()
            && *until <= asked.now
        {
            let key = key.clone();
            self.bring_calls_back(&key);
        }
        let paused = self.counts.paused();
        let released = self.held.extract_if(|account, _| !paused.contains(account));
        let released = released.flat_map(|(_, calls)| calls);
        self.due
            .extend(released.map(|(id, (due, key))| (due, id, key)));
        let mut started = StartedCalls::default();
        self.start_due(asked, &mut started);
        self.start_surplus(asked, most_of_paused, &mut started);
        started
    }

    fn start_due(&mut self, asked: &Due, started: &mut StartedCalls) {
        let Some((.., any)) = self.due.first() else {
            return;
        };
        let of = |time| (time, u64::MAX, any.clone());
        let times = of(AT_ONCE)..=of(asked.now.max(AT_ONCE));
        while started.calls.len() < asked.limit {
            let Some((due, id, key)) = self.next_due(&times) else {
                break;
            };
            if self.counts.paused().contains(&key.account) {
                let held = self.held.entry(key.account.clone()).or_default();
                held.insert(id, (due, key));
            } else if let Some(until) = self.waits_with_older(&key, due) {
                started.held.extend(self.set_call_aside(&key, until));
                started.set_aside.push(key);
            } else {
                if let Some(head) = self.head_mut(&key) {
                    head.due = None;
                }
                started.calls.push((id, key));
            }
        }
    }

    /// The oldest of those without a token, of the one for which most waits: a pause that ends at a time ends by itself.
    fn start_surplus(&mut self, asked: &Due, most_of_paused: usize, started: &mut StartedCalls) {
        let accounts = asked.without_token.iter();
        let without_token: usize = accounts.map(|account| self.counts.of(account)).sum();
        let surplus = without_token.saturating_sub(most_of_paused);
        let room = asked.limit.saturating_sub(started.calls.len());
        for _ in 0..surplus.min(room) {
            let waiting = asked.without_token.iter().filter(|account| {
                let held = self.held.get(*account);
                held.is_some_and(|held| !held.is_empty())
            });
            let oldest = waiting
                .max_by_key(|account| self.counts.of(account))
                .and_then(|account| self.held.get_mut(account))
                .and_then(BTreeMap::pop_first);
            let Some((id, (_, key))) = oldest else {
                return;
            };
            if let Some(head) = self.head_mut(&key) {
                (head.due, head.is_surplus) = (None, true);
            }
            started.calls.push((id, key));
        }
    }

    /// Takes the next call that is due: before those that wait for no time, those whose time, in this range, has
    /// come. They have waited longer, and the send rate has a turn reserved for them, which passes.
    fn next_due(
        &mut self,
        times: &RangeInclusive<(Timestamp, u64, ThreadKey)>,
    ) -> Option<(Timestamp, u64, ThreadKey)> {
        let times = times.start()..=times.end();
        let timed = self.due.extract_if(times, |_| true).next();
        let has_new = self.due.first().is_some_and(|(due, ..)| *due == AT_ONCE);
        match timed {
            None if has_new => self.due.pop_first(),
            timed => timed,
        }
    }

    /// When the next call is due that waits for its time.
    pub(in crate::journal::rules) fn next_call_at(&self) -> Option<Timestamp> {
        let due = self.due.first().map(|(due, ..)| *due);
        let aside = self.calls_aside.first().map(|(until, _)| *until);
        due.into_iter().chain(aside).min()
    }

    /// Whether calls of accounts wait that were paused when they were due.
    pub(in crate::journal::rules) fn holds_calls(&self) -> bool {
        !self.held.is_empty()
    }

    /// Lets the thread's oldest call, if that is this one, wait until it is due.
    pub(in crate::journal::rules) fn put_off(&mut self, key: &ThreadKey, id: u64, due: Timestamp) {
        if let Some(head) = self.head_mut(key).filter(|head| head.id == id) {
            (head.due, head.is_surplus) = (Some(due), false);
            self.wait_until(due, id, key);
        }
    }

    /// Puts a call that is handed out before those of its thread that wait.
    pub(in crate::journal::rules) fn put_first(&mut self, key: &ThreadKey, id: u64) {
        self.put_at(key, id, 0);
    }

    /// Puts a call that may have gone through before those of its thread that have not been begun, but behind one that
    /// is handed out and older ones that may have gone through, too.
    pub(in crate::journal::rules) fn put_with_uncertain(&mut self, key: &ThreadKey, id: u64) {
        let Some(active) = self.threads.get(key) else {
            return;
        };
        let head = active.calls.front();
        let out = usize::from(head.is_some_and(|head| head.due.is_none()));
        let calls = active.calls.iter().skip(out);
        let older = calls.take_while(|call| call.uncertain && call.id < id);
        let at = out + older.count();
        self.put_at(key, id, at);
    }

    /// Puts a call at this place of its thread's, unless it is before that.
    fn put_at(&mut self, key: &ThreadKey, id: u64, at: usize) {
        let Some(active) = self.threads.get_mut(key) else {
            return;
        };
        let from = active.calls.iter().position(|call| call.id == id);
        let Some(call) = from
            .filter(|from| *from > at)
            .and_then(|from| active.calls.remove(from))
        else {
            return;
        };
        let head = active.calls.front_mut().filter(|_| at == 0);
        let head = head.and_then(|head| {
            let due = head.due.take()?;
            Some((due, head.id))
        });
        active.calls.insert(at, call);
        if let Some((due, id)) = head {
            self.forget_due(due, id, key);
        }
        self.put_off(key, id, AT_ONCE);
    }

    pub(super) fn wait_until(&mut self, due: Timestamp, id: u64, key: &ThreadKey) {
        if !self.is_leaving(key) {
            self.due.insert((due, id, key.clone()));
        }
    }

    pub(super) fn forget_due(&mut self, due: Timestamp, id: u64, key: &ThreadKey) {
        let entry = (due, id, key.clone());
        if !self.due.remove(&entry)
            && let Some(held) = self.held.get_mut(&key.account)
        {
            held.remove(&id);
        }
    }

    /// Sets the time of a call that waits.
    pub(in crate::journal::rules) fn delay(&mut self, key: &ThreadKey, id: u64, due: Timestamp) {
        if let Some(head) = self.head_mut(key).filter(|head| head.id == id)
            && let Some(before) = head.due.replace(due)
        {
            self.due.remove(&(before, id, key.clone()));
            self.wait_until(due, id, key);
        }
    }

    /// Lets the thread's oldest call, unless it is handed out, wait until this time at least.
    pub(in crate::journal::rules) fn delay_head(&mut self, key: &ThreadKey, due: Timestamp) {
        if let Some(head) = self.head_of(key)
            && head.due.is_some_and(|before| before < due)
        {
            let id = head.id;
            self.delay(key, id, due);
        }
    }

    /// Whether the thread's oldest call is handed out to be given up.
    pub(in crate::journal::rules) fn is_surplus(&self, key: &ThreadKey) -> bool {
        self.head_of(key).is_some_and(|head| head.is_surplus)
    }

    /// Whether the thread was forgotten while its oldest call was handed out.
    pub(in crate::journal::rules) fn has_forgotten_head(&self, key: &ThreadKey) -> bool {
        self.head_of(key).is_some_and(|head| head.is_forgotten)
    }

    /// The calls of a thread that wait.
    pub(in crate::journal::rules) fn calls_of(&self, key: &ThreadKey) -> Vec<u64> {
        let active = self.threads.get(key);
        active.map_or_else(Vec::new, |active| active.call_ids().collect())
    }

    /// The call, if it is the oldest of its thread, is handed out already.
    pub(in crate::journal::rules) fn hold_call(&mut self, key: &ThreadKey, id: u64) {
        if let Some(head) = self.head_mut(key).filter(|head| head.id == id)
            && let Some(due) = head.due.take()
        {
            self.due.remove(&(due, id, key.clone()));
        }
    }

    /// The echo of the thread's oldest call has come. Says whether that is handed out.
    pub(in crate::journal::rules) fn confirm(&mut self, key: &ThreadKey) -> bool {
        let Some(head) = self.head_mut(key).filter(|head| head.due.is_none()) else {
            return false;
        };
        head.confirmed = true;
        true
    }

    /// The calls of a thread whose echo may come: the oldest, unless it has come, and those that may have gone
    /// through and wait elsewhere.
    pub(in crate::journal::rules) fn awaiting_echo(&self, key: &ThreadKey) -> Vec<u64> {
        let Some(active) = self.threads.get(key) else {
            return Vec::new();
        };
        let mut calls = active.calls.iter();
        let head = calls.next().filter(|head| !head.confirmed);
        let others = calls.chain(&active.calls_aside);
        let others = others.filter(|call| call.uncertain);
        let all = head.into_iter().chain(others);
        all.map(|call| call.id).collect()
    }

    /// The thread's oldest call may have gone through.
    pub(in crate::journal::rules) fn set_uncertain(&mut self, key: &ThreadKey) {
        if let Some(head) = self.head_mut(key) {
            head.uncertain = true;
        }
    }

    /// Whether the thread's oldest call is handed out.
    pub(in crate::journal::rules) fn is_started(&self, key: &ThreadKey) -> bool {
        self.head_of(key).is_some_and(|head| head.due.is_none())
    }

    /// The calls of a thread that are a part of the same outcome as its oldest.
    pub(in crate::journal::rules) fn rest_of_outcome(&self, key: &ThreadKey) -> Vec<u64> {
        let Some(active) = self.threads.get(key) else {
            return Vec::new();
        };
        let mut calls = active.calls.iter();
        let outcome = calls.next().map_or(0, |head| head.outcome);
        let rest = calls.filter(|call| outcome != 0 && call.outcome == outcome);
        rest.map(|call| call.id).collect()
    }

    /// Takes so many calls out behind the oldest of a thread.
    pub(in crate::journal::rules) fn drop_after_head(
        &mut self,
        key: &ThreadKey,
        calls: u32,
    ) -> Vec<u64> {
        let Some(active) = self.threads.get_mut(key) else {
            return Vec::new();
        };
        let end = active.calls.len().min(calls as usize + 1);
        let dropped: Vec<_> = active.calls.drain(1.min(end)..end).collect();
        self.counts.remove_calls(&key.account, dropped.len());
        dropped.into_iter().map(|call| call.id).collect()
    }

    /// No call brings the thread back on behalf of this timer any more. Gives those that wait; the one that is handed
    /// out is not tried again.
    pub(in crate::journal::rules) fn withdraw(
        &mut self,
        key: &ThreadKey,
        timer: ReclaimTimer,
    ) -> Vec<u64> {
        let Some(active) = self.threads.get_mut(key) else {
            return Vec::new();
        };
        let mut waiting = Vec::new();
        let calls = active.calls.iter_mut().enumerate();
        for (at, call) in calls.filter(|(_, call)| call.reclaims == Some(timer)) {
            if at == 0 && call.due.is_none() {
                call.is_withdrawn = true;
            } else {
                waiting.push(call.id);
            }
        }
        waiting
    }

    /// Whether the thread's oldest call is not tried again.
    pub(in crate::journal::rules) fn is_withdrawn(&self, key: &ThreadKey) -> bool {
        self.head_of(key).is_some_and(|head| head.is_withdrawn)
    }

    /// Whether the echo of the thread's oldest call has come.
    pub(in crate::journal::rules) fn is_confirmed(&self, key: &ThreadKey) -> bool {
        self.head_of(key).is_some_and(|head| head.confirmed)
    }

    /// The thread's oldest call.
    pub(in crate::journal::rules) fn head(&self, key: &ThreadKey) -> Option<u64> {
        self.head_of(key).map(|head| head.id)
    }

    /// The receipt of the thread's oldest call.
    pub(in crate::journal::rules) fn receipt_of_head(&self, key: &ThreadKey) -> Option<u64> {
        self.head_of(key)?.receipt
    }

    pub(super) fn head_of(&self, key: &ThreadKey) -> Option<&ScheduledCall> {
        self.threads.get(key)?.calls.front()
    }

    pub(super) fn head_mut(&mut self, key: &ThreadKey) -> Option<&mut ScheduledCall> {
        self.threads.get_mut(key)?.calls.front_mut()
    }

    /// A call of the thread that is not its oldest is done.
    pub(in crate::journal::rules) fn finish_waiting(&mut self, key: &ThreadKey, id: u64) {
        let Some(active) = self.threads.get_mut(key) else {
            return;
        };
        let before = active.call_ids().count();
        active.calls.retain(|call| call.id != id);
        active.calls_aside.retain(|call| call.id != id);
        let ended = before - active.call_ids().count();
        self.counts.remove_calls(&key.account, ended);
        if active.calls_aside.is_empty()
            && let Some(until) = active.calls_aside_until.take()
        {
            self.calls_aside.remove(&(until, key.clone()));
        }
        self.give_turn(key);
    }

    /// The thread's oldest call is done, or this one is made in its place.
    pub(in crate::journal::rules) fn finish(
        &mut self,
        key: &ThreadKey,
        instead: Option<ScheduledCall>,
    ) {
        let Some(active) = self.threads.get_mut(key) else {
            return;
        };
        let Some(done) = active.calls.pop_front() else {
            return;
        };
        match instead {
            Some(call) => active.calls.push_front(ScheduledCall {
                was_aside: done.was_aside,
                ..call
            }),
            None => self.counts.remove_calls(&key.account, 1),
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
}
