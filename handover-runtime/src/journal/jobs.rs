//! The commands of the journal, as the engine carries them out: decided and stored with others, then
//! answered.

use handover_protocol::{AccountId, Timestamp};
use tokio::sync::oneshot;

use super::engine::Engine;
use super::rules::{DedupeKey, IncomingEvent, JournalRules, ReadRequest};
use super::storage::StorageError;
use super::{
    AppendResult, AppendStatus, Claim, ClaimResult, Due, FinishedCall, JournalError, NoticeResult,
    OutboxCall, OutboxNotice, SettleResult, Settlement, StartedCalls, StartedNotices, ThreadChange,
    ThreadRelease, Wakeups,
};
use crate::thread::ThreadKey;

/// The steps of a command, in order.
pub(super) trait Steps {
    /// What the rules have to know before they can decide.
    fn reads(&self, _rules: &JournalRules, _request: &mut ReadRequest) {}
    /// Changes the rules; the rows that change are stored with those of the other commands.
    fn decide(&mut self, _rules: &mut JournalRules, _now: Timestamp) {}
    /// Whether something is to be written even if no row changes.
    fn probes(&self) -> bool {
        false
    }
    /// After the commit: takes what is to be handed out.
    fn hand_out(&mut self, _rules: &mut JournalRules, _request: &mut ReadRequest) {}
}

/// Something that the journal is asked.
pub(super) trait JournalCommand: Steps + Send + 'static {
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

/// A command from another thread, which waits for its answer.
pub(super) trait Job: Steps + Send {
    fn answer(self: Box<Self>, engine: &mut Engine, read: &Result<(), StorageError>) -> SendReply;
    fn refused(self: Box<Self>, engine: &mut Engine, error: &StorageError) -> SendReply;
}

/// Gives an answer.
pub(super) type SendReply = Box<dyn FnOnce()>;

/// Channel for an answer. The caller may be gone by then.
pub(super) type ReplySender<T> = oneshot::Sender<Result<T, JournalError>>;

/// A command on its way to the journal's thread, and where its answer goes.
pub(super) struct QueuedCommand<C: JournalCommand> {
    pub(super) command: C,
    pub(super) reply: ReplySender<C::Answer>,
}

impl<C: JournalCommand> Steps for QueuedCommand<C> {
    fn reads(&self, rules: &JournalRules, request: &mut ReadRequest) {
        self.command.reads(rules, request);
    }

    fn decide(&mut self, rules: &mut JournalRules, now: Timestamp) {
        self.command.decide(rules, now);
    }

    fn probes(&self) -> bool {
        self.command.probes()
    }

    fn hand_out(&mut self, rules: &mut JournalRules, request: &mut ReadRequest) {
        self.command.hand_out(rules, request);
    }
}

impl<C: JournalCommand> Job for QueuedCommand<C> {
    fn answer(self: Box<Self>, engine: &mut Engine, read: &Result<(), StorageError>) -> SendReply {
        let answer = self.command.answer(engine, read);
        reply(self.reply, answer)
    }

    fn refused(self: Box<Self>, engine: &mut Engine, error: &StorageError) -> SendReply {
        let answer = self.command.refused(engine, error);
        reply(self.reply, answer)
    }
}

impl Steps for Box<dyn Job> {
    fn reads(&self, rules: &JournalRules, request: &mut ReadRequest) {
        (**self).reads(rules, request);
    }

    fn decide(&mut self, rules: &mut JournalRules, now: Timestamp) {
        (**self).decide(rules, now);
    }

    fn probes(&self) -> bool {
        (**self).probes()
    }

    fn hand_out(&mut self, rules: &mut JournalRules, request: &mut ReadRequest) {
        (**self).hand_out(rules, request);
    }
}

pub(super) fn reply<T: Send + 'static>(
    to: ReplySender<T>,
    answer: Result<T, JournalError>,
) -> SendReply {
    Box::new(move || {
        let _ = to.send(answer);
    })
}

/// Appends events, and hands threads out.
pub(super) struct Append {
    pub(super) arrivals: Vec<IncomingEvent>,
    pub(super) limit: usize,
    pub(super) appended: Vec<AppendStatus>,
    pub(super) claimed: Vec<(ThreadKey, Vec<u64>)>,
}

