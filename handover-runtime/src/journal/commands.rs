//! What can be asked of the journal.

use handover_protocol::{AccountId, Timestamp};

use super::engine::Engine;
use super::forward::ForwardedCommand;
use super::jobs::{JournalCommand, Steps};
use super::receipt::{Submission, SubmitResult};
use super::rules::{DedupeKey, DeletionChange, JournalRules, ReadRequest};
use super::storage::StorageError;
use super::{
    AppendResult, AppendStatus, Claim, ClaimedEvent, Due, DueItems, FinishedCall, Forgotten,
    HistoryRule, JournalError, NewEvent, NoticeResult, OutboxCall, OutboxNotice, SettleResult,
    Settlement, ThreadChange, ThreadRelease, Turn, Wakeups,
};
use crate::thread::ThreadKey;

/// Appends events, and hands threads out.
pub(super) struct Append {
    pub(super) events: Vec<NewEvent>,
    pub(super) limit: usize,
    pub(super) appended: Vec<AppendStatus>,
    pub(super) claimed: Vec<(ThreadKey, Vec<u64>)>,
}

impl Steps for Append {
    fn reads(&self, rules: &JournalRules, request: &mut ReadRequest) {
        request.arrivals |= rules.is_shared();
        for new in &self.events {
            request.keys.push(new.dedupe_key);
            request.keys.extend(new.also_known_as);
            let sent = new.sent_key();
            if new.confirms.is_some() || sent.is_some() {
                request.keys.extend(sent);
                rules.request_head(&new.thread, request);
                rules.request_for_echo(new, request);
            }
        }
    }

    fn decide(&mut self, rules: &mut JournalRules, _: Timestamp) {
        for new in std::mem::take(&mut self.events) {
            self.appended.push(rules.append(new));
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
            waiting: engine.rules.waiting_events(),
        })
    }
}

/// Hands out what is due: threads with events, or calls.
pub(super) struct HandOut<T: DueItem> {
    pub(super) due: Due,
    pub(super) taken: Vec<T::Id>,
}

/// Something that is handed out when it is due.
pub(super) trait DueItem: Sized + Send + 'static {
    /// By what the rules know it.
    type Id: Send;

    /// What the rules have to know before they can take any.
    fn reads(_due: &Due, _rules: &JournalRules, _wanted: &mut ReadRequest) {}
    /// Takes those whose turn it is. What that changes is stored.
    fn take(due: &Due, rules: &mut JournalRules) -> Vec<Self::Id>;
    /// What has to be read before one can be handed out.
    fn wants_content(_id: &Self::Id, _rules: &JournalRules, _request: &mut ReadRequest) {}
    /// What is handed out, and when to look again.
    fn hand_out(taken: Vec<Self::Id>, engine: &mut Engine) -> DueItems<Self>;
}

impl<T: DueItem> Steps for HandOut<T> {
    fn reads(&self, rules: &JournalRules, request: &mut ReadRequest) {
        T::reads(&self.due, rules, request);
    }

    fn decide(&mut self, rules: &mut JournalRules, _: Timestamp) {
        self.taken = T::take(&self.due, rules);
    }

    fn hand_out(&mut self, rules: &mut JournalRules, request: &mut ReadRequest) {
        for id in &self.taken {
            T::wants_content(id, rules, request);
        }
    }
}

impl<T: DueItem> JournalCommand for HandOut<T> {
    type Answer = DueItems<T>;

    fn answer(
        self,
        engine: &mut Engine,
        read: &Result<(), StorageError>,
    ) -> Result<DueItems<T>, JournalError> {
        let handed_out = T::hand_out(self.taken, engine);
        match read {
            Ok(()) => Ok(handed_out),
            Err(error) => Err(JournalError::read(error.clone())),
        }
    }
}

impl DueItem for Claim {
    type Id = (ThreadKey, Vec<u64>);

    fn reads(due: &Due, rules: &JournalRules, request: &mut ReadRequest) {
        request.timers_before = request.timers_before.max(rules.wants_timers(due.now));
    }

