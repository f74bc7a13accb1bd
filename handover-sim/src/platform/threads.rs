use std::collections::HashMap;

use handover_protocol::PersonId;

use super::Thread;

/// Threads in order of creation, with an index by person.
#[derive(Debug, Clone, Default)]
pub(super) struct ThreadMap {
    all: Vec<Thread>,
    index: HashMap<PersonId, usize>,
}

impl ThreadMap {
    pub(super) fn all(&self) -> &[Thread] {
        &self.all
    }

    pub(super) fn of(&self, person: &PersonId) -> Option<&Thread> {
        self.all.get(*self.index.get(person)?)
    }

    pub(super) fn of_mut(&mut self, person: &PersonId) -> Option<&mut Thread> {
        self.all.get_mut(*self.index.get(person)?)
    }

    pub(super) fn push(&mut self, thread: Thread) {
        self.index.insert(thread.person.clone(), self.all.len());
        self.all.push(thread);
    }

    pub(super) fn clear(&mut self) {
        self.all.clear();
        self.index.clear();
    }
}
