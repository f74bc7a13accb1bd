//! What a journal is, without any thought of speed or disks.

use std::collections::{BTreeMap, HashSet, VecDeque};

#[derive(Default)]
pub(crate) struct Model {
    seen: HashSet<(usize, u32)>,
    /// By person and id, which content was submitted.
    submitted: BTreeMap<(usize, u32), Content>,
    pub(crate) threads: BTreeMap<usize, Thread>,
    pub(crate) dead_letters: usize,
    events_so_far: u64,
    calls_so_far: u64,
}

/// What is sent from outside a handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Signal,
    /// A message of so many parts.
    Message {
        parts: usize,
        holds: bool,
    },
}

/// Whether something was submitted before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    New,
    Same,
    Other,
}

#[derive(Default)]
pub(crate) struct Thread {
    pub(crate) events: VecDeque<ModelEvent>,
    /// Signals that wait until the bot may speak, in order.
    pub(crate) events_aside: Vec<ModelEvent>,
    pub(crate) claimed: bool,
    pub(crate) calls: VecDeque<ModelCall>,
    /// Calls that do.
    pub(crate) calls_aside: Vec<ModelCall>,
    pub(crate) started: bool,
    pub(crate) session: Option<u32>,
    /// Whether the bot may not speak now.
    pub(crate) paused: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct ModelEvent {
    order: u64,
    pub(crate) name: String,
    pub(crate) is_signal: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct ModelCall {
    pub(crate) order: u64,
    pub(crate) name: String,
    pub(crate) is_pass: bool,
    pub(crate) holds: bool,
    pub(crate) outcome: u64,
    pub(crate) attempts: u32,
    pub(crate) uncertain: bool,
    /// Whether it is tried again at a certain time, so that nothing comes before it.
    pub(crate) has_begun: bool,
    pub(crate) was_aside: bool,
}

impl Model {
    pub(crate) fn append(&mut self, person: usize, number: u32) -> bool {
        let new = self.seen.insert((person, number));
        if new {
            self.arrive(person, number.to_string(), false);
        }
        new
    }

    fn arrive(&mut self, person: usize, name: String, is_signal: bool) {
        self.events_so_far += 1;
        let thread = self.threads.entry(person).or_default();
        thread.events.push_back(ModelEvent {
            order: self.events_so_far,
            name,
            is_signal,
        });
    }

    /// Once for each id of a thread.
    pub(crate) fn submit(&mut self, person: usize, id: u32, content: Content) -> Found {
        match self.submitted.get(&(person, id)) {
            Some(known) if *known == content => return Found::Same,
            Some(_) => return Found::Other,
            None => {}
        }
        self.submitted.insert((person, id), content);
        match content {
            Content::Signal => self.arrive(person, submitted_name(id, 0), true),
            Content::Message { parts, holds } => {
                let calls = (0..parts).map(|part| ModelCall {
                    name: submitted_name(id, part),
                    holds,
                    outcome: u64::from(id) + 1,
                    ..ModelCall::default()
                });
                self.queue(person, calls);
            }
        }
        Found::New
    }

    /// All that was submitted, by person and id.
    pub(crate) fn submitted(&self) -> impl Iterator<Item = (usize, u32)> {
        self.submitted.keys().copied()
    }

    pub(crate) fn queue(&mut self, person: usize, calls: impl IntoIterator<Item = ModelCall>) {
        let thread = self.threads.entry(person).or_default();
        if !thread.paused {
            thread.bring_calls_back();
        }
        for mut call in calls {
            self.calls_so_far += 1;
            call.order = self.calls_so_far;
            thread.calls.push_back(call);
        }
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

    /// Calls that would wait for control as older ones do join those; says whether there were any.
    pub(crate) fn join_those_aside(&mut self) -> bool {
        let mut joined = false;
        for thread in self.threads.values_mut() {
            while !thread.started
                && !thread.calls_aside.is_empty()
                && let Some(head) = thread.calls.front()
                && head.holds
                && !head.has_begun
            {
                thread.set_call_aside();
                joined = true;
            }
        }
        joined
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
            if std::mem::take(&mut thread.started)
                && let Some(head) = thread.calls.front_mut()
            {
                head.uncertain = true;
            }
            thread.calls.extend(thread.calls_aside.drain(..));
            // Their echoes may still come, wherever they were: they are first.
            let place = |call: &ModelCall| (!call.uncertain, call.order);
            thread.calls.make_contiguous().sort_by_key(place);
            for call in &mut thread.calls {
                (call.has_begun, call.was_aside) = (false, false);
            }
            if let Some(head) = thread.calls.front_mut() {
                head.has_begun = head.uncertain || head.attempts > 0 && !head.holds;
            }
        }
    }

    pub(crate) fn events(&self) -> usize {
        let threads = self.threads.values();
        threads
            .map(|thread| thread.events.len() + thread.events_aside.len())
            .sum()
    }

    pub(crate) fn calls(&self) -> usize {
        let threads = self.threads.values();
        threads
            .map(|thread| thread.calls.len() + thread.calls_aside.len())
            .sum()
    }
}

impl Thread {
    /// The oldest call waits until the bot may speak, and with it the rest of what it belongs to.
    pub(crate) fn set_call_aside(&mut self) {
        let Some(head) = self.calls.pop_front() else {
            return;
        };
        let mut group = vec![head];
        while let Some(next) = self.calls.front() {
            let belongs = group[0].outcome != 0 && next.outcome == group[0].outcome;
            if !(belongs || group[0].was_aside && next.was_aside) {
                break;
            }
            group.extend(self.calls.pop_front());
        }
        for call in &mut group {
            (call.was_aside, call.has_begun) = (true, false);
        }
        self.calls_aside.extend(group);
        self.calls_aside.sort_by_key(|call| call.order);
    }

    /// The oldest event waits until the bot may speak.
    pub(crate) fn set_event_aside(&mut self, event: ModelEvent) {
        self.events_aside.push(event);
        self.events_aside.sort_by_key(|event| event.order);
    }

    /// The bot may speak again.
    pub(crate) fn bring_back(&mut self) {
        self.paused = false;
        self.bring_calls_back();
        self.events.extend(self.events_aside.drain(..));
        self.events
            .make_contiguous()
            .sort_by_key(|event| event.order);
    }

    fn bring_calls_back(&mut self) {
        let begun = self.calls.front().is_some_and(|head| head.has_begun);
        let at = usize::from(self.started || begun);
        for call in self.calls_aside.drain(..).rev() {
            self.calls.insert(at, call);
        }
    }
}

/// What a part of something that was submitted with this id is called.
pub(crate) fn submitted_name(id: u32, part: usize) -> String {
    format!("submitted {id}.{part}")
}
