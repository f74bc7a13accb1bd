//! Events and calls that are set aside until the bot may speak.

use handover_protocol::{AccountId, Timestamp};

use super::{AT_ONCE, Schedule};
use crate::ownership::ControlEffect;
use crate::thread::ThreadKey;

impl Schedule {
    /// Sets an event aside until the bot may speak in the thread, or until this time.
    pub(in crate::journal::rules) fn set_aside(
        &mut self,
        key: &ThreadKey,
        sequence: u64,
        until: Timestamp,
    ) {
        let active = self.active(key);
        active.events.retain(|event| *event != sequence);
        let at = active.aside.partition_point(|(other, _)| *other < sequence);
        active.aside.insert(at, (sequence, until));
        self.aside.insert((until, sequence, key.clone()));
    }

    /// The same, for an event that is not known yet.
    pub(in crate::journal::rules) fn load_aside(
        &mut self,
        key: &ThreadKey,
        sequence: u64,
        until: Timestamp,
    ) {
        self.counts.add_events(&key.account, 1);
        self.set_aside(key, sequence, until);
    }

    /// The events that were set aside in a thread wait for their turn again, before those that came
    /// later.
    pub(in crate::journal::rules) fn bring_back(&mut self, key: &ThreadKey) -> Vec<u64> {
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
    pub(in crate::journal::rules) fn aside_until(&self, now: Timestamp) -> Vec<ThreadKey> {
        let due = self.aside.iter().take_while(|(until, ..)| *until <= now);
        due.map(|(.., key)| key.clone()).collect()
    }

    /// The threads of an account of which something is set aside.
    pub(in crate::journal::rules) fn aside_of(&self, account: &AccountId) -> Vec<ThreadKey> {
        let all = self.aside.iter().map(|(.., key)| key);
        all.filter(|key| key.account == *account).cloned().collect()
    }

    /// Until when calls of a thread are set aside, if its oldest other call waits for control like those and
    /// has not been begun: handed out, it would come before them if control came at that moment.
    pub(super) fn waits_with_older(&self, key: &ThreadKey, due: Timestamp) -> Option<Timestamp> {
        let active = self.threads.get(key)?;
        let is_new = due == AT_ONCE && active.calls.front()?.holds;
        active.calls_aside_until.filter(|_| is_new)
    }

    /// Sets the thread's oldest call aside until the bot may speak, or until this time; the calls behind
    /// it go on. The rest of its outcome waits with it, so that an answer stays in order, and so do those
    /// that came back with it. What brings control back never waits for control.
    ///
    /// Gives the receipts of those that were not set aside before.
    pub(in crate::journal::rules) fn set_call_aside(
        &mut self,
        key: &ThreadKey,
        until: Timestamp,
    ) -> Vec<u64> {
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

    /// The calls set aside in a thread that give it away.
    pub(in crate::journal::rules) fn handoffs_aside(&self, key: &ThreadKey) -> Vec<u64> {
        let active = self.threads.get(key);
        let aside = active.into_iter().flat_map(|active| &active.calls_aside);
        let handoffs = aside.filter(|call| call.control == ControlEffect::GivesAway);
        handoffs.map(|call| call.id).collect()
    }

    /// The calls of a thread that give it away and are not set aside.
    pub(in crate::journal::rules) fn handoffs_of(&self, key: &ThreadKey) -> Vec<u64> {
        let active = self.threads.get(key);
        let calls = active.into_iter().flat_map(|active| &active.calls);
        let handoffs = calls.filter(|call| call.control == ControlEffect::GivesAway);
        handoffs.map(|call| call.id).collect()
    }

    /// Whether calls of a thread are set aside.
    pub(in crate::journal::rules) fn has_calls_aside(&self, key: &ThreadKey) -> bool {
        let active = self.threads.get(key);
        active.is_some_and(|active| active.calls_aside_until.is_some())
    }

    /// The calls that were set aside in a thread are due again, before the others: but not before one
    /// that has been begun.
    pub(in crate::journal::rules) fn bring_calls_back(&mut self, key: &ThreadKey) {
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
    pub(in crate::journal::rules) fn give_way(&mut self, key: &ThreadKey, due: Timestamp) {
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
}
