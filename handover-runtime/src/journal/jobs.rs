//! How the engine carries out a command: decided and stored with others, then answered.

use handover_protocol::Timestamp;
use tokio::sync::oneshot;

use super::JournalError;
use super::engine::Engine;
use super::rules::{HandedOut, JournalRules, ReadRequest};
use super::storage::StorageError;

/// The steps of a command, in order.
pub(super) trait Steps {
    /// What the rules have to know before they can decide.
    fn reads(&self, _rules: &JournalRules, _request: &mut ReadRequest) {}
    /// Changes the rules; the rows that change are stored with those of the other commands.
    fn decide(&mut self, _rules: &mut JournalRules, _now: Timestamp) {}
    /// Once all commands of the batch are decided: takes what is due.
    fn take_due(&mut self, _rules: &mut JournalRules) {}
    /// Whether something is to be written even if no row changes.
    fn probes(&self) -> bool {
        false
    }
    /// Whether what it deletes has to be unreadable in the files before it is answered.
    fn erases(&self) -> bool {
        false
    }
    /// After the commit, before anything is handed out: what the caller held, and does not hold any more.
    fn returned(&self, _out: &mut HandedOut) {}
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

    fn take_due(&mut self, rules: &mut JournalRules) {
        self.command.take_due(rules);
    }

    fn probes(&self) -> bool {
        self.command.probes()
    }

    fn erases(&self) -> bool {
        self.command.erases()
    }

    fn returned(&self, out: &mut HandedOut) {
        self.command.returned(out);
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

pub(super) fn reply<T: Send + 'static>(
    to: ReplySender<T>,
    answer: Result<T, JournalError>,
) -> SendReply {
    Box::new(move || {
        let _ = to.send(answer);
    })
}
