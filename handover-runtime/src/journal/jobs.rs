//! The commands of the journal, as the engine carries them out: decided and stored with others, then
//! answered.

use handover_protocol::{AccountId, Timestamp};
use tokio::sync::oneshot;

use super::engine::Engine;
use super::rules::{Arrival, DedupeKey, Rules, Wanted};
use super::storage::StorageError;
use super::{
    Accepted, Appended, Claim, Claimed, Due, FinishedCall, JournalError, OutboxCall, Ready,
    Release, Settled, Settlement, Started, ThreadChange,
};
use crate::thread::ThreadKey;

/// The steps of a command, in order.
pub(super) trait Steps {
    /// What the rules have to know before they can decide.
    fn wants(&self, _rules: &Rules, _wanted: &mut Wanted) {}
    /// Changes the rules; the rows that change are stored with those of the other commands.
    fn decide(&mut self, _rules: &mut Rules, _now: Timestamp) {}
    /// Whether something is to be written even if no row changes.
    fn probes(&self) -> bool {
        false
    }
    /// After the commit: takes what is to be handed out.
    fn hand_out(&mut self, _rules: &mut Rules, _wanted: &mut Wanted) {}
}

/// Something that the journal is asked.
pub(super) trait Command: Steps + Send + 'static {
    type Answer: Send + 'static;

    /// The answer; `read` says whether what was wanted for handing out could be read.
    fn answer(
        self,
        engine: &mut Engine,
        read: &Result<(), StorageError>,
    ) -> Result<Self::Answer, JournalError>;

    /// Nothing of it was stored.
    fn refused(
        self,
        _engine: &mut Engine,
        error: &StorageError,
    ) -> Result<Self::Answer, JournalError>
    where
        Self: Sized,
    {
        Err(JournalError::write(error.clone()))
    }
}

/// A command whose answer somebody waits for on another thread.
pub(super) trait Job: Steps + Send {
    fn answer(self: Box<Self>, engine: &mut Engine, read: &Result<(), StorageError>) -> Reply;
    fn refused(self: Box<Self>, engine: &mut Engine, error: &StorageError) -> Reply;
}

/// Gives an answer.
pub(super) type Reply = Box<dyn FnOnce()>;

/// Where an answer goes. Whoever asked may be gone by then.
pub(super) type Sender<T> = oneshot::Sender<Result<T, JournalError>>;

/// A command on its way to the journal's thread, and where its answer goes.
pub(super) struct Sent<C: Command> {
    pub(super) command: C,
    pub(super) reply: Sender<C::Answer>,
}

impl<C: Command> Steps for Sent<C> {
    fn wants(&self, rules: &Rules, wanted: &mut Wanted) {
        self.command.wants(rules, wanted);
    }

    fn decide(&mut self, rules: &mut Rules, now: Timestamp) {
        self.command.decide(rules, now);
    }

    fn probes(&self) -> bool {
        self.command.probes()
    }

    fn hand_out(&mut self, rules: &mut Rules, wanted: &mut Wanted) {
        self.command.hand_out(rules, wanted);
    }
}

impl<C: Command> Job for Sent<C> {
    fn answer(self: Box<Self>, engine: &mut Engine, read: &Result<(), StorageError>) -> Reply {
        let answer = self.command.answer(engine, read);
        reply(self.reply, answer)
    }

    fn refused(self: Box<Self>, engine: &mut Engine, error: &StorageError) -> Reply {
        let answer = self.command.refused(engine, error);
        reply(self.reply, answer)
    }
}

impl Steps for Box<dyn Job> {
    fn wants(&self, rules: &Rules, wanted: &mut Wanted) {
        (**self).wants(rules, wanted);
    }

    fn decide(&mut self, rules: &mut Rules, now: Timestamp) {
        (**self).decide(rules, now);
    }

    fn probes(&self) -> bool {
        (**self).probes()
    }

    fn hand_out(&mut self, rules: &mut Rules, wanted: &mut Wanted) {
        (**self).hand_out(rules, wanted);
    }
}

