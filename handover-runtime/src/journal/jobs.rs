//! What the journal is asked, as the engine carries it out: decided and stored with others, then
//! answered.

use handover_protocol::AccountId;
use tokio::sync::oneshot;

use super::engine::Engine;
use super::rules::{Arrival, DedupeKey, Rules, Wanted};
use super::storage::StorageError;
use super::{
    Accepted, Appended, Claim, Claimed, Due, FinishedCall, JournalError, OutboxCall, Ready,
    Release, Settled, Settlement, Started, ThreadChange,
};
use crate::thread::ThreadKey;

/// Something that the journal is asked.
pub(super) trait Job: Send {
    /// What the rules have to know before they can decide.
    fn wants(&self, _rules: &Rules, _wanted: &mut Wanted) {}
    /// Changes the rules; the rows that change are stored with those of the other jobs.
    fn decide(&mut self, _rules: &mut Rules, _now: i64) {}
    /// Whether something is to be written even if no row changes.
    fn probes(&self) -> bool {
        false
    }
    /// After the commit: takes what is to be handed out.
    fn hand_out(&mut self, _rules: &mut Rules, _wanted: &mut Wanted) {}
    /// Answers; `read` says whether what was wanted for handing out could be read.
    fn answer(self: Box<Self>, engine: &mut Engine, read: &Result<(), StorageError>) -> Answer;
    /// Nothing of it was stored.
    fn refuse(self: Box<Self>, engine: &mut Engine, error: &StorageError);
}

/// Gives an answer.
pub(super) type Answer = Box<dyn FnOnce()>;

/// Where the answer to a job goes. Whoever asked may be gone by then.
pub(super) struct Reply<T>(oneshot::Sender<Result<T, JournalError>>);

/// What waits for the answer.
pub(super) type Receiver<T> = oneshot::Receiver<Result<T, JournalError>>;

impl<T: Send + 'static> Reply<T> {
    pub(super) fn channel() -> (Self, Receiver<T>) {
        let (reply, answer) = oneshot::channel();
        (Self(reply), answer)
    }

    pub(super) fn give(self, answer: Result<T, JournalError>) -> Answer {
        Box::new(move || {
            let _ = self.0.send(answer);
        })
    }

    fn refuse(self, error: &StorageError) {
        let _ = self.0.send(Err(JournalError::write(error.clone())));
    }
}

/// Appends events, and hands threads out.
pub(super) struct Append {
    pub(super) arrivals: Vec<Arrival>,
    pub(super) limit: usize,
    pub(super) appended: Vec<Appended>,
    pub(super) claimed: Vec<(ThreadKey, Vec<u64>)>,
    pub(super) reply: Reply<Accepted>,
}

impl Job for Append {
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

    fn decide(&mut self, rules: &mut Rules, _: i64) {
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

    fn answer(self: Box<Self>, engine: &mut Engine, read: &Result<(), StorageError>) -> Answer {
        // They are stored, whatever else goes wrong.
        if let Err(error) = read {
            tracing::error!(%error, "events cannot be read; they are tried again");
        }
        let claims = engine.claims(self.claimed);
        self.reply.give(Ok(Accepted {
            appended: self.appended,
            claims,
            has_more: engine.rules.has_ready(),
        }))
    }

    fn refuse(self: Box<Self>, _: &mut Engine, error: &StorageError) {
        self.reply.refuse(error);
    }
}

/// Lets timers run out, and hands threads out.
pub(super) struct ClaimThreads {
    pub(super) now: i64,
    pub(super) limit: usize,
    pub(super) claimed: Vec<(ThreadKey, Vec<u64>)>,
    pub(super) reply: Reply<Claimed>,
}

impl Job for ClaimThreads {
    fn wants(&self, rules: &Rules, wanted: &mut Wanted) {
        wanted.timers_before = wanted.timers_before.max(rules.wants_timers(self.now));
    }

    fn decide(&mut self, rules: &mut Rules, _: i64) {
        rules.run_timers(self.now);
    }

    fn hand_out(&mut self, rules: &mut Rules, wanted: &mut Wanted) {
        self.claimed = rules.claim(Some(self.now), self.limit);
        for claimed in &self.claimed {
            rules.want_claim(claimed, wanted);
        }
    }

