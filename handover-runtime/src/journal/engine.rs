//! Rules and storage together: a batch of commands, and one commit for all of them.

use handover_protocol::Timestamp;

use super::forward::{ArrivedCommand, TakenUp};
use super::handovers::HandoverLog;
use super::jobs::{Job, JournalCommand, Steps};
use super::receipt::Watchers;
use super::rules::{HandedOut, JournalRules, ReadRequest, ReadResult};
use super::storage::{HeldDeadLetter, Memory, Replay, Replayed, Storage, StorageError};
use super::{JournalError, ThreadState};
use crate::clock::Clock;
use crate::metrics::Histogram;
use crate::thread::ThreadKey;

/// The rules, the storage behind them, and what callers hold.
pub(super) struct Engine {
    pub(super) rules: JournalRules,
    pub(super) storage: Box<dyn Storage>,
    pub(super) handed_out: HandedOut,
    pub(super) handovers: HandoverLog,
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

    /// Takes over what the storage holds once it can be read; until then, every command fails.
    #[cfg(feature = "postgres")]
    pub(super) fn open_later(
        storage: Box<dyn Storage>,
        clock: Clock,
        commits: Option<Histogram>,
        watchers: Watchers,
    ) -> Self {
        Self {
            commits,
            is_doubtful: true,
            ..Self::new(storage, clock, watchers)
        }
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
            handovers: HandoverLog::new(clock.now()),
            clock,
            is_doubtful: false,
            commits: None,
            watchers,
            erased: Ok(()),
            erasing: Vec::new(),
        }
    }

    pub(super) fn load(&mut self) -> Result<(), StorageError> {
        self.is_doubtful = true;
        let now = self.clock.now();
        let stored = self.storage.load(JournalRules::horizon(now), now)?;
        self.rules.load(stored, &self.handed_out, now);
        let changes = self.rules.take_changes();
        self.rules.take_handovers();
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
        match self.commit(&mut [&mut command], false) {
            Ok(()) => {
                if command.erases() {
                    self.erased = self.storage.erase();
                }
                let read = self.hand_out(&mut [&mut command]);
                command.answer(self, &read)
            }
            Err(error) => command.refused(self, &error),
        }
    }

    /// Carries out a batch of commands. All of them are stored, or none. What erases is answered by
    /// [`erase`](Self::erase).
    pub(super) fn run(&mut self, mut jobs: Vec<Box<dyn Job>>, tidies: bool) {
        let mut steps: Vec<&mut dyn Steps> = Vec::with_capacity(jobs.len());
        for job in &mut jobs {
            steps.push(&mut **job);
        }
        let replies: Vec<_> = match self.commit(&mut steps, tidies) {
            Ok(()) => {
                let read = self.hand_out(&mut steps);
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
        self.give_back();
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

    fn commit(&mut self, steps: &mut [&mut dyn Steps], tidies: bool) -> Result<(), StorageError> {
        let committed = self.try_commit(steps, tidies);
        if let Err(error) = &committed {
            tracing::error!(%error, "the journal cannot be written");
            self.is_doubtful = true;
            self.rules.has_refused();
        }
        committed
    }

    fn try_commit(
        &mut self,
        steps: &mut [&mut dyn Steps],
        tidies: bool,
    ) -> Result<(), StorageError> {
        if self.is_doubtful || self.storage.has_foreign_changes()? {
            self.load()?;
        }
        let now = self.clock.now();
        let mut reached = Vec::new();
        loop {
            let mut request = ReadRequest::default();
            for step in &*steps {
                step.reads(&self.rules, &mut request);
            }
            let arrived = self.read(&request)?;
            if arrived.is_empty() {
                break;
            }
            // They were accepted before what the steps bring.
            let is_all = arrived.len() < ArrivedCommand::MOST;
            let arrived = TakenUp::new(arrived);
            self.read(&arrived.reads(&self.rules))?;
            reached.extend(arrived.decide(&mut self.rules, now));
            if is_all {
                let mut request = ReadRequest::default();
                for step in &*steps {
                    step.reads(&self.rules, &mut request);
                }
                // Another call may be the oldest of its thread by now.
                self.read(&request.after_arrivals())?;
                break;
            }
            self.storage.commit(self.rules.take_changes())?;
            self.rules.committed();
            self.watchers.arrivals.tell(&reached);
            reached.clear();
        }
        if tidies {
            for key in self.storage.expired(now)? {
                self.rules.expire(&key);
            }
        }
        for step in &mut *steps {
            step.decide(&mut self.rules, now);
        }
        for step in &mut *steps {
            step.take_due(&mut self.rules);
        }
        if tidies {
            // Last: an event that has waited for longer than settled ones are kept may be a dead letter just now.
            self.rules.tidy(now);
        }
        let changes = self.rules.take_changes();
        if !changes.is_empty() || steps.iter().any(|step| step.probes()) {
            let _measured = self.commits.as_ref().map(Histogram::start_timer);
            self.storage.commit(changes)?;
        }
        self.rules.committed();
        self.watchers.tell(&self.rules.take_changed_receipts());
        self.watchers.arrivals.tell(&reached);
        self.handovers.note(self.rules.take_handovers());
        let gone = self.storage.dead_letters_gone();
        self.rules.dead_letters_are_gone(gone);
        Ok(())
    }

    /// Takes what is to be handed out; says whether it could be read.
    fn hand_out(&mut self, steps: &mut [&mut dyn Steps]) -> Result<(), StorageError> {
        let mut request = ReadRequest::default();
        for step in steps {
            step.returned(&mut self.handed_out);
            step.hand_out(&mut self.rules, &mut request);
        }
        self.read(&request)?;
        Ok(())
    }

    /// Puts back what was settled or given up. The next command finds it.
    pub(super) fn replay(&mut self, replay: &Replay) -> Result<Vec<Replayed>, StorageError> {
        if !self.storage.is_durable() {
            // The rules hold everything, and nothing of it could be loaded.
            let now = self.clock.now();
            let account = replay.take_backs_of();
            let timers = account.map(|account| self.storage.take_backs(account));
            for (thread, event) in timers.into_iter().flatten() {
                self.rules.enqueue(thread, event, now);
            }
            let gone = self.storage.dead_letters_gone();
            self.rules.dead_letters_are_gone(gone);
            if account.is_some() {
                return Ok(Vec::new());
            }
            return self.put_back(replay, now);
        }
        // Where several nodes share the lanes, the owner of each lane is notified.
        self.is_doubtful |= !self.rules.is_shared();
        self.storage.replay(replay)
    }

    /// Deletes dead letters, in any lane. Returns how many there were.
    pub(super) fn discard(&mut self, ids: &[u64]) -> Result<u64, StorageError> {
        let discarded = self.storage.discard(ids)?;
        if !self.rules.is_shared() {
            self.rules.dead_letters_are_gone(discarded);
        }
        Ok(discarded)
    }

    /// What a replay would do.
    pub(super) fn preview(&mut self, replay: &Replay) -> Result<Vec<Replayed>, StorageError> {
        if self.storage.is_durable() {
            return self.storage.preview(replay);
        }
        let held = self.storage.held_dead_letters(replay);
        Ok(held.iter().map(|held| self.judged(replay, held)).collect())
    }

    /// Puts back what was given up, where the rules hold everything.
    fn put_back(&mut self, replay: &Replay, now: Timestamp) -> Result<Vec<Replayed>, StorageError> {
        let mut replayed = Vec::new();
        for held in self.storage.held_dead_letters(replay) {
            let judged = self.judged(replay, &held);
            if judged.refusal.is_none() {
                let gone = self.storage.discard(&[held.letter.id])?;
                self.rules.dead_letters_are_gone(gone);
                self.rules.take_up_again(held, now);
            }
            replayed.push(judged);
        }
        Ok(replayed)
    }

    fn judged(&self, replay: &Replay, held: &HeldDeadLetter) -> Replayed {
        let letter = &held.letter;
        let owner = self.rules.thread(&letter.thread).ownership.owner;
        replay.judged(letter, &owner)
    }

    pub(super) fn read(
        &mut self,
        request: &ReadRequest,
    ) -> Result<Vec<ArrivedCommand>, StorageError> {
        let mut found = ReadResult::default();
        if !request.is_empty() {
            found = self.storage.read(request)?;
        }
        let arrivals = std::mem::take(&mut found.arrivals);
        self.rules.fill(found);
        Ok(arrivals)
    }

    /// What is kept of a thread, whoever works it.
    pub(super) fn thread(&mut self, thread: &ThreadKey) -> Result<ThreadState, StorageError> {
        let mut request = ReadRequest::default();
        if !self.rules.owns(thread) {
            // It may be another the next moment.
            request.threads.push(thread.clone());
            let found = self.storage.read(&request)?.threads.pop();
            return Ok(found.map(|(_, state)| state).unwrap_or_default());
        }
        self.rules.request_thread(thread, &mut request);
        self.read(&request)?;
        let state = self.rules.thread(thread);
        self.rules.forget_if_idle(thread);
        Ok(state)
    }

    /// Gives lanes back of which nothing is handed out any more, if other nodes are to have them.
    fn give_back(&mut self) {
        let leaving = self.rules.share().leaving;
        if leaving.is_empty() || self.is_doubtful {
            return;
        }
        let lanes = leaving.without(self.handed_out.lanes());
        if !lanes.is_empty() {
            // What waits in them is not this node's any more.
            self.is_doubtful = true;
            if let Err(error) = self.storage.release(lanes) {
                tracing::warn!(%error, "lanes cannot be given to other nodes; trying again");
            }
        }
    }
}
