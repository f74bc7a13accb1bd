//! Delivery of the calls that are due.

use std::sync::Arc;
use std::time::Duration;

use handover_protocol::AccountId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::Instrument;

use super::metrics::OutboxMetrics;
use super::observed::ObservedSends;
use super::pauses::AccountPauses;
use super::rate::Limiter;
use super::result::{handed_over, note_receipt};
use super::sender_action::is_sender_action;
use crate::accounts::Accounts;
use crate::clock::Clock;
use crate::graph::{Call, GraphError};
use crate::internal_event::{FailedSend, InternalEvent, InternalEventBody};
use crate::journal::{CallResult, Due, Ended, FinishedCall, Journal, OutboxCall, Wake, Wakeups};
use tokio_util::sync::CancellationToken;

/// Threads to which calls are made at once.
const CONCURRENT_THREADS: usize = 256;
/// Calls that are handed out together.
const AT_ONCE: usize = 64;
/// Pause after an error of the store.
pub(super) const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Shared by all deliveries.
pub(crate) struct Outbox {
    pub(crate) permits: SendPermits,
    pub(crate) journal: Journal,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) wake: Wake,
    pub(crate) stop: CancellationToken,
    /// Cancelled once the bot accepts no webhooks, and so receives no echoes.
    pub(crate) webhook_closed: CancellationToken,
    /// Whether what is sent joins the history of its thread.
    pub(crate) keeps_history: bool,
    /// Whether a handler takes failed messages.
    pub(crate) tells_failed_sends: bool,
    pub(crate) limiter: Limiter,
    /// Observes messages to people whose ids are not known yet.
    pub(crate) observed_sends: Arc<ObservedSends>,
    pub(crate) pauses: AccountPauses,
    pub(crate) clock: Clock,
    pub(crate) metrics: OutboxMetrics,
}

/// One permit for each thread to which calls are made. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct SendPermits(Arc<Semaphore>);

impl Default for SendPermits {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(CONCURRENT_THREADS)))
    }
}

/// Makes the calls that are due until the bot stops; then waits for the calls in flight.
pub(crate) async fn run(outbox: Arc<Outbox>) {
    let SendPermits(permits) = &outbox.permits;
    while !outbox.stop.is_cancelled() {
        // The semaphore is never closed, so acquiring cannot fail.
        let Ok(first) = permits.clone().acquire_owned().await else {
            return;
        };
        let now = outbox.clock.now();
        let (paused, pause_ends) = outbox.pauses.now(now);
        let limit = AT_ONCE.min(1 + permits.available_permits());
        let due = Due {
            now,
            limit,
            paused,
            without_token: outbox.pauses.without_token(),
        };
        let started = match outbox.journal.start_calls(due).await {
            Ok(started) => started,
            Err(error) => {
                tracing::error!(%error, "the outbox cannot be read; trying again");
                tokio::time::sleep(STORE_PAUSE).await;
                continue;
            }
        };
        outbox.wake.up(started.ready);
        let is_all = started.items.len() < limit;
        let mut first = Some(first);
        for call in started.items {
            let permit = match first.take() {
                Some(permit) => Some(permit),
                None => permits.clone().try_acquire_owned().ok(),
            };
            let outbox = outbox.clone();
            tokio::spawn(Box::pin(async move {
                outbox.deliver(call).await;
                drop(permit);
            }));
        }
        if is_all {
            drop(first);
            let next = started.next_at.into_iter().chain(pause_ends).min();
            tokio::select! {
                () = outbox.wake.calls() => {}
                () = outbox.clock.until(next) => {}
                () = outbox.stop.cancelled() => {}
            }
        }
    }
    let all = u32::try_from(CONCURRENT_THREADS).unwrap_or(u32::MAX);
    let _ = permits.acquire_many(all).await;
}

