//! Delivery of the calls that are due.

use std::sync::Arc;
use std::time::Duration;

use handover_protocol::{AccountId, Timestamp};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::Instrument;

use super::guard;
use super::metrics::OutboxMetrics;
use super::pauses::{AccountPause, AccountPauses, RefusedToken};
use super::rate::Limiter;
use super::retry::{self, RetryDecision};
use super::sender_action::is_sender_action;
use crate::accounts::{Accounts, Blocked, KnownAccount, Lookup, Renewal};
use crate::causes;
use crate::clock::Clock;
use crate::graph::{Call, CallResponse, CurrentOwner, Graph, GraphError};
use crate::internal_event::{
    FailedHandoff, FailedSend, FailureKind, InternalEvent, InternalEventBody, codes,
};
use crate::journal::{
    CallResult, Due, ECHO_PAUSE, Ended, FinishedCall, Journal, OutboxCall, QueuedCall,
    ReceiptStatus, Terms, Turn, Wake, Wakeups, echo_key,
};
use crate::notice::{News, NoticeKind};
use crate::ownership::{self, Objection, gives_thread_away};
use crate::thread::Owner;
use tokio_util::sync::CancellationToken;

/// Threads to which calls are made at once.
const CONCURRENT_THREADS: usize = 256;
/// Calls that are handed out together.
const AT_ONCE: usize = 64;
/// Pause after an error of the store.
const STORE_PAUSE: Duration = Duration::from_secs(1);
/// Pause of calls while the lease of the node is in doubt.
const LEASE_PAUSE: Duration = Duration::from_secs(1);
/// Pause after an error of the token store, or after it returned another token.
const TOKEN_STORE_PAUSE: Duration = Duration::from_secs(1);
/// How often to check whether a thread with waiting messages has come back.
const CONTROL_PAUSE: Duration = Duration::from_secs(15);

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
        let due = Due { now, limit, paused };
        let started = match outbox.journal.start_calls(due).await {
            Ok(started) => started,
            Err(error) => {
                tracing::error!(%error, "the outbox cannot be read; trying again");
                tokio::time::sleep(STORE_PAUSE).await;
                continue;
            }
        };
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
        if self.tells_failed_sends && !call.quiet {
            let failed = FailedSend::of(send, (finished.kind, reason), refusal);
            let body = InternalEventBody::SendFailed(Box::new(failed));
            finished.event = Some(InternalEvent::new(call.object.clone(), body));
        }
    }

    /// Makes a call, unless an objection exists. Leaves an error of the platform in `refusal`.
    async fn attempt(&self, call: &OutboxCall, refusal: &mut Option<GraphError>) -> FinishedCall {
        let now = self.clock.now();
        let finished = |result| FinishedCall {
            event: event_after(call, &result),
            ..FinishedCall::new(call.id, call.thread.clone(), result, self.clock.now())
        };
        let dead = |kind, reason| FinishedCall {
            kind,
            ..finished(CallResult::Dead(reason))
        };
        if let (Some(Ended { kind, cause }), Call::Messages(_)) = (&call.ended, &*call.call) {
            let reason = format!(
                "not sent, for a message before it in the same outcome was refused: {cause}"
            );
            return dead(*kind, reason);
        }
        let Terms {
            holds, expires_at, ..
        } = call.terms;
        if let Some(expired) = expires_at.filter(|at| *at <= now) {
            let reason = format!("not sent in time: it expired at {expired}");
            return dead(FailureKind::Expired, reason);
        }
        let account = &call.thread.account;
        let KnownAccount {
            graph, settings, ..
        } = match self.accounts.find(account, &call.object).await {
            Lookup::Known(known) => known,
            Lookup::Unknown(reason) => return finished(CallResult::Dead(reason.to_string())),
            Lookup::Unclear(error) => {
                tracing::error!(%account, error = causes::with_causes(&*error), "the token store failed; calls wait");
                return finished(CallResult::PutOff(now + TOKEN_STORE_PAUSE));
            }
        };
        match guard::objection(call, &settings.rules, now) {
            Some(Objection::ThreadOwned(_) | Objection::Paused(_))
                if holds || settings.blocked == Blocked::Wait =>
            {
                return finished(held_until(call, now));
            }
            Some(Objection::OutsideWindow(_)) if call.terms.otherwise.is_some() => {
                return otherwise(call, finished(CallResult::Replaced));
            }
            Some(objection) => {
                let kind = guard::kind_of(&objection);
                let (Objection::ThreadOwned(reason)
                | Objection::Paused(reason)
                | Objection::OutsideWindow(reason)
                | Objection::Forbidden(reason)) = objection;
                return dead(kind, reason);
            }
            None => {}
        }
        let may_be_a_copy = call.uncertain && !call.call.is_idempotent();
        if may_be_a_copy && self.webhook_closed.is_cancelled() {
            return finished(CallResult::PutOff(now + ECHO_PAUSE));
        }
        // The echo of a message to a visitor without an id arrives in another thread.
        let no_echo = match call.thread.person() {
            None => Some("A message to a `user_ref` has no echo to confirm it"),
            Some(_) if call.echoes => None,
            Some(_) => Some("Subscribe to `message_echoes`: then its echo confirms it"),
        };
        if let (true, Some(no_echo)) = (may_be_a_copy, no_echo) {
            let reason = format!(
                "the bot stopped, or lost the answer, while it was sent: it may have been delivered, so it is not repeated. {no_echo}"
            );
            return dead(FailureKind::Uncertain, reason);
        }
        let send_rate = settings.send_rate;
        self.limiter.wait(account, send_rate, &call.call).await;
        // The last thing before the lease: an echo may have come while the call waited for its turn.
        if may_be_a_copy && let Some(result) = self.not_repeated(call).await {
            return finished(result);
        }
        if !self.journal.may_act(call.epoch) {
            // Another node has the thread by now, or may have: it makes the call.
            tracing::warn!(thread = %call.thread, "the lease of this node has ended; a call is left to its successor");
            return finished(CallResult::PutOff(now + LEASE_PAUSE));
        }
        let graph = graph.for_product(call.object.clone());
        crate::failpoint::failpoint!("send.before_call");
        let answer = graph.execute(&call.call).await;
        crate::failpoint::failpoint!("send.after_call");
        self.pause_for_usage(call, &graph);
        match answer {
            Ok(answer) => FinishedCall {
                owner: ownership::owner_after(&call.call),
                echo: echo_of(call, &answer),
                receipt: call.receipt.map(|number| {
                    let message_id = mid_of(&answer).map(str::to_owned);
                    (number, ReceiptStatus::Sent { message_id })
                }),
                turn: self
                    .keeps_history
                    .then(|| turn_of(call, &answer, self.clock.now()))
                    .flatten(),
                reclaiming: match &*call.call {
                    Call::RequestThreadControl(_) => call.reclaims,
                    _ => None,
                },
                ..finished(CallResult::Sent)
            },
            Err(error) if guard::went_through_before(call, &error) => FinishedCall {
                owner: ownership::owner_after(&call.call),
                ..finished(CallResult::Sent)
            },
            Err(error) if guard::is_the_bots_already(&call.call, &error) => FinishedCall {
                owner: Some(Owner::Bot),
                event: reclaimed(call),
                ..finished(CallResult::Sent)
            },
            Err(error)
                if guard::lost_to_another(call, &error) && has_target(call, &graph).await =>
            {
                // A human was quicker, and has the thread as the handoff wanted.
                FinishedCall {
                    owner: ownership::owner_after(&call.call),
                    ..finished(CallResult::Sent)
                }
            }
            Err(error) => {
                if let (Call::TakeThreadControl(take), true) = (&*call.call, error.cannot_take()) {
                    tracing::warn!(thread = %call.thread, error = causes::with_causes(&error), "the thread cannot be taken; requesting it instead");
                    let mut request =
                        QueuedCall::new(guard::request_instead(take), call.object.clone());
                    request.reclaims = call.reclaims;
                    return FinishedCall {
                        next: vec![request],
                        event: None,
                        ..finished(CallResult::Sent)
                    };
                }
                if error.is_outside_window() && call.terms.otherwise.is_some() {
                    return otherwise(call, finished(CallResult::Replaced));
                }
                let after = finished(Box::pin(self.after(call, &error, &graph)).await);
                let kind = guard::kind_of_error(&call.call, &error);
                let is_message = matches!(&*call.call, Call::Messages(_));
                let waits = is_message && (holds || settings.blocked == Blocked::Wait);
                let after = match kind {
                    FailureKind::ThreadOwned if waits => finished(held_until(call, now)),
                    _ => after,
                };
                let owner = ownership::owner_after_refusal(&call.call, &error);
                *refusal = Some(error);
                FinishedCall {
                    owner,
                    kind,
                    ..after
                }
            }
        }
    }

    /// What becomes of a call that is not repeated after all: its echo has come, or that cannot be known.
    async fn not_repeated(&self, call: &OutboxCall) -> Option<CallResult> {
        let has_echo = self.journal.has_echo(call.id, call.thread.clone()).await;
        match has_echo {
            Ok(false) => None,
            // For the journal, it was sent.
            Ok(true) => Some(CallResult::PutOff(self.clock.now())),
            Err(error) => {
                tracing::error!(thread = %call.thread, %error, "it cannot be read whether the echo of a call has come; the call waits");
                Some(CallResult::PutOff(self.clock.now() + STORE_PAUSE))
            }
        }
    }

    /// Decides what to do with a failed call.
    async fn after(&self, call: &OutboxCall, error: &GraphError, graph: &Graph) -> CallResult {
        let now = self.clock.now();
        let later = |pause| now + pause;
        let (thread, name) = (&call.thread, call.call.name());
        match retry::next(call, error) {
            RetryDecision::RetryAfter(pause) => {
                tracing::warn!(%thread, call = name, error = causes::with_causes(error), in_ms = pause.as_millis(), "a call failed and is tried again");
                CallResult::RetryAt(later(pause))
            }
            RetryDecision::LookForEcho => {
                tracing::warn!(%thread, call = name, error = causes::with_causes(error), "it is unknown whether a call was made; waiting for its echo");
                CallResult::Uncertain(now + ECHO_PAUSE)
            }
            RetryDecision::PauseAccount(pause) => {
                let until = later(pause);
                let (account, reason) = (thread.account.clone(), causes::with_causes(error));
                tracing::error!(%account, %until, reason, "nothing is sent for this account until then");
                let pause = AccountPause {
                    until: Some(until),
                    reason,
                    refused: None,
                };
                self.pauses.add(account, pause);
                CallResult::PutOff(until)
            }
            RetryDecision::RenewToken => {
                let (account, product) = (&thread.account, &call.object);
                match self.accounts.renewal(account, product, graph).await {
                    Renewal::OtherToken => {
                        tracing::warn!(%account, "the access token was refused; using the new one");
                        return CallResult::RetryAt(now + TOKEN_STORE_PAUSE);
                    }
                    Renewal::SameToken => {}
                    Renewal::Removed(reason) => return CallResult::Dead(reason.to_string()),
                }
                let reason = causes::with_causes(error);
                tracing::error!(%account, reason, "nothing is sent for this account until there is another access token");
                let refused = RefusedToken {
                    product: product.clone(),
                    graph: graph.clone(),
                };
                let pause = AccountPause {
                    until: None,
                    reason,
                    refused: Some(refused),
                };
                self.pauses.add(account.clone(), pause);
                CallResult::PutOff(now)
            }
            RetryDecision::GiveUp(cause) => CallResult::Dead(cause),
        }
    }

    /// Pauses an account that has nearly used up a limit. Calls beyond the limit would lengthen the block.
    fn pause_for_usage(&self, call: &OutboxCall, graph: &Graph) {
        if let Some(pause) = graph.pause_for_usage() {
            let until = self.clock.now() + pause;
            let reason = "nearly all of a limit of the platform is used up".to_owned();
            let account = call.thread.account.clone();
            let new = AccountPause {
                until: Some(until),
                reason,
                refused: None,
            };
            if self.pauses.add(account.clone(), new) {
                tracing::warn!(%account, seconds = pause.as_secs(), "nearly all of a limit of the platform is used up; sending pauses");
            }
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

/// Whether the app that a thread is passed to owns it already, as the platform says.
async fn has_target(call: &OutboxCall, graph: &Graph) -> bool {
    let (Call::PassThreadControl(pass), Some(person)) = (&*call.call, call.thread.person()) else {
        return false;
    };
    let owner = graph.thread_owner(person).await;
    matches!(owner, Ok(CurrentOwner::App { id, .. }) if Some(&id) == pass.target_app_id.as_ref())
}

/// A message waits for control, but not for longer than it may.
fn held_until(call: &OutboxCall, now: Timestamp) -> CallResult {
    let again = now + CONTROL_PAUSE;
    let again = call.terms.expires_at.map_or(again, |at| at.min(again));
    if call.uncertain {
        // Its echo is looked for where it is: at the head of its thread.
        CallResult::PutOff(again)
    } else {
        CallResult::Blocked(again)
    }
}

/// What colleagues hear of a call that gave the thread to another app.
fn handed_over(call: &OutboxCall, finished: &FinishedCall) -> Option<Box<News>> {
    let is_done = finished.result == CallResult::Sent && gives_thread_away(&call.call);
    let owner = finished.owner.clone().filter(|_| is_done)?;
    let Owner::Other(app) = owner else {
        return None;
    };
    let note = match &*call.call {
        Call::PassThreadControl(pass) => pass.metadata.clone(),
        _ => None,
    };
    Some(Box::new(News {
        kind: NoticeKind::HandedOver,
        app,
        since: Some(finished.at),
        note,
    }))
}

/// Dedupe key of the echo of a sent message.
fn echo_of(call: &OutboxCall, answer: &CallResponse) -> Option<String> {
    Some(echo_key(&call.thread.account, mid_of(answer)?))
}

fn mid_of(answer: &CallResponse) -> Option<&str> {
    match answer {
        CallResponse::Sent(sent) => sent.message_id.as_deref(),
        CallResponse::Done => None,
    }
}

/// The messaging window is closed: what was given for that is sent in place of the whole message.
fn otherwise(call: &OutboxCall, replaced: FinishedCall) -> FinishedCall {
    let Some(otherwise) = &call.terms.otherwise else {
        return replaced;
    };
    let instead = QueuedCall {
        outcome: call.outcome,
        quiet: call.quiet,
        receipt: otherwise.receipt,
        terms: Terms {
            otherwise: None,
            ..call.terms.clone()
        },
        ..QueuedCall::new(otherwise.call.clone(), call.object.clone())
    };
    FinishedCall {
        next: vec![instead],
        drops: otherwise.parts_after,
        ..replaced
    }
}

/// What the receipt of a call says, unless it was sent.
fn note_receipt(call: &OutboxCall, refusal: Option<&GraphError>, finished: &mut FinishedCall) {
    let Some(number) = call.receipt else {
        return;
    };
    let status = match &finished.result {
        CallResult::Dead(reason) => {
            let (code, subcode) = codes(refusal);
            ReceiptStatus::Failed {
                kind: finished.kind,
                reason: reason.clone(),
                code,
                subcode,
            }
        }
        _ => return,
    };
    finished.receipt = Some((number, status));
}

/// What the bot has said by a call that the platform accepted.
fn turn_of(call: &OutboxCall, answer: &CallResponse, at: Timestamp) -> Option<Turn> {
    match (&*call.call, answer) {
        (Call::Messages(send), CallResponse::Sent(sent)) => {
            Turn::of_request(send, at, sent.message_id.clone())
        }
        _ => None,
    }
}

/// Internal event for handlers about the result of a thread control call.
fn event_after(call: &OutboxCall, result: &CallResult) -> Option<Arc<InternalEvent>> {
    let (target, is_reclaim) = match (&*call.call, result) {
        (Call::TakeThreadControl(_), CallResult::Sent) => return reclaimed(call),
        (Call::PassThreadControl(pass), _) => (pass.target_app_id.clone(), false),
        (Call::TakeThreadControl(_) | Call::RequestThreadControl(_), _) => (None, true),
        _ => return None,
    };
    let CallResult::Dead(reason) = result else {
        return None;
    };
    let failed = FailedHandoff {
        reason: reason.clone(),
        target,
        is_reclaim,
    };
    let body = InternalEventBody::HandoffFailed {
        failed,
        after_failed_send: call.quiet,
    };
    Some(InternalEvent::new(call.object.clone(), body))
}

/// Internal event of the timer that ran out, now that the bot owns the thread.
fn reclaimed(call: &OutboxCall) -> Option<Arc<InternalEvent>> {
    let body = InternalEventBody::TakenBack {
        name: call.reclaims?,
    };
    Some(InternalEvent::new(call.object.clone(), body))
}