pub(super) fn reply<T: Send + 'static>(to: Sender<T>, answer: Result<T, JournalError>) -> Reply {
    Box::new(move || {
        let _ = to.send(answer);
    })
}

/// Appends events, and hands threads out.
pub(super) struct Append {
    pub(super) arrivals: Vec<Arrival>,
    pub(super) limit: usize,
    pub(super) appended: Vec<Appended>,
    pub(super) claimed: Vec<(ThreadKey, Vec<u64>)>,
}

impl Steps for Append {
    fn wants(&self, rules: &Rules, wanted: &mut Wanted) {
        for Arrival {
            key,
            sent,
            other,
            new,
            ..
        } in &self.arrivals
        {
            wanted.keys.push(*key);
            wanted.keys.extend(other);
            if new.confirms.is_some() || sent.is_some() {
                wanted.keys.extend(sent);
                rules.want_head(&new.thread, wanted);
            }
        }
    }

    fn decide(&mut self, rules: &mut Rules, _: Timestamp) {
        for arrival in std::mem::take(&mut self.arrivals) {
            self.appended.push(rules.append(arrival));
        }
    }

    fn hand_out(&mut self, rules: &mut Rules, wanted: &mut Wanted) {
        self.claimed = rules.claim(None, self.limit);
        for claimed in &self.claimed {
            rules.want_claim(claimed, wanted);
        }
    }
}

impl Command for Append {
    type Answer = Accepted;

    fn answer(
        self,
        engine: &mut Engine,
        read: &Result<(), StorageError>,
    ) -> Result<Accepted, JournalError> {
        // They are stored, whatever else goes wrong.
        if let Err(error) = read {
            tracing::error!(%error, "events cannot be read; they are tried again");
        }
        let claims = engine.claims(self.claimed);
        Ok(Accepted {
            appended: self.appended,
            claims,
            has_more: engine.rules.has_ready(),
        })
    }
}

/// Lets timers run out, and hands threads out.
pub(super) struct ClaimThreads {
    pub(super) now: Timestamp,
    pub(super) limit: usize,
    pub(super) claimed: Vec<(ThreadKey, Vec<u64>)>,
}

impl Steps for ClaimThreads {
    fn wants(&self, rules: &Rules, wanted: &mut Wanted) {
        wanted.timers_before = wanted.timers_before.max(rules.wants_timers(self.now));
    }

    fn decide(&mut self, rules: &mut Rules, _: Timestamp) {
        rules.run_timers(self.now);
    }

    fn hand_out(&mut self, rules: &mut Rules, wanted: &mut Wanted) {
        self.claimed = rules.claim(Some(self.now), self.limit);
        for claimed in &self.claimed {
            rules.want_claim(claimed, wanted);
        }
    }
}

impl Command for ClaimThreads {
    type Answer = Claimed;

    fn answer(
        self,
        engine: &mut Engine,
        read: &Result<(), StorageError>,
    ) -> Result<Claimed, JournalError> {
        let claims = engine.claims(self.claimed);
        let next_at = engine.rules.sleep_of_claims();
        match read {
            Ok(()) => Ok(Claimed { claims, next_at }),
            Err(error) => Err(JournalError::read(error.clone())),
        }
    }
}

/// Settles events and lets threads go.
pub(super) struct Settle {
    pub(super) settlements: Vec<Settlement>,
    pub(super) released: Vec<Release>,
    pub(super) started: Vec<(u64, ThreadKey)>,
    pub(super) settled: Vec<ThreadKey>,
}

impl Steps for Settle {
    fn wants(&self, rules: &Rules, wanted: &mut Wanted) {
        for settlement in &self.settlements {
            rules.want_thread(&settlement.thread, wanted);
        }
    }

    fn decide(&mut self, rules: &mut Rules, now: Timestamp) {
        for settlement in std::mem::take(&mut self.settlements) {
            self.settled.push(settlement.thread.clone());
            self.started.extend(rules.settle(settlement, now));
        }
    }

