//! What is kept of a thread changes, or something comes to it from outside a handler.

use handover_protocol::Timestamp;

use crate::journal::engine::Engine;
use crate::journal::forward::ForwardedCommand;
use crate::journal::jobs::{JournalCommand, Steps};
use crate::journal::receipt::{Submission, SubmitResult};
use crate::journal::rules::{DedupeKey, JournalRules, ReadRequest};
use crate::journal::storage::StorageError;
use crate::journal::{HistoryRule, JournalError, ThreadChange, Turn, Wakeups};
use crate::thread::ThreadKey;

/// Changes what is kept of a thread.
pub(in crate::journal) struct ChangeThread {
    pub(in crate::journal) thread: ThreadKey,
    pub(in crate::journal) change: ThreadChange,
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
pub(in crate::journal) struct Submit {
    /// Taken by the first step.
    pub(in crate::journal) submission: Option<Submission>,
    /// Whether another node has accepted it, so that it cannot be refused.
    pub(in crate::journal) is_accepted: bool,
    pub(in crate::journal) answer: Option<Result<SubmitResult, JournalError>>,
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
        self.answer = submission.map(|new| rules.submit(new, self.is_accepted, now));
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
        let answer = self.answer.ok_or(JournalError::Closed)??;
        engine.rules.forget_if_idle(&answer.receipt.thread);
        Ok((answer, engine.rules.ready()))
    }
}

/// Remembers that the message of an echo was sent.
pub(in crate::journal) struct RememberSent {
    thread: ThreadKey,
    /// The echo's dedupe key.
    echo: String,
    key: DedupeKey,
    /// What it says.
    turn: Option<Turn>,
}

impl RememberSent {
    pub(in crate::journal) fn new(thread: ThreadKey, echo: String, turn: Option<Turn>) -> Self {
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

/// Sets how many events and calls may wait.
pub(in crate::journal) struct LimitWaiting(pub(in crate::journal) usize);

impl Steps for LimitWaiting {
    fn decide(&mut self, rules: &mut JournalRules, _: Timestamp) {
        rules.limit_waiting(self.0);
    }
}

impl JournalCommand for LimitWaiting {
    type Answer = ();

    fn answer(self, _: &mut Engine, _: &Result<(), StorageError>) -> Result<(), JournalError> {
        Ok(())
    }

    /// It is no row.
    fn refused(self, engine: &mut Engine, _: &StorageError) -> Result<(), JournalError> {
        engine.rules.limit_waiting(self.0);
        Ok(())
    }
}

/// Sets how much of each conversation is kept.
pub(in crate::journal) struct KeepHistory(pub(in crate::journal) HistoryRule);

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
