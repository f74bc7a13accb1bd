//! The way of one event through the dispatcher: who owns the thread, which handler takes it, and what
//! follows.

use std::collections::VecDeque;
use std::sync::Arc;

use handover_protocol::Timestamp;

use super::worker::{EventBatch, Handled, MatchedRoute, ThreadContext};
use super::{EventDispatcher, burst};
use crate::clock::iso;
use crate::extract::{Context, ContextInner, ContextState};
use crate::failure_kind::FailureKind;
use crate::internal_event::{InternalEvent, SignalEvent, ThreadEvent};
use crate::journal::{ClaimedEvent, EventResult, ReceiptStatus, Settlement, give_receipt};
use crate::outcome::HandlerError;
use crate::thread::Owner;

impl EventDispatcher {
    /// Handles events together. What arrives in the thread meanwhile may join what waits.
    pub(super) async fn handle(
        &self,
        thread: &mut ThreadContext,
        mut batch: Box<EventBatch>,
        waiting: &mut VecDeque<ClaimedEvent>,
    ) -> Handled {
        let mut settlement = batch.settlement(thread);
        // By calls that were dropped.
        let said_before = settlement.change.said.clone();
        let event = &batch.event;
        let Some(last) = batch.events.last() else {
            return Handled::Settled(settlement);
        };
        let may_have_come_back = thread.state.ownership.owner != Owner::Bot
            || batch.change.ownership.is_some()
            || event.own().is_some();
        let (seen, seen_change) = self.see(thread, last).await;
        batch.change.merge(seen_change);
        thread.state_mut().apply(&batch.change);
        settlement.change.merge(std::mem::take(&mut batch.change));
        let now = self.settings.clock.now();
        let said = self.said(thread, &batch.events, &seen, &settlement.change);
        settlement.change.merge(said);
        if !said_before.is_empty() {
            settlement.change.said.sort_by_key(|turn| turn.at);
        }
        thread.update_history(&settlement.change, &self.settings.history, now);
        if !self.reclaim(
            thread,
            last,
            event,
            &seen,
            may_have_come_back,
            &mut settlement,
        ) {
            return Handled::Settled(settlement);
        }
        let signal = event.own().and_then(InternalEvent::signal);
        let receipt = signal.and_then(|signal| signal.receipt);
        if let Some((result, status)) =
            signal.and_then(|it| put_off(it, thread, self.settings.clock.now()))
        {
            settlement.result = result;
            settlement.receipts.extend(receipt.map(|it| (it, status)));
            return Handled::Settled(settlement);
        }
        let context = self.context_of(thread, &batch);
        let attempts = last.attempts;
        // What is rare or large is boxed, here and elsewhere: every message moves and keeps this future.
        let found = match batch.found.take() {
            Some(MatchedRoute(found)) => found,
            None => self.find(&context, thread).await,
        };
        let keeps_history = self.settings.history.keeps_all();
        if keeps_history {
            self.observed_sends.begin(&thread.key);
        }
        let settings = thread.settings.clone();
        let shows_typing = self.shows_typing(&context, found.as_ref(), settings.typing);
        let answer = if let Some(route) = self.restarts(last, found.as_ref(), settings.pace) {
            let answer = self.answer(&context, found, &settings);
            let answer = self.answer_or_more(answer, thread, route, &batch.events, waiting);
            let answer = if shows_typing {
                // After a restart it goes on.
                let ends = |answer: &Result<_, _>| answer.as_ref().map_or(true, says_something);
                Box::pin(self.typing_until(answer, ends, &context, thread)).await
            } else {
                Box::pin(answer).await
            };
            match answer {
                Ok(answer) => answer,
                Err(more) => {
                    self.handlers.cancelled(context.handler());
                    // What the call has used up by then.
                    if let Some(session) = context.take_surviving_session() {
                        thread.state_mut().session = Some(session.clone());
                        settlement.change.session = Some(session);
                    }
                    // What the events say is added when they are handled.
                    settlement.change.said = said_before;
                    let said = self.observed_sends.end(&thread.key);
                    settlement.change.said.extend(said);
                    let events = std::mem::take(&mut batch.events);
                    return Handled::Again(more.after(events, settlement));
                }
            }
        } else if shows_typing {
            let answer = self.answer(&context, found, &settings);
            Box::pin(self.typing_until(answer, says_something, &context, thread)).await
        } else {
            self.answer(&context, found, &settings).await
        };
        if keeps_history {
            let said = self.observed_sends.end(&thread.key);
            settlement.change.said.extend(said);
            thread.update_history(&settlement.change, &self.settings.history, now);
        }
        if answer.is_ok() && context.handback_was_taken() {
            settlement.change.forgets_away = true;
            thread.forget_away(&self.settings.history, now);
        }
        match answer {
            Ok(answer) => {
                if context.handler().is_empty() {
                    self.note_unhandled(&context, &answer);
                } else {
                    self.note_problem(&context, &answer);
                }
                settlement.follow(*answer, thread);
            }
            Err(failure) => {
                let failed = self.fail(&context, failure, attempts, &mut settlement, thread);
                Box::pin(failed).await;
            }
        }
        if let Some(number) = receipt {
            note_receipt(number, context.handler().is_empty(), &mut settlement);
        }
        Handled::Settled(settlement)
    }

