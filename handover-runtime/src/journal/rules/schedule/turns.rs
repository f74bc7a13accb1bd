//! Events that wait: whose turn it is, and what is handed out.

use handover_protocol::Timestamp;

use super::{Schedule, Silences, ThreadPhase};
use crate::journal::Claim;
use crate::journal::rules::DedupeKey;
use crate::thread::ThreadKey;

impl Schedule {
    pub(in crate::journal::rules) fn add_event(
        &mut self,
        key: &ThreadKey,
        sequence: u64,
        silences: Silences,
    ) {
        self.counts.add_events(&key.account, 1);
        let active = self.active(key);
        active.events.push_back(sequence);
        match silences {
            Silences::No => {}
            Silences::Maybe(echo) => active.silencing.push((sequence, echo)),
            Silences::OwnEcho => active.own_echoes.push(sequence),
        }
        self.give_turn(key);
    }

    /// Waiting events of a thread, oldest first, if any of them may show another owner or a human.
    pub(in crate::journal::rules) fn silencing(&self, key: &ThreadKey) -> Vec<u64> {
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
    pub(in crate::journal::rules) fn is_own(&mut self, key: &ThreadKey, echo: DedupeKey) {
        if let Some(active) = self.threads.get_mut(key) {
            let own = active
                .silencing
                .extract_if(.., |(_, key)| *key == Some(echo));
            active.own_echoes.extend(own.map(|(sequence, _)| sequence));
        }
    }

    /// The threads whose turn it is, each with its oldest events.
    pub(in crate::journal::rules) fn claim(
        &mut self,
        now: Timestamp,
        limit: usize,
    ) -> Vec<(ThreadKey, Vec<u64>)> {
        while self.resting.first().is_some_and(|(until, _)| *until <= now) {
            let Some((until, key)) = self.resting.pop_first() else {
                break;
            };
            self.end_rest(&key, until);
        }
        self.claim_ready(limit)
    }

    /// The same, but for those that waited for a time.
    pub(in crate::journal::rules) fn claim_ready(
        &mut self,
        limit: usize,
    ) -> Vec<(ThreadKey, Vec<u64>)> {
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
    pub(in crate::journal::rules) fn later(&self, key: &ThreadKey, sequence: u64) -> Vec<u64> {
        let claimed = self
            .threads
            .get(key)
            .filter(|active| active.phase == ThreadPhase::Claimed);
        let events = claimed.into_iter().flat_map(|active| &active.events);
        let later = events.copied().filter(|event| *event > sequence);
        later.take(Claim::EVENTS).collect()
    }

    /// Whether there is a thread whose turn it is.
    pub(in crate::journal::rules) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// The oldest event that waits.
    pub(in crate::journal::rules) fn oldest_event(&self) -> Option<u64> {
        let threads = self.threads.values();
        let oldest = threads.flat_map(|active| {
            let aside = active.aside.first().map(|(sequence, _)| *sequence);
            active.events.front().copied().into_iter().chain(aside)
        });
        oldest.min()
    }

    /// When the next thread is ready that waits for a time.
    pub(in crate::journal::rules) fn next_thread_at(&self) -> Option<Timestamp> {
        let resting = self.resting.first().map(|(until, _)| *until);
        let aside = self.aside.first().map(|(until, ..)| *until);
        resting.into_iter().chain(aside).min()
    }

    pub(in crate::journal::rules) fn release(&mut self, key: &ThreadKey, until: Option<Timestamp>) {
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
    pub(in crate::journal::rules) fn rest(&mut self, key: &ThreadKey, until: Timestamp) {
        self.active(key).phase = ThreadPhase::Resting(until);
        self.resting.insert((until, key.clone()));
    }

    /// The oldest event of a thread that waits for its turn.
    pub(in crate::journal::rules) fn oldest_of(&self, key: &ThreadKey) -> Option<u64> {
        self.threads.get(key)?.events.front().copied()
    }

    pub(in crate::journal::rules) fn waits(&self, key: &ThreadKey, sequence: u64) -> bool {
        let active = self.threads.get(key);
        active.is_some_and(|active| active.events.contains(&sequence))
    }

    /// Whether one of these events is an echo of the bot's own message.
    pub(in crate::journal::rules) fn is_own_echo(
        &self,
        key: &ThreadKey,
        sequences: &[u64],
    ) -> bool {
        let own = self.threads.get(key).map(|active| &active.own_echoes);
        own.is_some_and(|own| sequences.iter().any(|sequence| own.contains(sequence)))
    }

    pub(in crate::journal::rules) fn settle(&mut self, key: &ThreadKey, sequences: &[u64]) {
        let Some(active) = self.threads.get_mut(key) else {
            return;
        };
        let before = active.events.len();
        active.events.retain(|event| !sequences.contains(event));
        active
            .silencing
            .retain(|(event, _)| !sequences.contains(event));
        active.own_echoes.retain(|event| !sequences.contains(event));
        let settled = before - active.events.len();
        self.counts.remove_events(&key.account, settled);
        self.forget_if_idle(key);
    }

    /// The events of a thread that wait.
    pub(in crate::journal::rules) fn events_of(&self, key: &ThreadKey) -> Vec<u64> {
        let active = self.threads.get(key);
        active.map_or_else(Vec::new, |active| active.events.iter().copied().collect())
    }

    /// The thread is handed out already.
    pub(in crate::journal::rules) fn hold(&mut self, key: &ThreadKey) {
        let active = self.active(key);
        if let ThreadPhase::Resting(until) = active.phase {
            self.resting.remove(&(until, key.clone()));
        }
        self.active(key).phase = ThreadPhase::Claimed;
    }

    /// The time has come until which a thread rested; it may have been handed out since.
    pub(super) fn end_rest(&mut self, key: &ThreadKey, until: Timestamp) {
        if let Some(active) = self.threads.get_mut(key)
            && active.phase == ThreadPhase::Resting(until)
        {
            active.phase = ThreadPhase::Idle;
            self.give_turn(key);
        }
    }

    /// Queues the thread if its events can be handled now.
    pub(super) fn give_turn(&mut self, key: &ThreadKey) {
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
}