    fn hand_out(&mut self, rules: &mut Rules, wanted: &mut Wanted) {
        for started in &self.started {
            rules.want_call(started, wanted);
        }
    }
}

impl Command for Settle {
    type Answer = Settled;

    fn answer(
        self,
        engine: &mut Engine,
        read: &Result<(), StorageError>,
    ) -> Result<Settled, JournalError> {
        if let Err(error) = read {
            tracing::error!(%error, "calls cannot be read; they are tried again");
        }
        let calls = engine.calls(self.started);
        let settled = self.settled.into_iter();
        let pauses = settled.map(|thread| {
            let pause = engine.rules.pause_of(&thread);
            (thread, pause)
        });
        let pauses = pauses.collect();
        engine.release(&self.released);
        Ok(Settled {
            calls,
            pauses,
            ready: engine.rules.ready(),
        })
    }

    fn refused(self, engine: &mut Engine, error: &StorageError) -> Result<Settled, JournalError> {
        if self.settlements.is_empty() {
            // To let a thread go, nothing has to be written.
            self.answer(engine, &Ok(()))
        } else {
            Err(JournalError::write(error.clone()))
        }
    }
}

/// Hands calls out; if that cannot be stored, they are not.
pub(super) struct StartCalls {
    pub(super) due: Due,
    pub(super) started: Vec<(u64, ThreadKey)>,
}

impl Steps for StartCalls {
    fn decide(&mut self, rules: &mut Rules, _: Timestamp) {
        if rules.has_due_calls(self.due.now) {
            self.started = rules.start(&self.due);
        }
    }

    fn hand_out(&mut self, rules: &mut Rules, wanted: &mut Wanted) {
        for started in &self.started {
            rules.want_call(started, wanted);
        }
    }
}

impl Command for StartCalls {
    type Answer = Started;

    fn answer(
        self,
        engine: &mut Engine,
        read: &Result<(), StorageError>,
    ) -> Result<Started, JournalError> {
        let calls = engine.calls(self.started);
        let next_at = engine.rules.sleep_of_calls();
        match read {
            Ok(()) => Ok(Started { calls, next_at }),
            Err(error) => Err(JournalError::read(error.clone())),
        }
    }
}

/// Records what became of calls.
pub(super) struct FinishCalls {
    /// Each with the dedupe key of its echo.
    pub(super) finished: Vec<(FinishedCall, Option<DedupeKey>)>,
    pub(super) returned: Vec<(u64, ThreadKey)>,
}

impl Steps for FinishCalls {
    fn wants(&self, rules: &Rules, wanted: &mut Wanted) {
        for (finished, echo) in &self.finished {
            rules.want_thread(&finished.thread, wanted);
            if let Some(echo) = echo {
                wanted.keys.extend([*echo, echo.sent()]);
            }
        }
    }

    fn decide(&mut self, rules: &mut Rules, _: Timestamp) {
        for (finished, echo) in std::mem::take(&mut self.finished) {
            self.returned.push((finished.id, finished.thread.clone()));
            rules.finish(finished, echo);
        }
    }
}

impl Command for FinishCalls {
    type Answer = Ready;

    fn answer(
        self,
        engine: &mut Engine,
        _: &Result<(), StorageError>,
    ) -> Result<Ready, JournalError> {
        for (id, thread) in &self.returned {
            engine.handed_out.call_returned(thread, *id);
        }
        Ok(engine.rules.ready())
    }
}

/// Changes what is kept of a thread.
pub(super) struct ChangeThread {
    pub(super) thread: ThreadKey,
    pub(super) change: ThreadChange,
}

impl Steps for ChangeThread {
    fn wants(&self, rules: &Rules, wanted: &mut Wanted) {
        rules.want_thread(&self.thread, wanted);
    }

    fn decide(&mut self, rules: &mut Rules, _: Timestamp) {
        rules.change_thread(&self.thread, std::mem::take(&mut self.change));
    }
}

impl Command for ChangeThread {
    type Answer = Ready;