    fn take(due: &Due, rules: &mut JournalRules) -> Vec<Self::Id> {
        rules.run_timers(due.now);
        rules.claim(Some(due.now), due.limit)
    }

    fn wants_content(id: &Self::Id, rules: &JournalRules, request: &mut ReadRequest) {
        rules.request_claim(id, request);
    }

    fn hand_out(taken: Vec<Self::Id>, engine: &mut Engine) -> DueItems<Self> {
        DueItems {
            items: engine.claims(taken),
            next_at: engine.rules.sleep_of_claims(),
        }
    }
}

/// Hands out more events of a thread that is handed out.
pub(super) struct ClaimLater {
    pub(super) thread: ThreadKey,
    /// The newest event of the thread that is handed out.
    pub(super) after: u64,
    pub(super) claimed: Vec<u64>,
}

impl Steps for ClaimLater {
    fn hand_out(&mut self, rules: &mut JournalRules, request: &mut ReadRequest) {
        self.claimed = rules.later(&self.thread, self.after);
        rules.request_events(&self.claimed, request);
    }
}

impl JournalCommand for ClaimLater {
    type Answer = Vec<ClaimedEvent>;

    fn answer(
        self,
        engine: &mut Engine,
        read: &Result<(), StorageError>,
    ) -> Result<Self::Answer, JournalError> {
        if let Err(error) = read {
            return Err(JournalError::read(error.clone()));
        }
        let claimed = self.claimed.into_iter();
        Ok(claimed
            .map_while(|sequence| engine.rules.hand_out(sequence))
            .collect())
    }
}

impl DueItem for OutboxCall {
    type Id = (u64, ThreadKey);

    fn take(due: &Due, rules: &mut JournalRules) -> Vec<Self::Id> {
        if rules.has_due_calls(due.now) {
            rules.start(due)
        } else {
            Vec::new()
        }
    }

    fn wants_content(id: &Self::Id, rules: &JournalRules, request: &mut ReadRequest) {
        rules.request_call(id, request);
    }

    fn hand_out(taken: Vec<Self::Id>, engine: &mut Engine) -> DueItems<Self> {
        DueItems {
            items: engine.calls(taken),
            next_at: engine.rules.sleep_of_calls(),
        }
    }
}

impl DueItem for OutboxNotice {
    type Id = Self;

    // That needs no row: after a crash they are handed out again.
    fn take(due: &Due, rules: &mut JournalRules) -> Vec<Self> {
        rules.start_notices(due.now, due.limit)
    }

    fn hand_out(taken: Vec<Self>, engine: &mut Engine) -> DueItems<Self> {
        DueItems {
            items: taken,
            next_at: engine.rules.sleep_of_notices(),
        }
    }
}

/// Settles events and lets threads go.
pub(super) struct Settle {
    pub(super) settlements: Vec<Settlement>,
    pub(super) released: Vec<ThreadRelease>,
    pub(super) started: Vec<(u64, ThreadKey)>,
    pub(super) settled: Vec<ThreadKey>,
    pub(super) is_stale: bool,
    pub(super) is_behind: bool,
}

impl Steps for Settle {
    fn reads(&self, rules: &JournalRules, request: &mut ReadRequest) {
        for settlement in &self.settlements {
            rules.request_thread(&settlement.thread, request);
        }
    }

