//! A handler that failed: another one may answer, and the event is tried again.

use std::time::Duration;

use handover_protocol::Channel;

use super::EventDispatcher;
use super::worker::ThreadContext;
use crate::causes;
use crate::extract::Context;
use crate::journal::{EventResult, Settlement};
use crate::outbox::NoRecipient;
use crate::outcome::HandlerError;
use crate::ownership::gives_thread_away;

/// The first pause before a failed handler is called again; each further one is four times longer.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

impl EventDispatcher {
    fn note_failure(&self, context: &Context, failure: &str, what: &str) {
        self.handlers.failed(context.handler());
        tracing::error!(
            thread = %context.thread(),
            kind = context.received().event.body.kind(),
            handler = context.handler(),
            error = failure,
            "{what}",
        );
    }

    /// A signal that no handler takes.
    pub(super) fn note_unhandled(&self, context: &Context, answer: &Settlement) {
        if let EventResult::Failed(problem) = &answer.result {
            tracing::error!(thread = %context.thread(), "{problem}; it is kept as a dead letter");
        }
    }

    /// What could not be carried out of an answer although it hands the thread off.
    pub(super) fn note_problem(&self, context: &Context, answer: &Settlement) {
        if let EventResult::Failed(problem) = &answer.result {
            let what = "a part of an outcome cannot be sent; the thread is handed off all the same";
            self.note_failure(context, problem, what);
        }
    }

    /// Handles a failure: `#[on_error]` may answer once; then the event is retried, unless another app
    /// owns the thread now or the retries are used up.
    pub(super) async fn fail(
        &self,
        context: &Context,
        failure: HandlerError,
        attempts: u32,
        settlement: &mut Settlement,
        thread: &mut ThreadContext,
    ) {
        let received = context.received();
        let cause = failure.to_string();
        let tried_enough = attempts >= thread.settings.retries || failure.is::<NoRecipient>();
        let what = if tried_enough {
            "a handler failed; the event is kept as a dead letter"
        } else {
            "a handler failed; it is called again"
        };
        self.note_failure(context, &causes::with_causes(&*failure), what);
        let surviving = context.take_surviving_session();
        if let Some(session) = &surviving {
            thread.state_mut().session = Some(session.clone());
            settlement.change.session = Some(session.clone());
        }
        // On standby it could not say anything.
        if attempts == 0 && received.channel != Channel::Standby {
            let context = context.failed(cause.clone(), surviving);
            let found = self.find(&context, thread).await;
            match self.answer(&context, found, &thread.settings).await {
                Ok(answer) => {
                    self.note_problem(&context, &answer);
                    settlement.follow(*answer, thread);
                }
                Err(failure) => {
                    let what = "a handler failed that was to answer for a failed one";
                    self.note_failure(&context, &causes::with_causes(&*failure), what);
                }
            }
        }
        let handed_off = settlement
            .calls
            .iter()
            .any(|new| gives_thread_away(&new.call));
        settlement.result = if tried_enough || handed_off {
            EventResult::Failed(cause)
        } else {
            let pause = FIRST_PAUSE.saturating_mul(4_u32.saturating_pow(attempts));
            EventResult::Retry {
                at: self.settings.clock.now() + pause.mul_f64(0.75 + fastrand::f64() / 2.0),
            }
        };
    }
}