    fn answer(
        self,
        engine: &mut Engine,
        _: &Result<(), StorageError>,
    ) -> Result<Ready, JournalError> {
        engine.rules.forget_if_idle(&self.thread);
        Ok(engine.rules.ready())
    }
}

/// Remembers that the message of an echo was sent.
pub(super) struct RememberSent {
    pub(super) thread: ThreadKey,
    /// The echo's dedupe key.
    pub(super) echo: String,
    pub(super) key: DedupeKey,
}

impl Steps for RememberSent {
    fn wants(&self, rules: &Rules, wanted: &mut Wanted) {
        rules.want_thread(&self.thread, wanted);
        wanted.keys.extend([self.key, self.key.sent()]);
    }

    fn decide(&mut self, rules: &mut Rules, now: Timestamp) {
        rules.remember_sent(&self.thread, &self.echo, self.key, now);
    }
}

impl Command for RememberSent {
    type Answer = ();

    fn answer(self, engine: &mut Engine, _: &Result<(), StorageError>) -> Result<(), JournalError> {
        engine.rules.forget_if_idle(&self.thread);
        Ok(())
    }
}

/// Lets nothing of an account wait for its time any longer.
pub(super) struct MakeDue {
    pub(super) account: AccountId,
    pub(super) now: Timestamp,
}

impl Steps for MakeDue {
    fn wants(&self, _: &Rules, wanted: &mut Wanted) {
        wanted.timers_of.push(self.account.clone());
    }

    fn decide(&mut self, rules: &mut Rules, _: Timestamp) {
        rules.make_due(&self.account, self.now);
    }
}

impl Command for MakeDue {
    type Answer = Ready;

    fn answer(
        self,
        engine: &mut Engine,
        _: &Result<(), StorageError>,
    ) -> Result<Ready, JournalError> {
        Ok(engine.rules.ready())
    }
}

/// Only looks at something.
pub(super) struct Look<L>(pub(super) L);

impl<L> Steps for Look<L> {}

impl<L, T> Command for Look<L>
where
    L: FnOnce(&mut Engine) -> Result<T, StorageError> + Send + 'static,
    T: Send + 'static,
{
    type Answer = T;

    fn answer(self, engine: &mut Engine, _: &Result<(), StorageError>) -> Result<T, JournalError> {
        (self.0)(engine).map_err(JournalError::read)
    }

    /// Reading needs no commit.
    fn refused(self, engine: &mut Engine, _: &StorageError) -> Result<T, JournalError> {
        self.answer(engine, &Ok(()))
    }
}

/// Writes something that changes nothing.
pub(super) struct Probe;

impl Steps for Probe {
    fn probes(&self) -> bool {
        true
    }
}

impl Command for Probe {
    type Answer = ();

    fn answer(self, _: &mut Engine, _: &Result<(), StorageError>) -> Result<(), JournalError> {
        Ok(())
    }
}

impl Engine {
    /// What is handed out of threads; those that could not be read are let go.
    fn claims(&mut self, claimed: Vec<(ThreadKey, Vec<u64>)>) -> Vec<Claim> {
        let mut claims = Vec::with_capacity(claimed.len());
        for claimed in claimed {
            let thread = claimed.0.clone();
            match self.rules.claimed(claimed) {
                Some(claim) => {
                    self.handed_out.thread(thread);
                    claims.push(claim);
                }
                None => self.rules.release(&Release {
                    thread,
                    until: None,
                }),
            }
        }
        claims
    }

    /// What is handed out of calls; those that could not be read wait again.
    fn calls(&mut self, started: Vec<(u64, ThreadKey)>) -> Vec<OutboxCall> {
        let mut calls = Vec::with_capacity(started.len());
        for (id, thread) in started {
            match self.rules.started((id, thread.clone())) {
                Some(call) => {
                    self.handed_out.call(thread, id);
                    calls.push(call);
                }
                None => self.rules.put_back(id, &thread),
            }
        }
        calls
    }

    fn release(&mut self, released: &[Release]) {
        for release in released {
            self.handed_out.thread_returned(&release.thread);
            self.rules.release(release);
        }
    }
}
