//! Rules and storage together: a batch of commands, and one commit for all of them.

use std::slice;

use prometheus::Histogram;

use super::JournalError;
use super::jobs::{Job, JournalCommand, Steps};
use super::receipt::Watchers;
use super::rules::{HandedOut, JournalRules, ReadRequest};
use super::storage::{Memory, Replay, Replayed, Storage, StorageError};
use crate::clock::Clock;

/// The rules, the storage behind them, and what callers hold.
pub(super) struct Engine {
    pub(super) rules: JournalRules,
    pub(super) storage: Box<dyn Storage>,
    pub(super) handed_out: HandedOut,
    pub(super) clock: Clock,
    /// Whether the rules may be ahead of what is stored.
    is_doubtful: bool,
    /// What measures commits.
    commits: Option<Histogram>,
    watchers: Watchers,
    /// Whether what was deleted last is unreadable in the files.
    pub(super) erased: Result<(), StorageError>,
    /// What is answered once that is so.
    erasing: Vec<Box<dyn Job>>,
}

impl Engine {
    /// Takes over what the storage holds.
    pub(super) fn open(
        storage: Box<dyn Storage>,
        clock: Clock,
        commits: Option<Histogram>,
        watchers: Watchers,
    ) -> Result<Self, StorageError> {
        let mut engine = Self {
            commits,
            ..Self::new(storage, clock, watchers)
        };
        engine.load()?;
        Ok(engine)
    }

    /// Nothing waits.
    pub(super) fn in_memory(storage: Memory, clock: Clock, watchers: Watchers) -> Self {
        Self::new(Box::new(storage), clock, watchers)
    }

    fn new(storage: Box<dyn Storage>, clock: Clock, watchers: Watchers) -> Self {
        let is_durable = storage.is_durable();
        Self {
            rules: JournalRules::new(is_durable),
            storage,
            handed_out: HandedOut::new(is_durable),
            clock,
            is_doubtful: false,
            commits: None,
            watchers,
            erased: Ok(()),
            erasing: Vec::new(),
        }
    }

    fn load(&mut self) -> Result<(), StorageError> {
        self.is_doubtful = true;
        let now = self.clock.now();
        let stored = self.storage.load(JournalRules::horizon(now), now)?;
        self.rules.load(stored, &self.handed_out, now);
        let changes = self.rules.take_changes();
        crate::failpoint::failpoint!("journal.recovering");
        if !changes.is_empty() {
            self.storage.commit(changes)?;
        }
        self.is_doubtful = false;
        Ok(())
    }

    /// Carries out a command by itself.
    pub(super) fn execute<C: JournalCommand>(
        &mut self,
        mut command: C,
    ) -> Result<C::Answer, JournalError> {
        match self.commit(slice::from_mut(&mut command), false) {
            Ok(()) => {
                if command.erases() {
                    self.erased = self.storage.erase();
                }
                let read = self.hand_out(slice::from_mut(&mut command));
                command.answer(self, &read)
            }
            Err(error) => command.refused(self, &error),
        }
    }

    /// Carries out a batch of commands. All of them are stored, or none. What erases is answered by
    /// [`erase`](Self::erase).
    pub(super) fn run(&mut self, mut jobs: Vec<Box<dyn Job>>, tidies: bool) {
        let replies: Vec<_> = match self.commit(&mut jobs, tidies) {
            Ok(()) => {
                let read = self.hand_out(&mut jobs);
                self.erasing.extend(jobs.extract_if(.., |job| job.erases()));
                let jobs = jobs.into_iter();
                jobs.map(|job| job.answer(self, &read)).collect()
            }
            Err(error) => {
                let jobs = jobs.into_iter();
                jobs.map(|job| job.refused(self, &error)).collect()
            }
        };
        // One after the other, they would be waited for and worked one at a time.
        for reply in replies {
            reply();
        }
    }

    /// Whether something that was deleted is still readable in the files.
    pub(super) fn is_to_erase(&self) -> bool {
        !self.erasing.is_empty()
    }

    /// Makes what was deleted unreadable, at once for all who wait for that.
    pub(super) fn erase(&mut self) {
        if !self.is_to_erase() {
            return;
        }
        self.erased = self.storage.erase();
        let jobs = std::mem::take(&mut self.erasing).into_iter();
        let replies: Vec<_> = jobs.map(|job| job.answer(self, &Ok(()))).collect();
        for reply in replies {
            reply();
        }
    }

    fn commit<S: Steps>(&mut self, steps: &mut [S], tidies: bool) -> Result<(), StorageError> {
        let committed = self.try_commit(steps, tidies);
        if let Err(error) = &committed {
            tracing::error!(%error, "the journal cannot be written");
            self.is_doubtful = true;
        }
        committed
    }

    fn try_commit<S: Steps>(&mut self, steps: &mut [S], tidies: bool) -> Result<(), StorageError> {
        if self.is_doubtful || self.storage.has_foreign_changes()? {
            self.load()?;
        }
        let now = self.clock.now();
        let mut request = ReadRequest::default();
        for step in &*steps {
            step.reads(&self.rules, &mut request);
        }
        self.read(&request)?;
        if tidies {
            for key in self.storage.expired(now)? {
                self.rules.expire(&key);
            }
            self.rules.tidy(now);
        }
        for step in &mut *steps {
            step.decide(&mut self.rules, now);
        }
        let changes = self.rules.take_changes();
        if !changes.is_empty() || steps.iter().any(Steps::probes) {
            let _measured = self.commits.as_ref().map(Histogram::start_timer);
            self.storage.commit(changes)?;
        }
        self.rules.committed();
        self.watchers.tell(&self.rules.take_told());
        if tidies {
            self.rules.dead_letters_are_gone(self.storage.tidied());
        }
        Ok(())
    }

    /// Takes what is to be handed out; says whether it could be read.
    fn hand_out<S: Steps>(&mut self, steps: &mut [S]) -> Result<(), StorageError> {
        let mut request = ReadRequest::default();
        for step in steps {
            step.hand_out(&mut self.rules, &mut request);
        }
        self.read(&request)
    }

    /// Puts back what was settled or given up. The next command finds it.
    pub(super) fn replay(&mut self, replay: &Replay) -> Result<Vec<Replayed>, StorageError> {
        if !self.storage.is_durable() {
            // The rules hold everything, and nothing of it could be loaded.
            return Ok(Vec::new());
        }
        self.is_doubtful = true;
        self.storage.replay(replay)
    }

    pub(super) fn read(&mut self, request: &ReadRequest) -> Result<(), StorageError> {
        if !request.is_empty() {
            let found = self.storage.read(request)?;
            self.rules.fill(found);
        }
        Ok(())
    }
}