impl Outbox {
    /// Takes a permit to send for this account at once, without the queue.
    pub(crate) fn permit_for(&self, account: &AccountId) -> Option<OwnedSemaphorePermit> {
        if self.stop.is_cancelled() || self.pauses.is_paused(account, self.clock.now()) {
            return None;
        }
        self.permits.0.clone().try_acquire_owned().ok()
    }

    pub(crate) fn deliver(&self, call: OutboxCall) -> impl Future<Output = ()> {
        let span = tracing::info_span!(
            "call",
            thread = %call.thread,
            call = call.call.name(),
            reference = call.reference,
            attempt = call.attempts,
        );
        self.execute(call).instrument(span)
    }

    async fn execute(&self, call: OutboxCall) {
        let account = &call.thread.account;
        let mut refusal = None;
        let mut finished = self.attempt(&call, &mut refusal).await;
        self.end_outcome(&call, refusal.as_ref(), &mut finished);
        finished.listeners = self.accounts.listeners(account).in_product(&call.object);
        finished.news = handed_over(&call, &finished);
        self.accounts.tallies().call(account, &call.call, &finished);
        note_receipt(&call, refusal.as_ref(), &mut finished);
        crate::failpoint::failpoint!("send.before_record");
        let (thread, name) = (&call.thread, call.call.name());
        if is_sender_action(&call.call) && finished.result != CallResult::Sent {
            tracing::debug!(%thread, result = ?finished.result, "a sender action was not sent");
            finished.result = CallResult::Sent;
        }
        match &finished.result {
            CallResult::Sent => tracing::info!("sent"),
            CallResult::Needless => {
                tracing::info!("not made, for it is not needed any more");
            }
            CallResult::Replaced => {
                tracing::info!(
                    "the messaging window is closed; what was given for that is sent instead"
                );
            }
            CallResult::Dead(cause) => {
                tracing::error!(%thread, call = name, %cause, "a call failed and is now a dead letter");
            }
            CallResult::RetryAt(_)
            | CallResult::PutOff(_)
            | CallResult::Blocked(_)
            | CallResult::Uncertain(_) => {}
        }
        self.metrics.tried(&call.call, &finished.result);
        let ready = self.finish(&finished).await;
        self.wake.up(ready);
    }

    /// Handles a message that was given up: the later messages of its outcome end with it, unless it may
    /// have arrived, and `#[on_send_failed]` runs.
    fn end_outcome(
        &self,
        call: &OutboxCall,
        refusal: Option<&GraphError>,
        finished: &mut FinishedCall,
    ) {
        let (Call::Messages(send), CallResult::Dead(reason)) = (&*call.call, &finished.result)
        else {
            return;
        };
        if send.sender_action.is_some() || call.ended.is_some() {
            return;
        }
        let may_have_arrived =
            call.uncertain || refusal.is_some_and(GraphError::may_have_been_delivered);
        finished.ends_outcome = (!may_have_arrived).then(|| Ended {
            kind: finished.kind,
            cause: reason.clone(),
        });
        // What a handler answered to a message that is surplus would be the next.
        if self.tells_failed_sends && !call.quiet && !call.is_surplus {
            let failed = FailedSend::of(send, (finished.kind, reason), refusal);
            let body = InternalEventBody::SendFailed(Box::new(failed));
            finished.event = Some(InternalEvent::new(call.object.clone(), body));
        }
    }

    /// Stores the result. Retries while the bot runs, because a call without a stored result would block
    /// its thread.
    async fn finish(&self, finished: &FinishedCall) -> Wakeups {
        loop {
            let error = match self.journal.finish_calls(vec![finished.clone()]).await {
                Ok(ready) => return ready,
                Err(error) => error,
            };
            tracing::error!(thread = %finished.thread, %error, "a call's result cannot be stored; trying again");
            if self.stop.is_cancelled() {
                return Wakeups::default();
            }
            tokio::time::sleep(STORE_PAUSE).await;
        }
    }
}