    /// What the handler of a batch is asked with.
    fn context_of(&self, thread: &ThreadContext, batch: &EventBatch) -> Context {
        let mut facts = self.facts(thread, &batch.event);
        if batch.events.len() > 1 {
            let messages = batch
                .events
                .iter()
                .filter_map(|one| one.event.platform().cloned());
            facts.burst = messages.collect();
            facts.received = Arc::new(burst::merged(&facts.received, &facts.burst));
        }
        facts.handback = thread.handback(&facts.received, &self.settings.clock);
        Context::new(facts)
    }

    /// What a context says of the thread and of this event.
    pub(super) fn facts(&self, thread: &ThreadContext, event: &ThreadEvent) -> ContextInner {
        ContextInner {
            thread: thread.key.clone(),
            app_id: self.rules.bot.clone(),
            graph: thread.graph.observed(
                &thread.key.account,
                event.object().clone(),
                self.observed_sends.clone(),
                self.journal.send_condition(thread.epoch),
            ),
            thread_state: thread.state.clone(),
            office_hours: thread.settings.office_hours.clone(),
            handoff_to: thread.settings.handoff_to.clone(),
            now: self.settings.clock.now(),
            burst: Vec::new(),
            handback: None,
            failure: None,
            state: ContextState::default(),
            received: event.received(&thread.key),
            own: match event {
                ThreadEvent::Platform(_) => None,
                ThreadEvent::Own(own) => Some(own.clone()),
            },
        }
    }
}

/// Whether the answer sends the person a message, which ends the typing indicator.
fn says_something(answer: &Result<Box<Settlement>, HandlerError>) -> bool {
    answer.as_ref().is_ok_and(|answer| answer.says_something())
}

/// Whether the signal waits until the bot may speak, or came too late.
fn put_off(
    signal: &SignalEvent,
    thread: &ThreadContext,
    now: Timestamp,
) -> Option<(EventResult, ReceiptStatus)> {
    if let Some(expired) = signal.expires_at.filter(|at| *at <= now) {
        let reason = format!(
            "signal `{}` was not handled in time: it expired at {}",
            signal.name,
            iso(expired)
        );
        let status = ReceiptStatus::failed(FailureKind::Expired, &reason);
        return Some((EventResult::Failed(reason), status));
    }
    if !signal.holds || thread.state.may_speak(now) {
        return None;
    }
    let until = thread.state.may_speak_at();
    let until = signal
        .expires_at
        .map_or(until, |expires| expires.min(until));
    Some((EventResult::Held { until }, ReceiptStatus::Held))
}

/// What the receipt of a signal says from now on: what its handler said is still to be sent.
fn note_receipt(number: u64, has_no_handler: bool, settlement: &mut Settlement) {
    let status = match &settlement.result {
        EventResult::Failed(reason) if has_no_handler => {
            ReceiptStatus::failed(FailureKind::NoHandler, reason)
        }
        EventResult::Failed(reason) => ReceiptStatus::failed(FailureKind::HandlerFailed, reason),
        EventResult::Handled if give_receipt(&mut settlement.calls, number) => return,
        EventResult::Handled => ReceiptStatus::Handled,
        EventResult::Superseded | EventResult::Retry { .. } | EventResult::Held { .. } => return,
    };
    settlement.receipts.push((number, status));
}
