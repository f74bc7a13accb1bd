//! What is kept of a person is deleted.

use handover_protocol::Timestamp;

use crate::journal::engine::Engine;
use crate::journal::forward::ForgetPart;
use crate::journal::jobs::{JournalCommand, Steps};
use crate::journal::rules::{DeletionChange, JournalRules, ReadRequest};
use crate::journal::storage::StorageError;
use crate::journal::{Forgotten, JournalError};
use crate::thread::ThreadKey;

/// A request for deletion comes, or is carried out.
pub(in crate::journal) struct ChangeDeletion {
    change: Option<DeletionChange>,
    /// Of a request that is done, who it was is deleted.
    is_done: bool,
}

impl ChangeDeletion {
    pub(in crate::journal) fn new(change: DeletionChange) -> Self {
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
            Err(error) if self.is_done => Err(JournalError::erase(error.clone())),
            _ => Ok(()),
        }
    }
}

/// Deletes a part of what there is of a thread.
pub(in crate::journal) struct Forget {
    pub(in crate::journal) thread: ThreadKey,
    pub(in crate::journal) part: ForgetPart,
    pub(in crate::journal) forgotten: Forgotten,
    /// Under what name the answer comes, if another node does it.
    pub(in crate::journal) forwarded: Option<String>,
}

impl Steps for Forget {
    fn reads(&self, rules: &JournalRules, request: &mut ReadRequest) {
        // What another node has accepted of the person before is deleted as well.
        request.arrivals |= rules.is_shared();
        rules.request_account_events(&self.thread, request);
    }

    fn decide(&mut self, rules: &mut JournalRules, now: Timestamp) {
        if rules.owns(&self.part.owned_with(&self.thread)) {
            self.forgotten = self.part.decide(rules, &self.thread, now);
        } else {
            let answer = format!("{:016x}", fastrand::u64(..));
            self.forwarded = Some(answer.clone());
            rules.forward(self.part.command(self.thread.clone(), answer));
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
            Err(error) => Err(JournalError::erase(error.clone())),
        }
    }
}
