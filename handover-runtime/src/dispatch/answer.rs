//! Calls the handler that takes an event, and says what follows from its outcome.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use futures_util::FutureExt;

use super::EventDispatcher;
use super::consequences;
use super::worker::ThreadContext;
use crate::accounts::Effective;
use crate::causes;
use crate::extract::Context;
use crate::graph::Call;
use crate::internal_event::InternalEvent;
use crate::journal::{EventResult, NO_HANDLER, PauseChange, Settlement};
use crate::outcome::HandlerError;
use crate::routing::Match;

/// The largest session that is stored, in bytes of JSON.
const LARGEST_SESSION: usize = 1024 * 1024;

impl EventDispatcher {
    /// The route that takes an event.
    pub(super) async fn find(&self, context: &Context, thread: &ThreadContext) -> Option<Match> {
        let limit = thread.settings.handler_timeout;
        self.table.find(context, 0, limit).await
    }

    /// What the handler that takes an event wants to be done; its failure, if that is all.
    pub(super) async fn answer(
        &self,
        context: &Context,
        found: Option<Match>,
        settings: &Effective,
    ) -> Result<Box<Settlement>, HandlerError> {
        let timeout = settings.handler_timeout;
        let began = Instant::now();
        let answer = self.table.answer(context, found, timeout);
        let answer = AssertUnwindSafe(answer).catch_unwind();
        let answer = tokio::time::timeout(timeout, answer).await;
        // No handler took the event if those that were asked only passed it over.
        if !matches!(answer, Ok(Ok(None))) {
            self.handlers.ended(context.handler(), began.elapsed());
        }
        let answer = answer
            .map_err(|_| format!("it took longer than {timeout:?}"))?
            .map_err(|panic| format!("it panicked: {}", causes::of_panic(&*panic)))?;
        crate::failpoint::failpoint!("handler.after");
        let Some(outcome) = answer else {
            tracing::debug!("no handler takes this event");
            return self.answer_of_nobody(context, settings);
        };
        let now = self.settings.clock.now();
        let answer = consequences::of(outcome?, context, &self.apps, settings, now)?;
        let mut answer = Box::new(answer);
        for timer in context.take_timers() {
            consequences::set_timer(&mut answer, &timer, context, now);
        }
        answer.change.session = context.take_changed_session();
        if let Some(session) = &answer.change.session {
            let bytes = session.to_string().len();
            if bytes > LARGEST_SESSION {
                return Err(format!("its session is {bytes} bytes long as JSON; at most {LARGEST_SESSION} are stored. Keep large things elsewhere, and their names in the session").into());
            }
        }
        tracing::info!(
            handler = context.handler(),
            calls = answer.calls.len(),
            "handled"
        );
        Ok(answer)
    }

    /// Default outcome if no handler takes an event: after a failed handoff, the person gets a text.
    fn answer_of_nobody(
        &self,
        context: &Context,
        settings: &Effective,
    ) -> Result<Box<Settlement>, HandlerError> {
        let failed = context.own().and_then(InternalEvent::failed_handoff);
        match (failed, &settings.handoff_failed_text) {
            (Some(failed), Some(text)) if !failed.is_reclaim => {
                let now = self.settings.clock.now();
                consequences::of(text.clone().into(), context, &self.apps, settings, now)
                    .map(Box::new)
            }
            _ => Ok(Box::new(Settlement {
                result: match context.own().and_then(InternalEvent::signal) {
                    // If a handler failed, the signal has one; it is `#[on_error]` that is missing.
                    Some(signal) if context.failure().is_none() => {
                        let name = &signal.name;
                        EventResult::Failed(format!("{NO_HANDLER} `{name}`"))
                    }
                    _ => EventResult::Handled,
                },
                ..Settlement::of(context.thread().clone(), Vec::new())
            })),
        }
    }
}

impl Settlement {
    /// Adds what a handler wants to be done.
    pub(super) fn follow(&mut self, answer: Self, thread: &mut ThreadContext) {
        let mut change = answer.change;
        if let Some(PauseChange::Begins {
            spares: Some(spares),
            ..
        }) = &mut change.pause
        {
            *spares += self.calls.len() as u64;
        }
        if change.session.is_some() {
            thread.state_mut().session.clone_from(&change.session);
        }
        self.change.merge(change);
        self.calls.extend(answer.calls);
        self.timers.extend(answer.timers);
        self.signals.extend(answer.signals);
        if answer.result != EventResult::Handled {
            self.result = answer.result;
        }
    }

    /// Whether the person gets a message.
    pub(super) fn says_something(&self) -> bool {
        let mut calls = self.calls.iter();
        calls
            .any(|call| matches!(&*call.call, Call::Messages(send) if send.sender_action.is_none()))
    }
}