impl Steps for Append {
    fn reads(&self, rules: &JournalRules, request: &mut ReadRequest) {
        for IncomingEvent {
            key,
            sent,
            other,
            new,
            ..
        } in &self.arrivals
        {
            request.keys.push(*key);
            request.keys.extend(other);
            if new.confirms.is_some() || sent.is_some() {
                request.keys.extend(sent);
                rules.request_head(&new.thread, request);
            }
        }
    }

    fn decide(&mut self, rules: &mut JournalRules, _: Timestamp) {
        for arrival in std::mem::take(&mut self.arrivals) {
            self.appended.push(rules.append(arrival));
        }
    }

    fn hand_out(&mut self, rules: &mut JournalRules, request: &mut ReadRequest) {
        self.claimed = rules.claim(None, self.limit);
        for claimed in &self.claimed {
            rules.request_claim(claimed, request);
        }
    }
}

impl JournalCommand for Append {
    type Answer = AppendResult;

    fn answer(
        self,
        engine: &mut Engine,
        read: &Result<(), StorageError>,
    ) -> Result<AppendResult, JournalError> {
        // They are stored, whatever else goes wrong.
        if let Err(error) = read {
            tracing::error!(%error, "events cannot be read; they are tried again");
        }
        let claims = engine.claims(self.claimed);
        Ok(AppendResult {
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
    fn reads(&self, rules: &JournalRules, request: &mut ReadRequest) {
        request.timers_before = request.timers_before.max(rules.wants_timers(self.now));
    }

    fn decide(&mut self, rules: &mut JournalRules, _: Timestamp) {
        rules.run_timers(self.now);
    }

    fn hand_out(&mut self, rules: &mut JournalRules, request: &mut ReadRequest) {
        self.claimed = rules.claim(Some(self.now), self.limit);
        for claimed in &self.claimed {
            rules.request_claim(claimed, request);
        }
    }
}

impl JournalCommand for ClaimThreads {
    type Answer = ClaimResult;

    fn answer(
        self,
        engine: &mut Engine,
        read: &Result<(), StorageError>,
    ) -> Result<ClaimResult, JournalError> {
        let claims = engine.claims(self.claimed);
        let next_at = engine.rules.sleep_of_claims();
        match read {
            Ok(()) => Ok(ClaimResult { claims, next_at }),
            Err(error) => Err(JournalError::read(error.clone())),
        }
    }
}

/// Settles events and lets threads go.
pub(super) struct Settle {
    pub(super) settlements: Vec<Settlement>,
    pub(super) released: Vec<ThreadRelease>,
    pub(super) started: Vec<(u64, ThreadKey)>,
    pub(super) settled: Vec<ThreadKey>,
}

impl Steps for Settle {
    fn reads(&self, rules: &JournalRules, request: &mut ReadRequest) {
        for settlement in &self.settlements {
            rules.request_thread(&settlement.thread, request);
        }
    }

    fn decide(&mut self, rules: &mut JournalRules, now: Timestamp) {
        for settlement in std::mem::take(&mut self.settlements) {
            self.settled.push(settlement.thread.clone());
            self.started.extend(rules.settle(settlement, now));
        }
    }

    fn hand_out(&mut self, rules: &mut JournalRules, request: &mut ReadRequest) {
        for started in &self.started {
            rules.request_call(started, request);
        }
    }
}

impl JournalCommand for Settle {
    type Answer = SettleResult;

    fn answer(
        self,
        engine: &mut Engine,
        read: &Result<(), StorageError>,
    ) -> Result<SettleResult, JournalError> {
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
        Ok(SettleResult {
            calls,
            pauses,
            ready: engine.rules.ready(),
        })
    }

    fn refused(
        self,
        engine: &mut Engine,
        error: &StorageError,
    ) -> Result<SettleResult, JournalError> {
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
    fn decide(&mut self, rules: &mut JournalRules, _: Timestamp) {
        if rules.has_due_calls(self.due.now) {
            self.started = rules.start(&self.due);
        }
    }

    fn hand_out(&mut self, rules: &mut JournalRules, request: &mut ReadRequest) {
        for started in &self.started {
            rules.request_call(started, request);
        }
    }
}

impl JournalCommand for StartCalls {
    type Answer = StartedCalls;

    fn answer(
        self,
        engine: &mut Engine,
        read: &Result<(), StorageError>,
    ) -> Result<StartedCalls, JournalError> {
        let calls = engine.calls(self.started);
        let next_at = engine.rules.sleep_of_calls();
        match read {
            Ok(()) => Ok(StartedCalls { calls, next_at }),
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
    fn reads(&self, rules: &JournalRules, request: &mut ReadRequest) {
        for (finished, echo) in &self.finished {
            rules.request_thread(&finished.thread, request);
            if let Some(echo) = echo {
                request.keys.extend([*echo, echo.sent()]);
            }
        }
    }

    fn decide(&mut self, rules: &mut JournalRules, _: Timestamp) {
        for (finished, echo) in std::mem::take(&mut self.finished) {
            self.returned.push((finished.id, finished.thread.clone()));
            rules.finish(finished, echo);
        }
    }
}

impl JournalCommand for FinishCalls {
    type Answer = Wakeups;

    fn answer(
        self,
        engine: &mut Engine,
        _: &Result<(), StorageError>,
    ) -> Result<Wakeups, JournalError> {
        for (id, thread) in &self.returned {
            engine.handed_out.call_returned(thread, *id);
        }
        Ok(engine.rules.ready())
    }
}

/// Hands notices out. That needs no row: after a crash they are handed out again.
pub(super) struct StartNotices {
    pub(super) now: Timestamp,
    pub(super) limit: usize,
    pub(super) notices: Vec<OutboxNotice>,
}

impl Steps for StartNotices {
    fn hand_out(&mut self, rules: &mut JournalRules, _: &mut ReadRequest) {
        self.notices = rules.start_notices(self.now, self.limit);
    }
}

impl JournalCommand for StartNotices {
    type Answer = StartedNotices;

    fn answer(
        self,
        engine: &mut Engine,
        _: &Result<(), StorageError>,
    ) -> Result<StartedNotices, JournalError> {
        Ok(StartedNotices {
            notices: self.notices,
            next_at: engine.rules.sleep_of_notices(),
        })
    }
}

/// Records what became of a notice.
pub(super) struct FinishNotice {
    pub(super) id: u64,
    pub(super) result: NoticeResult,
    pub(super) at: Timestamp,
}

impl Steps for FinishNotice {
    fn decide(&mut self, rules: &mut JournalRules, _: Timestamp) {
        rules.finish_notice(self.id, self.result.clone(), self.at);
    }
}

impl JournalCommand for FinishNotice {
    type Answer = Wakeups;

    fn answer(
        self,
        engine: &mut Engine,
        _: &Result<(), StorageError>,
    ) -> Result<Wakeups, JournalError> {
        Ok(engine.rules.ready())
    }
}

/// Changes what is kept of a thread.
pub(super) struct ChangeThread {
    pub(super) thread: ThreadKey,
    pub(super) change: ThreadChange,
}

impl Steps for ChangeThread {
    fn reads(&self, rules: &JournalRules, request: &mut ReadRequest) {
        rules.request_thread(&self.thread, request);
    }

    fn decide(&mut self, rules: &mut JournalRules, _: Timestamp) {
        rules.change_thread(&self.thread, std::mem::take(&mut self.change));
    }
}

impl JournalCommand for ChangeThread {
    type Answer = Wakeups;

    fn answer(
        self,
        engine: &mut Engine,
        _: &Result<(), StorageError>,
    ) -> Result<Wakeups, JournalError> {
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
    fn reads(&self, rules: &JournalRules, request: &mut ReadRequest) {
        rules.request_thread(&self.thread, request);
        request.keys.extend([self.key, self.key.sent()]);
    }

    fn decide(&mut self, rules: &mut JournalRules, now: Timestamp) {
        rules.remember_sent(&self.thread, &self.echo, self.key, now);
    }
}

impl JournalCommand for RememberSent {
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
    fn reads(&self, _: &JournalRules, request: &mut ReadRequest) {
        request.timers_of.push(self.account.clone());
    }

    fn decide(&mut self, rules: &mut JournalRules, _: Timestamp) {
        rules.make_due(&self.account, self.now);
    }
}

impl JournalCommand for MakeDue {
    type Answer = Wakeups;

    fn answer(
        self,
        engine: &mut Engine,
        _: &Result<(), StorageError>,
    ) -> Result<Wakeups, JournalError> {
        Ok(engine.rules.ready())
    }
}

/// Only looks at something.
pub(super) struct ReadOnly<L>(pub(super) L);

impl<L> Steps for ReadOnly<L> {}

impl<L, T> JournalCommand for ReadOnly<L>
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

impl JournalCommand for Probe {
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
                None => self.rules.release(&ThreadRelease {
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

    fn release(&mut self, released: &[ThreadRelease]) {
        for release in released {
            self.handed_out.thread_returned(&release.thread);
            self.rules.release(release);
        }
    }
}
