//! Makes the calls that are due.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::guard;
use super::retry::{self, Next};
use crate::clock;
use crate::dispatch::Wake;
use crate::error;
use crate::graph::{Call, Graph};
use crate::journal::{CallResult, FinishedCall, Journal, OutboxCall};
use crate::own_event::{self, FailedHandoff};
use crate::thread::{Owner, Ownership};

/// How many threads are sent to at once.
const SLOTS: usize = 256;
/// How long to leave a store alone that has just failed.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// What every delivery shares.
pub(crate) struct Outbox {
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) graph: Graph,
    pub(crate) wake: Wake,
}

/// Sends what is due, for ever.
pub(crate) async fn run(outbox: Arc<Outbox>) {
    let slots = Arc::new(Semaphore::new(SLOTS));
    loop {
        // The semaphore is never closed, so acquiring cannot fail.
        let Ok(slot) = slots.clone().acquire_owned().await else {
            return;
        };
        match outbox.journal.start_calls(clock::now(), 1).await {
            Ok(calls) if calls.is_empty() => {
                drop(slot);
                outbox.wait_for_work().await;
            }
            Ok(calls) => {
                let outbox = outbox.clone();
                tokio::spawn(async move {
                    for call in calls {
                        outbox.deliver(call).await;
                    }
                    drop(slot);
                });
            }
            Err(error) => {
                tracing::error!(%error, "the outbox cannot be read; trying again");
                tokio::time::sleep(STORE_PAUSE).await;
            }
        }
    }
}

impl Outbox {
    async fn wait_for_work(&self) {
        let next = self.journal.next_call_at().await.unwrap_or_default();
        tokio::select! {
            () = self.wake.calls() => {}
            () = clock::until(next) => {}
        }
    }

    async fn deliver(&self, call: OutboxCall) {
        let (result, owner) = self.attempt(&call).await;
        match &result {
            CallResult::Sent => {
                tracing::info!(thread = %call.thread, call = call.call.name(), "sent");
            }
            CallResult::Dead(cause) => {
                tracing::error!(thread = %call.thread, call = call.call.name(), %cause, "a call is given up and kept as a dead letter");
            }
            CallResult::RetryAt(_) => {}
        }
        let event = failed_handoff(&call.call, &result)
            .map(|failed| own_event::handoff_failed(&failed, &call.thread, call.object));
        self.finish(FinishedCall {
            id: call.id,
            thread: call.thread,
            result,
            // An event of the same millisecond arrived before.
            ownership: owner.map(|owner| Ownership::new(owner, clock::now() + 1)),
            event,
        })
        .await;
        self.wake.calls_arrived();
        self.wake.events_arrived();
    }

    /// What came of making the call, and what that tells of the owner.
    async fn attempt(&self, call: &OutboxCall) -> (CallResult, Option<Owner>) {
        if let Some(objection) = guard::objection(&call.call, &call.ownership, clock::now()) {
            return (CallResult::Dead(objection), None);
        }
        let graph = self.graph.for_product(call.object.clone());
        let Err(error) = graph.execute(&call.call).await else {
            return (CallResult::Sent, guard::owner_after(&call.call));
        };
        if guard::went_through_before(&call.call, call.attempts, &error) {
            return (CallResult::Sent, guard::owner_after(&call.call));
        }
        let result = match retry::next(&call.call, call.attempts, &error) {
            Next::RetryAfter(pause) => {
                let ms = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
                tracing::warn!(thread = %call.thread, call = call.call.name(), error = error::with_causes(&error), in_ms = ms, "a call failed and is tried again");
                CallResult::RetryAt(clock::now().saturating_add(ms))
            }
            Next::GiveUp(cause) => CallResult::Dead(cause),
        };
        (result, guard::owner_after_refusal(&call.call, &error))
    }

    /// A call that was made but not recorded would block its thread, so this does not give up.
    async fn finish(&self, finished: FinishedCall) {
        while let Err(error) = self.journal.finish_calls(vec![finished.clone()]).await {
            tracing::error!(thread = %finished.thread, %error, "a call's result cannot be stored; trying again");
            tokio::time::sleep(STORE_PAUSE).await;
        }
    }
}

/// The pass that was given up, if that is what happened.
fn failed_handoff(call: &Call, result: &CallResult) -> Option<FailedHandoff> {
    match (call, result) {
        (Call::PassThreadControl(pass), CallResult::Dead(reason)) => Some(FailedHandoff {
            reason: reason.clone(),
            target: pass.target_app_id.clone(),
        }),
        _ => None,
    }
}