    fn answer(self: Box<Self>, engine: &mut Engine, read: &Result<(), StorageError>) -> Answer {
        let claims = engine.claims(self.claimed);
        let next_at = engine.rules.next_claim_at();
        let read = read.clone().map_err(JournalError::read);
        self.reply.give(read.map(|()| Claimed { claims, next_at }))
    }

    fn refuse(self: Box<Self>, _: &mut Engine, error: &StorageError) {
        self.reply.refuse(error);
    }
}

/// Settles events and lets threads go.
pub(super) struct Settle {
    pub(super) settlements: Vec<Settlement>,
    pub(super) released: Vec<Release>,
    pub(super) started: Vec<(u64, ThreadKey)>,
    pub(super) settled: Vec<ThreadKey>,
    pub(super) reply: Reply<Settled>,
}

impl Job for Settle {
    fn wants(&self, rules: &Rules, wanted: &mut Wanted) {
        for settlement in &self.settlements {
            rules.want_thread(&settlement.thread, wanted);
        }
    }

    fn decide(&mut self, rules: &mut Rules, now: i64) {
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

    fn answer(self: Box<Self>, engine: &mut Engine, read: &Result<(), StorageError>) -> Answer {
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
        self.reply.give(Ok(Settled {
            calls,
            pauses,
            ready: engine.rules.ready(),
        }))
    }

    fn refuse(self: Box<Self>, engine: &mut Engine, error: &StorageError) {
        if self.settlements.is_empty() {
            // To let a thread go, nothing has to be written.
            self.answer(engine, &Ok(()))();
        } else {
            self.reply.refuse(error);
        }
    }
}

/// Hands calls out; if that cannot be stored, they are not.
pub(super) struct StartCalls {
    pub(super) due: Due,
    pub(super) started: Vec<(u64, ThreadKey)>,
    pub(super) reply: Reply<Started>,
}

impl Job for StartCalls {
    fn decide(&mut self, rules: &mut Rules, _: i64) {
        if rules.has_due_calls(self.due.now) {
            self.started = rules.start(&self.due);
        }
    }

    fn hand_out(&mut self, rules: &mut Rules, wanted: &mut Wanted) {
        for started in &self.started {
            rules.want_call(started, wanted);
        }
    }

    fn answer(self: Box<Self>, engine: &mut Engine, read: &Result<(), StorageError>) -> Answer {
        let calls = engine.calls(self.started);
        let next_at = engine.rules.next_call_at();
        let read = read.clone().map_err(JournalError::read);
        self.reply.give(read.map(|()| Started { calls, next_at }))
    }

    fn refuse(self: Box<Self>, _: &mut Engine, error: &StorageError) {
        self.reply.refuse(error);
    }
}

/// Records what became of calls.
pub(super) struct FinishCalls {
    pub(super) finished: Vec<FinishedCall>,
    pub(super) returned: Vec<(u64, ThreadKey)>,
    pub(super) reply: Reply<Ready>,
}

impl Job for FinishCalls {
    fn wants(&self, rules: &Rules, wanted: &mut Wanted) {
        for finished in &self.finished {
            rules.want_thread(&finished.thread, wanted);
            if let Some(echo) = &finished.echo {
                wanted.keys.push(DedupeKey::of(echo));
                wanted.keys.push(DedupeKey::of_sent(echo));
            }
        }
    }

    fn decide(&mut self, rules: &mut Rules, _: i64) {
        for finished in std::mem::take(&mut self.finished) {
            self.returned.push((finished.id, finished.thread.clone()));
            rules.finish(finished);
        }
    }

    fn answer(self: Box<Self>, engine: &mut Engine, _: &Result<(), StorageError>) -> Answer {
        let out = &mut engine.handed_out.calls;
        for (id, thread) in &self.returned {
            if out.get(thread) == Some(id) {
                out.remove(thread);
            }
        }
        let ready = engine.rules.ready();
        self.reply.give(Ok(ready))
    }