    fn decide(&mut self, rules: &mut JournalRules, now: Timestamp) {
        for settlement in std::mem::take(&mut self.settlements) {
            let (key, last) = (
                settlement.thread.clone(),
                settlement.sequences.last().copied(),
            );
            self.is_stale |= !rules.awaits(&settlement);
            self.started.extend(rules.settle(settlement, now));
            self.is_behind |= last.is_some_and(|last| rules.has_earlier(&key, last));
            self.settled.push(key);
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
            is_stale: self.is_stale,
            is_behind: self.is_behind,
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

/// Records what became of calls.
impl Steps for Vec<FinishedCall> {
    fn reads(&self, rules: &JournalRules, request: &mut ReadRequest) {
        for finished in self {
            rules.request_thread(&finished.thread, request);
            if let Some(echo) = finished.echo_key {
                request.keys.extend([echo, echo.sent()]);
            }
        }
    }

    fn decide(&mut self, rules: &mut JournalRules, _: Timestamp) {
        for finished in self {
            rules.finish(finished);
        }
    }
}

impl JournalCommand for Vec<FinishedCall> {
    type Answer = Wakeups;

    fn answer(
        self,
        engine: &mut Engine,
        _: &Result<(), StorageError>,
    ) -> Result<Wakeups, JournalError> {
        for FinishedCall { id, thread, .. } in &self {
            engine.handed_out.call_returned(thread, *id);
        }
        Ok(engine.rules.ready())
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

    fn decide(&mut self, rules: &mut JournalRules, now: Timestamp) {
        let change = std::mem::take(&mut self.change);
        if rules.owns(&self.thread) {
            rules.change_thread(&self.thread, change, now);
        } else {
            let thread = self.thread.clone();
            rules.forward(ForwardedCommand::Change { thread, change });
        }
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

/// Stores something from outside a handler, once for each id.
pub(super) struct Submit {
    /// Taken by the first step.
    pub(super) submission: Option<Submission>,
    pub(super) answer: Option<SubmitResult>,
}

impl Steps for Submit {
    fn reads(&self, rules: &JournalRules, request: &mut ReadRequest) {
        request.arrivals |= rules.is_shared();
        if let Some(Submission { thread, id, .. }) = &self.submission {
            request.receipts.push((thread.clone(), id.clone()));
            rules.request_thread(thread, request);
        }
    }

    fn decide(&mut self, rules: &mut JournalRules, now: Timestamp) {
        let submission = self.submission.take();
        self.answer = submission.map(|submission| rules.submit(submission, now));
    }
}

impl JournalCommand for Submit {
    type Answer = (SubmitResult, Wakeups);

    fn answer(
        self,
        engine: &mut Engine,
        _: &Result<(), StorageError>,
    ) -> Result<Self::Answer, JournalError> {
        // Every batch decides what it commits.
        let answer = self.answer.ok_or(JournalError::Closed)?;
        engine.rules.forget_if_idle(&answer.receipt.thread);
        Ok((answer, engine.rules.ready()))
    }
}

/// Remembers that the message of an echo was sent.
pub(super) struct RememberSent {
    thread: ThreadKey,
    /// The echo's dedupe key.
    echo: String,
    key: DedupeKey,
    /// What it says.
    turn: Option<Turn>,
}

impl RememberSent {
    pub(super) fn new(thread: ThreadKey, echo: String, turn: Option<Turn>) -> Self {
        Self {
            key: DedupeKey::of(&echo),
            thread,
            echo,
            turn,
        }
    }
}

impl Steps for RememberSent {
    fn reads(&self, rules: &JournalRules, request: &mut ReadRequest) {
        rules.request_thread(&self.thread, request);
        request.keys.extend([self.key, self.key.sent()]);
    }

    fn decide(&mut self, rules: &mut JournalRules, now: Timestamp) {
        if !rules.owns(&self.thread) {
            return rules.forward(ForwardedCommand::Sent {
                thread: self.thread.clone(),
                echo: self.echo.clone(),
                turn: self.turn.take(),
            });
        }
        rules.remember_sent(&self.thread, &self.echo, self.key, now);
        if let Some(turn) = self.turn.take() {
            rules.bot_said(&self.thread, turn, now);
        }
    }
}

impl JournalCommand for RememberSent {
    type Answer = ();

    fn answer(self, engine: &mut Engine, _: &Result<(), StorageError>) -> Result<(), JournalError> {
        engine.rules.forget_if_idle(&self.thread);
        Ok(())
    }
}

/// Sets how much of each conversation is kept.
pub(super) struct KeepHistory(pub(super) HistoryRule);

impl Steps for KeepHistory {
    fn decide(&mut self, rules: &mut JournalRules, _: Timestamp) {
        rules.keep_history(self.0);
    }
}

impl JournalCommand for KeepHistory {
    type Answer = ();

    fn answer(self, _: &mut Engine, _: &Result<(), StorageError>) -> Result<(), JournalError> {
        Ok(())
    }

    /// It is no row.
    fn refused(self, engine: &mut Engine, _: &StorageError) -> Result<(), JournalError> {
        engine.rules.keep_history(self.0);
        Ok(())
    }
}

/// A request for deletion comes, or is carried out.
pub(super) struct ChangeDeletion {
    change: Option<DeletionChange>,
    /// Of a request that is done, who it was is deleted.
    is_done: bool,
}

impl ChangeDeletion {
    pub(super) fn new(change: DeletionChange) -> Self {
        Self {
            is_done: matches!(change, DeletionChange::Done { .. }),
            change: Some(change),
        }
    }
}

impl Steps for ChangeDeletion {
    fn decide(&mut self, rules: &mut JournalRules, _: Timestamp) {
        if let Some(change) = self.change.take() {
            rules.change_deletion(change);
        }
    }

    fn erases(&self) -> bool {
        self.is_done
    }
}

impl JournalCommand for ChangeDeletion {
    type Answer = ();

    fn answer(self, engine: &mut Engine, _: &Result<(), StorageError>) -> Result<(), JournalError> {
        match &engine.erased {
            Err(error) if self.is_done => Err(JournalError::write(error.clone())),
            _ => Ok(()),
        }
    }
}

/// Deletes everything of a thread.
pub(super) struct Forget {
    pub(super) thread: ThreadKey,
    pub(super) forgotten: Forgotten,
    /// Under what name the answer comes, if another node does it.
    pub(super) forwarded: Option<String>,
}

impl Steps for Forget {
    fn reads(&self, rules: &JournalRules, request: &mut ReadRequest) {
        rules.request_account_events(&self.thread, request);
    }

    fn decide(&mut self, rules: &mut JournalRules, now: Timestamp) {
        if rules.owns(&self.thread) {
            self.forgotten = rules.forget(&self.thread, now);
        } else {
            let (thread, answer) = (self.thread.clone(), format!("{:016x}", fastrand::u64(..)));
            self.forwarded = Some(answer.clone());
            rules.forward(ForwardedCommand::Forget { thread, answer });
        }
    }

    fn erases(&self) -> bool {
        true
    }
}

impl JournalCommand for Forget {
    /// What was deleted, or under what name the answer of another node comes.
    type Answer = Result<Forgotten, String>;

    fn answer(
        mut self,
        engine: &mut Engine,
        _: &Result<(), StorageError>,
    ) -> Result<Self::Answer, JournalError> {
        if let Some(name) = self.forwarded {
            return Ok(Err(name));
        }
        self.forgotten += engine.storage.forgotten(&self.thread);
        engine
            .rules
            .dead_letters_are_gone(self.forgotten.dead_letters);
        match &engine.erased {
            Ok(()) => Ok(Ok(self.forgotten)),
            Err(error) => Err(JournalError::write(error.clone())),
        }
    }
}

/// Lets nothing of an account wait for its time any longer.
pub(super) struct MakeDue {
    pub(super) account: AccountId,
    pub(super) now: Timestamp,
    /// Whether the other nodes do so, too.
    pub(super) everywhere: bool,
}

impl Steps for MakeDue {
    fn reads(&self, _: &JournalRules, request: &mut ReadRequest) {
        request.timers_of.push(self.account.clone());
    }

    fn decide(&mut self, rules: &mut JournalRules, _: Timestamp) {
        rules.make_due(&self.account, self.now);
        if self.everywhere {
            rules.forward_make_due(&self.account, self.now);
        }
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

/// Takes up what other nodes have stored for the lanes of this one.
#[cfg(feature = "postgres")]
pub(super) struct TakeArrivals;

#[cfg(feature = "postgres")]
impl Steps for TakeArrivals {
    fn reads(&self, rules: &JournalRules, request: &mut ReadRequest) {
        request.arrivals |= rules.is_shared();
    }
}

#[cfg(feature = "postgres")]
impl JournalCommand for TakeArrivals {
    type Answer = Wakeups;

    fn answer(
        self,
        engine: &mut Engine,
        _: &Result<(), StorageError>,
    ) -> Result<Wakeups, JournalError> {
        Ok(engine.rules.ready())
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
