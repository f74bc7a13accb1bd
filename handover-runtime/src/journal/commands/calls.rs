//! Calls and notices are handed out, and end.

use handover_protocol::Timestamp;

use super::DueItem;
use crate::journal::engine::Engine;
use crate::journal::jobs::{JournalCommand, Steps};
use crate::journal::rules::{HandedOut, JournalRules, ReadRequest};
use crate::journal::storage::StorageError;
use crate::journal::{
    CallResult, Due, DueItems, FinishedCall, JournalError, NoticeResult, OutboxCall, OutboxNotice,
    Wakeups,
};
use crate::thread::ThreadKey;

impl DueItem for OutboxCall {
    type Id = (u64, ThreadKey);

    /// The echo of a call may have come to another node: then the call is not repeated.
    fn reads(due: &Due, rules: &JournalRules, request: &mut ReadRequest) {
        request.arrivals |= rules.is_shared() && rules.has_due_calls(due.now);
    }

    fn take(due: &Due, rules: &mut JournalRules) -> Vec<Self::Id> {
        rules.start(due)
    }

    fn wants_content(id: &Self::Id, rules: &JournalRules, request: &mut ReadRequest) {
        rules.request_call(id, request);
    }

    fn hand_out(taken: Vec<Self::Id>, engine: &mut Engine) -> DueItems<Self> {
        DueItems {
            items: engine.calls(taken),
            next_at: engine.rules.sleep_of_calls(),
            // Events go on where a handoff joined what waits for control.
            ready: engine.rules.ready(),
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
        for OutboxNotice { id, notice, .. } in &taken {
            engine.handed_out.notice(notice.thread.clone(), *id);
        }
        DueItems {
            items: taken,
            next_at: engine.rules.sleep_of_notices(),
            ready: Wakeups::default(),
        }
    }
}

/// Records what became of calls.
impl Steps for Vec<FinishedCall> {
    fn reads(&self, rules: &JournalRules, request: &mut ReadRequest) {
        for finished in self {
            rules.request_thread(&finished.thread, request);
            if matches!(finished.result, CallResult::Blocked(_)) {
                rules.request_handoffs(&finished.thread, request);
            }
            if finished.result == CallResult::Replaced {
                rules.request_call(&(finished.id, finished.thread.clone()), request);
            }
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

    fn returned(&self, out: &mut HandedOut) {
        for FinishedCall { id, thread, .. } in self {
            out.call_returned(thread, *id);
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
        Ok(engine.rules.ready())
    }
}

/// Whether the echo has come of a call that is about to be repeated, whichever node has got it.
pub(in crate::journal) struct LookForEcho {
    pub(in crate::journal) id: u64,
    pub(in crate::journal) thread: ThreadKey,
}

impl Steps for LookForEcho {
    fn reads(&self, rules: &JournalRules, request: &mut ReadRequest) {
        request.arrivals |= rules.is_shared();
    }
}

impl JournalCommand for LookForEcho {
    type Answer = bool;

    fn answer(
        self,
        engine: &mut Engine,
        _: &Result<(), StorageError>,
    ) -> Result<bool, JournalError> {
        Ok(engine.rules.has_echo(self.id, &self.thread))
    }
}

/// Records what became of a notice.
pub(in crate::journal) struct FinishNotice {
    pub(in crate::journal) id: u64,
    pub(in crate::journal) result: NoticeResult,
    pub(in crate::journal) at: Timestamp,
}

impl Steps for FinishNotice {
    fn decide(&mut self, rules: &mut JournalRules, _: Timestamp) {
        rules.finish_notice(self.id, self.result.clone(), self.at);
    }

    fn returned(&self, out: &mut HandedOut) {
        out.notice_returned(self.id);
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