    fn refuse(self: Box<Self>, _: &mut Engine, error: &StorageError) {
        self.reply.refuse(error);
    }
}

/// Changes what is kept of a thread.
pub(super) struct ChangeThread {
    pub(super) thread: ThreadKey,
    pub(super) change: ThreadChange,
    pub(super) reply: Reply<Ready>,
}

impl Job for ChangeThread {
    fn wants(&self, rules: &Rules, wanted: &mut Wanted) {
        rules.want_thread(&self.thread, wanted);
    }

    fn decide(&mut self, rules: &mut Rules, _: i64) {
        rules.change_thread(&self.thread, std::mem::take(&mut self.change));
    }

    fn answer(self: Box<Self>, engine: &mut Engine, _: &Result<(), StorageError>) -> Answer {
        engine.rules.forget_if_idle(&self.thread);
        let ready = engine.rules.ready();
        self.reply.give(Ok(ready))
    }

    fn refuse(self: Box<Self>, _: &mut Engine, error: &StorageError) {
        self.reply.refuse(error);
    }
}

/// Remembers that the message of an echo was sent.
pub(super) struct RememberSent {
    pub(super) thread: ThreadKey,
    /// The echo's dedupe key.
    pub(super) echo: String,
    pub(super) reply: Reply<()>,
}

impl Job for RememberSent {
    fn wants(&self, rules: &Rules, wanted: &mut Wanted) {
        rules.want_thread(&self.thread, wanted);
        wanted.keys.push(DedupeKey::of(&self.echo));
        wanted.keys.push(DedupeKey::of_sent(&self.echo));
    }

    fn decide(&mut self, rules: &mut Rules, now: i64) {
        rules.remember_sent(&self.thread, &self.echo, now);
    }

    fn answer(self: Box<Self>, engine: &mut Engine, _: &Result<(), StorageError>) -> Answer {
        engine.rules.forget_if_idle(&self.thread);
        self.reply.give(Ok(()))
    }

    fn refuse(self: Box<Self>, _: &mut Engine, error: &StorageError) {
        self.reply.refuse(error);
    }
}

/// Lets nothing of an account wait for its time any longer.
pub(super) struct MakeDue {
    pub(super) account: AccountId,
    pub(super) now: i64,
    pub(super) reply: Reply<Ready>,
}

impl Job for MakeDue {
    fn wants(&self, _: &Rules, wanted: &mut Wanted) {
        wanted.timers_of.push(self.account.clone());
    }

    fn decide(&mut self, rules: &mut Rules, _: i64) {
        rules.make_due(&self.account, self.now);
    }

    fn answer(self: Box<Self>, engine: &mut Engine, _: &Result<(), StorageError>) -> Answer {
        let ready = engine.rules.ready();
        self.reply.give(Ok(ready))
    }

    fn refuse(self: Box<Self>, _: &mut Engine, error: &StorageError) {
        self.reply.refuse(error);
    }
}

/// Only looks at something.
pub(super) struct Look<L, T> {
    pub(super) look: L,
    pub(super) reply: Reply<T>,
}

impl<L, T> Job for Look<L, T>
where
    L: FnOnce(&mut Engine) -> Result<T, StorageError> + Send,
    T: Send + 'static,
{
    fn answer(self: Box<Self>, engine: &mut Engine, _: &Result<(), StorageError>) -> Answer {
        let seen = (self.look)(engine).map_err(JournalError::read);
        self.reply.give(seen)
    }

    /// Reading needs no commit.
    fn refuse(self: Box<Self>, engine: &mut Engine, _: &StorageError) {
        self.answer(engine, &Ok(()))();
    }
}

/// Writes something that changes nothing.
pub(super) struct Probe(pub(super) Reply<()>);

impl Job for Probe {
    fn probes(&self) -> bool {
        true
    }

    fn answer(self: Box<Self>, _: &mut Engine, _: &Result<(), StorageError>) -> Answer {
        self.0.give(Ok(()))
    }

    fn refuse(self: Box<Self>, _: &mut Engine, error: &StorageError) {
        self.0.refuse(error);
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
                    self.handed_out.threads.insert(thread);
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
                    self.handed_out.calls.insert(thread, id);
                    calls.push(call);
                }
                None => self.rules.put_back(id, &thread),
            }
        }
        calls
    }

    fn release(&mut self, released: &[Release]) {
        for release in released {
            self.handed_out.threads.remove(&release.thread);
            self.rules.release(release);
        }
    }
}
