//! What a journal is, without any thought of speed or disks.

use std::collections::{BTreeMap, HashSet, VecDeque};

#[derive(Default)]
pub(crate) struct Model {
    seen: HashSet<(usize, u32)>,
    pub(crate) threads: BTreeMap<usize, Thread>,
    pub(crate) dead_letters: usize,
}

#[derive(Default)]
pub(crate) struct Thread {
    pub(crate) events: VecDeque<u32>,
    pub(crate) claimed: bool,
    pub(crate) calls: VecDeque<ModelCall>,
    pub(crate) started: bool,
    pub(crate) session: Option<u32>,
}

pub(crate) struct ModelCall {
    pub(crate) name: String,
    pub(crate) is_pass: bool,
    pub(crate) attempts: u32,
    pub(crate) uncertain: bool,
}

impl Model {
    pub(crate) fn append(&mut self, person: usize, number: u32) -> bool {
        let new = self.seen.insert((person, number));
        if new {
            let thread = self.threads.entry(person).or_default();
            thread.events.push_back(number);
        }
        new
    }

    /// Who has events that may be handled.
    pub(crate) fn ready(&self) -> Vec<usize> {
        let ready = self.threads.iter().filter(|(_, thread)| {
            !thread.claimed
                && !thread.events.is_empty()
                && !thread.calls.iter().any(|call| call.is_pass)
        });
        ready.map(|(person, _)| *person).collect()
    }

    /// Who has a call that may be made.
    pub(crate) fn due(&self) -> Vec<usize> {
        let due = self
            .threads
            .iter()
            .filter(|(_, thread)| !thread.started && !thread.calls.is_empty());
        due.map(|(person, _)| *person).collect()
    }

    /// The process ends, and another begins.
    pub(crate) fn reopen(&mut self) {
        for thread in self.threads.values_mut() {
            thread.claimed = false;
            if thread.started {
                thread.started = false;
                thread.calls[0].uncertain = true;
            }
        }
    }

    pub(crate) fn events(&self) -> usize {
        self.threads
            .values()
            .map(|thread| thread.events.len())
            .sum()
    }

    pub(crate) fn calls(&self) -> usize {
        self.threads.values().map(|thread| thread.calls.len()).sum()
    }
}
