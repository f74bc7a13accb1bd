//! What can be asked of the journal.

mod calls;
mod events;
mod privacy;
mod threads;

use handover_protocol::{AccountId, Timestamp};

pub(super) use calls::{FinishNotice, LookForEcho};
pub(super) use events::{Append, ClaimLater, Settle};
pub(super) use privacy::{ChangeDeletion, Forget};
pub(super) use threads::{ChangeThread, KeepHistory, LimitWaiting, RememberSent, Submit};

use super::engine::Engine;
use super::jobs::{JournalCommand, Steps};
use super::rules::{JournalRules, ReadRequest};
use super::storage::StorageError;
use super::{Claim, Due, DueItems, JournalError, OutboxCall, SharedPause, ThreadRelease, Wakeups};
use crate::thread::ThreadKey;

/// Hands out what is due: threads with events, or calls.
pub(super) struct HandOut<T: DueItem> {
    due: Due,
    taken: Vec<T::Id>,
}

impl<T: DueItem> HandOut<T> {
    pub(super) fn new(due: Due) -> Self {
        Self {
            due,
            taken: Vec::new(),
        }
    }
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

    fn take_due(&mut self, rules: &mut JournalRules) {
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
        if let Err(error) = read {
            if handed_out.items.is_empty() {
                return Err(JournalError::read(error.clone()));
            }
            // Nobody else would give back what needed no reading.
            tracing::warn!(%error, "the journal cannot be read; what is in memory goes on");
        }
        Ok(handed_out)
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

/// Notifies the other nodes and the next process that sending is paused for an account, or goes on.
pub(super) struct SharePause {
    pub(super) account: AccountId,
    pub(super) pause: Option<SharedPause>,
}

impl Steps for SharePause {
    fn decide(&mut self, rules: &mut JournalRules, now: Timestamp) {
        rules.share_pause(&self.account, self.pause.take(), now);
    }
}

impl JournalCommand for SharePause {
    type Answer = ();

    fn answer(self, _: &mut Engine, _: &Result<(), StorageError>) -> Result<(), JournalError> {
        Ok(())
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
