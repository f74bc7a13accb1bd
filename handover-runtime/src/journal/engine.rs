//! Rules and storage together: a batch of commands, and one commit for all of them.

use prometheus::Histogram;

use super::jobs::{Answer, Job};
use super::rules::{HandedOut, Rules, Wanted};
use super::storage::{Memory, Storage, StorageError};
use crate::clock::Clock;

/// The rules, the storage behind them, and what callers hold.
pub(super) struct Engine {
    pub(super) rules: Rules,
    pub(super) storage: Box<dyn Storage>,
    pub(super) handed_out: HandedOut,
    pub(super) clock: Clock,
    /// Whether the rules may be ahead of what is stored.
    is_doubtful: bool,
    /// What measures commits.
    commits: Option<Histogram>,
}

impl Engine {
    /// Takes over what the storage holds.
    pub(super) fn open(
        storage: Box<dyn Storage>,
        clock: Clock,
        commits: Option<Histogram>,
    ) -> Result<Self, StorageError> {
        let mut engine = Self {
            commits,
            ..Self::new(storage, clock)
        };
        engine.load()?;
        Ok(engine)
    }

    /// Nothing waits.
    pub(super) fn in_memory(storage: Memory, clock: Clock) -> Self {
        Self::new(Box::new(storage), clock)
    }

    fn new(storage: Box<dyn Storage>, clock: Clock) -> Self {
        Self {
            rules: Rules::new(storage.is_durable()),
            storage,
            handed_out: HandedOut::default(),
            clock,
            is_doubtful: false,
            commits: None,
        }
    }

    fn load(&mut self) -> Result<(), StorageError> {
        self.is_doubtful = true;
        let now = self.clock.now();
        let stored = self.storage.load(Rules::horizon(now), now)?;
        self.rules.load(stored, &self.handed_out, now);
        let changes = self.rules.take_changes();
        crate::failpoint::failpoint!("journal.recovering");
        if !changes.is_empty() {
            self.storage.commit(changes)?;
        }
        self.is_doubtful = false;
        Ok(())
    }

    /// Carries out a batch of jobs. All of them are stored, or none.
    pub(super) fn run(&mut self, mut jobs: Vec<Box<dyn Job>>, tidies: bool) {
        match self.commit(&mut jobs, tidies) {
            Ok(()) => {
                // One after the other, they would be waited for and worked one at a time.
                for answer in self.answer(jobs) {
                    answer();
                }
            }
            Err(error) => {
                tracing::error!(%error, "the journal cannot be written");
                self.is_doubtful = true;
                for job in jobs {
                    job.refuse(self, &error);
                }
            }
        }
    }

    fn commit(&mut self, jobs: &mut [Box<dyn Job>], tidies: bool) -> Result<(), StorageError> {
        if self.is_doubtful || self.storage.has_foreign_changes()? {
            self.load()?;
        }
        let now = self.clock.now();
        let mut wanted = Wanted::default();
        for job in &*jobs {
            job.wants(&self.rules, &mut wanted);
        }
        self.read(&wanted)?;
        if tidies {
            self.rules.tidy(now);
        }
        for job in &mut *jobs {
            job.decide(&mut self.rules, now);
        }
        let changes = self.rules.take_changes();
        if !changes.is_empty() || jobs.iter().any(|job| job.probes()) {
            let _measured = self.commits.as_ref().map(Histogram::start_timer);
            self.storage.commit(changes)?;
        }
        self.rules.committed();
        Ok(())
    }

    fn answer(&mut self, mut jobs: Vec<Box<dyn Job>>) -> Vec<Answer> {
        let mut wanted = Wanted::default();
        for job in &mut jobs {
            job.hand_out(&mut self.rules, &mut wanted);
        }
        let read = self.read(&wanted);
        let answers = jobs.into_iter().map(|job| job.answer(self, &read));
        answers.collect()
    }

    pub(super) fn read(&mut self, wanted: &Wanted) -> Result<(), StorageError> {
        if !wanted.is_nothing() {
            let found = self.storage.read(wanted)?;
            self.rules.fill(found);
        }
        Ok(())
    }
}
