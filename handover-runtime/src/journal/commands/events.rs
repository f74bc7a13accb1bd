//! Events come, are handed out with their thread, and are settled.

use handover_protocol::Timestamp;

use super::DueItem;
use crate::journal::engine::Engine;
use crate::journal::jobs::{JournalCommand, Steps};
use crate::journal::rules::{JournalRules, ReadRequest};
use crate::journal::storage::StorageError;
use crate::journal::{
    AppendResult, AppendStatus, Claim, ClaimedEvent, Due, DueItems, EventResult, JournalError,
    NewEvent, SettleResult, Settlement, ThreadRelease, Wakeups,
};
use crate::thread::ThreadKey;

/// Appends events, and hands threads out.
pub(in crate::journal) struct Append {
    pub(in crate::journal) events: Vec<NewEvent>,
    pub(in crate::journal) limit: usize,
    pub(in crate::journal) appended: Vec<AppendStatus>,
    pub(in crate::journal) claimed: Vec<(ThreadKey, Vec<u64>)>,
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
                rules.request_awaiting_echo(&new.thread, request);
                rules.request_for_echo(new, request);
            }
        }
    }

    fn decide(&mut self, rules: &mut JournalRules, _: Timestamp) {
        for new in std::mem::take(&mut self.events) {
            // It may have been read for this echo only.
            let read = new.confirms.is_some().then(|| new.thread.clone());
            self.appended.push(rules.append(new));
            if let Some(thread) = read {
                rules.forget_if_idle(&thread);
            }
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
            waiting: engine.rules.waiting(),
        })
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
            ready: Wakeups::default(),
        }
    }
}

/// Hands out more events of a thread that is handed out.
pub(in crate::journal) struct ClaimLater {
    pub(in crate::journal) thread: ThreadKey,
    /// The newest event of the thread that is handed out.
    pub(in crate::journal) after: u64,
    pub(in crate::journal) claimed: Vec<u64>,
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

/// Settles events and lets threads go.
pub(in crate::journal) struct Settle {
    pub(in crate::journal) settlements: Vec<Settlement>,
    pub(in crate::journal) released: Vec<ThreadRelease>,
    pub(in crate::journal) started: Vec<(u64, ThreadKey)>,
    pub(in crate::journal) settled: Vec<ThreadKey>,
    pub(in crate::journal) superseded: Vec<u64>,
    pub(in crate::journal) is_stale: bool,
    pub(in crate::journal) is_behind: bool,
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
            // Those are left out beside others, which count.
            let is_left_out = settlement.result == EventResult::Superseded;
            let handoffs = rules.handoffs_aside(&key);
            self.is_stale |= !is_left_out && !rules.awaits(&settlement);
            let effect = rules.settle(settlement, now);
            self.started.extend(effect.started);
            self.superseded.extend(effect.superseded);
            let is_behind = last.is_some_and(|last| rules.has_earlier(&key, last))
                || rules.handoffs_aside(&key) != handoffs;
            self.is_behind |= !is_left_out && is_behind;
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
            superseded: self.superseded,
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
        // Those that were decided are not among the settlements any more.
        if self.settlements.is_empty() && self.settled.is_empty() {
            // To let a thread go, nothing has to be written.
            self.answer(engine, &Ok(()))
        } else {
            Err(JournalError::write(error.clone()))
        }
    }
}
