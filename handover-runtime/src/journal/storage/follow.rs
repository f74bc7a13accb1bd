//! What happens in a journal, as it happens.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::OpenError;
use super::inspect::{Followed, Inspector, JournalReader};

/// Follows a journal that bots work on.
pub struct Follower {
    reader: Box<dyn JournalReader>,
    person: Option<String>,
    version: Option<i64>,
    /// The largest number of an event, by block of numbers.
    last_events: BTreeMap<u64, u64>,
    last_dead_letter: u64,
    /// Events that are not settled and calls that are not sent, each with thread and kind.
    events: BTreeMap<u64, (String, String)>,
    calls: BTreeMap<u64, (String, String)>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct JournalChange {
    /// `event`, `call` or `dead letter`.
    pub what: &'static str,
    /// Its number.
    pub id: u64,
    /// Its thread.
    pub thread: String,
    /// The kind of event, or the name of the call.
    pub kind: String,
    /// Its new status, such as `arrived`, `handled`, `queued` or `finished`.
    pub became: String,
    /// The content of an event that arrived, as JSON, or the cause of a dead letter.
    pub detail: String,
}

impl Inspector {
    /// Follows the journal from now on.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn follow(self, person: Option<String>) -> Result<Follower, OpenError> {
        let Self(reader) = self;
        let last_dead_letter = reader.last_dead_letter()?;
        let bits = reader.block_bits();
        let last_events = reader.last_events()?;
        let mut follower = Follower {
            person,
            version: None,
            last_events: last_events
                .iter()
                .map(|last| (last >> bits, *last))
                .collect(),
            last_dead_letter,
            events: BTreeMap::new(),
            calls: BTreeMap::new(),
            reader,
        };
        let Followed { calls, .. } = follower.read()?;
        follower.calls = calls.into_iter().collect();
        for (id, thread, kind) in follower.reader.waiting_events(follower.person.as_deref())? {
            follower.events.insert(id, (thread, kind));
        }
        Ok(follower)
    }
}

impl Follower {
    /// What has happened since it was asked last. If nothing has, that reads one page of a file.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read.
    pub fn changes(&mut self) -> Result<Vec<JournalChange>, OpenError> {
        let version = self.reader.version()?;
        if version.is_some() && version == self.version {
            return Ok(Vec::new());
        }
        self.version = version;
        let followed = self.read()?;
        let mut changes = Vec::new();
        let bits = self.reader.block_bits();
        for event in followed.new_events {
            let last = self.last_events.entry(event.id >> bits).or_default();
            *last = event.id.max(*last);
            let of = (event.thread.clone(), event.kind.clone());
            self.events.insert(event.id, of);
            changes.push(event);
        }
        for (id, outcome) in followed.outcomes {
            if let Some((thread, kind)) = self.events.remove(&id) {
                changes.push(JournalChange::new("event", id, thread, kind, &outcome));
            }
        }
        let calls: BTreeMap<_, _> = followed.calls.into_iter().collect();
        let before = std::mem::replace(&mut self.calls, calls);
        let known: BTreeSet<_> = before.keys().copied().collect();
        for (id, (thread, kind)) in &self.calls {
            if !known.contains(id) {
                let (thread, kind) = (thread.clone(), kind.clone());
                changes.push(JournalChange::new("call", *id, thread, kind, "queued"));
            }
        }
        for (id, (thread, kind)) in before {
            if !self.calls.contains_key(&id) {
                changes.push(JournalChange::new("call", id, thread, kind, "finished"));
            }
        }
        for dead_letter in followed.new_dead_letters {
            self.last_dead_letter = dead_letter.id.max(self.last_dead_letter);
            changes.push(dead_letter);
        }
        Ok(changes)
    }

    fn read(&self) -> Result<Followed, OpenError> {
        let bits = self.reader.block_bits();
        let largest = i64::MAX.cast_unsigned();
        let mut ranges: Vec<_> = self
            .last_events
            .iter()
            .map(|(block, last)| (*last, ((block + 1) << bits).min(largest)))
            .collect();
        let next = self.last_events.keys().last().map_or(0, |block| block + 1);
        let next = (next << bits).min(largest);
        if next < largest {
            ranges.push((next.saturating_sub(1), largest));
        }
        let waiting: Vec<_> = self.events.keys().copied().collect();
        let person = self.person.as_deref();
        self.reader
            .follow(person, &ranges, &waiting, self.last_dead_letter)
    }
}

impl JournalChange {
    fn new(what: &'static str, id: u64, thread: String, kind: String, became: &str) -> Self {
        Self {
            what,
            id,
            thread,
            kind,
            became: became.to_owned(),
            detail: String::new(),
        }
    }
}

impl std::fmt::Debug for Follower {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Follower").finish_non_exhaustive()
    }
}
