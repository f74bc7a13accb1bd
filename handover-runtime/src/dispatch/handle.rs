//! One call of a handler, and what follows from it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use handover_protocol::{
    Channel, EventBody, MessageEdit, Received, Recipient, RequestThreadControlRequest,
    TakeThreadControlRequest,
};

use super::consequences::{self, Consequences, NobodyToAnswer};
use super::worker::{Taken, Worked};
use super::{Dispatcher, burst, transcript};
use crate::clock;
use crate::context::{Context, Facts};
use crate::error;
use crate::extract::Handback;
use crate::graph::Call;
use crate::journal::{Ending, NewCall, Settlement, ThreadChange, TimerChange};
use crate::outbox::gives_thread_away;
use crate::outcome::HandlerError;
use crate::own_event::{self, RECLAIM, UNCLAIMED};
use crate::routing::Answer;
use crate::thread::Owner;

/// The largest session that is stored.
const LARGEST_SESSION: usize = 1024 * 1024;
/// The first pause before a failed handler is called again; each further one is four times longer.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

impl<S: Send + Sync + 'static> Dispatcher<S> {
    pub(super) async fn handle(&self, thread: &mut Worked, taken: Taken) -> Settlement {
        let Taken {
            events,
            received,
            change,
            ..
        } = taken;
        let sequences = events.iter().map(|event| event.sequence).collect();
        let mut settlement = Settlement {
            change,
            ..Settlement::of(thread.key.clone(), sequences)
        };
        let Some(last) = events.last() else {
            return settlement;
        };
        let away = thread.state.ownership.clone();
        if let Some(seen) = self.owner_seen(thread, last, &received) {
            settlement.change.ownership = Some(seen);
        }
        self.note_what_was_seen(thread, last.received_at, &received, &mut settlement.change);
        thread.state.apply(&settlement.change);
        let timer = own_event::timer_name(&received.event.body);
        let reclaims = timer == Some(RECLAIM) || timer == Some(UNCLAIMED);
        if reclaims {
            match thread.take_back(&received, self.settings.clock.now()) {
                Some(call) => {
                    self.metrics.outbox.reclaimed(timer.unwrap_or_default());
                    settlement.calls.push(call);
                }
                None => return settlement,
            }
        }
        let is_back = thread.state.ownership.owner == Owner::Bot;
        if is_back || settlement.change.paused_until.is_some() {
            settlement
                .timers
                .extend([RECLAIM, UNCLAIMED].map(cancelled));
        } else if matches!(received.event.body, EventBody::Echo(_)) {
            settlement.timers.push(cancelled(UNCLAIMED));
        }
        let mut facts = self.facts(thread, received.clone());
        if events.len() > 1 {
            facts.burst = events.iter().map(|event| event.received.clone()).collect();
            facts.received = Arc::new(burst::merged(&received, &facts.burst));
        }
        if matches!(away.owner, Owner::Other(_)) && (is_back || reclaims) {
            facts.handback = Some(Handback {
                away: duration(self.settings.clock.now() - away.since),
                from: came_from(&received, &away.owner),
                metadata: metadata_of(&received),
                transcript: std::mem::take(&mut thread.state.transcript),
            });
            settlement.change.forgets_transcript = true;
        }
        let context = Context::new(facts);
        let attempts = last.attempts;
        // What is rare is boxed, here and elsewhere: every message moves and keeps this future.
        let answer = if self.shows_typing(&context) {
            let answer = self.answer(&context);
            Box::pin(self.typing_until(answer, &context, thread)).await
        } else {
            self.answer(&context).await
        };
        match answer {
            Ok(answer) => {
                if let Some(problem) = self.note_problem(&context, &answer) {
                    settlement.ending = Ending::Failed(problem);
                }
                settlement.follow(answer, thread);
            }
            Err(failure) => {
                let failed = self.fail(&context, failure, attempts, &mut settlement, thread);
                Box::pin(failed).await;
            }
        }
        settlement
    }

    /// What a context says of the thread and of this event.
    pub(super) fn facts(&self, thread: &Worked, received: Arc<Received>) -> Facts {
        Facts {
            thread: thread.key.clone(),
            app_id: self.app_id.clone(),
            graph: thread.graph.for_product(received.object.clone()),
            session: thread.state.session.clone(),
            burst: Vec::new(),
            handback: None,
            received,
        }
    }

    /// What the thread is to remember of an event, whatever its handler does.
    fn note_what_was_seen(
        &self,
        thread: &Worked,
        received_at: i64,
        received: &Received,
        change: &mut ThreadChange,
    ) {
        if opens_window(&received.event.body) {
            change.person_wrote_at = Some(received_at);
        }
        let now = self.settings.clock.now();
        let pause = self.settings.pause_on_human_reply;
        if !pause.is_zero() && self.answered_beside_the_bot(thread, received) {
            let until = now.saturating_add(clock::ms(pause));
            tracing::info!(thread = %thread.key, minutes = pause.as_secs() / 60, "a human answered; the bot is silent in this thread");
            change.paused_until = Some(Some(until));
        }
        match &received.event.body {
            EventBody::MessageEdit(MessageEdit {
                mid: Some(mid),
                text: Some(text),
                ..
            }) => change
                .edited
                .push((mid.clone(), transcript::shortened(text))),
            body => {
                let deleted = body.deleted_message();
                change
                    .deleted
                    .extend(deleted.and_then(|message| message.mid.clone()));
            }
        }
        let paused = thread.state.paused_until.max(change.paused_until.flatten());
        let is_elsewhere = received.channel == Channel::Standby
            || thread.state.ownership.other_owner(now).is_some()
            || paused.is_some_and(|until| until > now);
        if self.settings.transcripts && is_elsewhere {
            change.heard.extend(transcript::line(received, received_at));
        }
    }

    fn note_failure(&self, context: &Context, failure: &HandlerError, what: &str) {
        self.metrics.handlers.failed(context.handler());
        tracing::error!(
            thread = %context.thread(),
            kind = context.received().event.body.kind(),
            handler = context.handler(),
            error = error::with_causes(&**failure),
            "{what}",
        );
    }

    /// What could not be carried out of an answer although it hands the thread off.
    fn note_problem(&self, context: &Context, answer: &Consequences) -> Option<String> {
        let problem = answer.problem.as_ref()?;
        let what = "a part of an outcome cannot be sent; the thread is handed off all the same";
        self.note_failure(context, problem, what);
        Some(problem.to_string())
    }

    /// A handler failed: `#[on_error]` may answer, once; then the event is tried again, unless
    /// somebody else has the thread now or it was tried often enough.
    async fn fail(
        &self,
        context: &Context,
        failure: HandlerError,
        attempts: u32,
        settlement: &mut Settlement,
        thread: &mut Worked,
    ) {
        let received = context.received();
        let cause = failure.to_string();
        let tried_enough = attempts >= self.settings.retries || failure.is::<NobodyToAnswer>();
        let what = if tried_enough {
            "a handler failed; the event is kept as a dead letter"
        } else {
            "a handler failed; it is called again"
        };
        self.note_failure(context, &failure, what);
        // On standby it could not say anything.
        if attempts == 0 && received.channel != Channel::Standby {
            let context = context.failed(cause.clone());
            match self.answer(&context).await {
                Ok(answer) => {
                    self.note_problem(&context, &answer);
                    settlement.follow(answer, thread);
                }
                Err(failure) => {
                    let what = "a handler failed that was to answer for a failed one";
                    self.note_failure(&context, &failure, what);
                }
            }
        }
        let handed_off = settlement
            .calls
            .iter()
            .any(|new| gives_thread_away(&new.call));
        settlement.ending = if tried_enough || handed_off {
            Ending::Failed(cause)
        } else {
            let pause = FIRST_PAUSE.saturating_mul(4_u32.saturating_pow(attempts));
            Ending::Retry {
                at: self
                    .settings
                    .clock
                    .now()
                    .saturating_add(clock::ms(pause.mul_f64(0.75 + fastrand::f64() / 2.0))),
            }
        };
    }

    async fn answer(&self, context: &Context) -> Result<Consequences, HandlerError> {
        let timeout = self.settings.handler_timeout;
        let timed = self.metrics.handlers.timed(context);
        let answer = AssertUnwindSafe(self.table.answer(context, &self.state)).catch_unwind();
        let answer = tokio::time::timeout(timeout, answer)
            .await
            .map_err(|_| format!("it took longer than {timeout:?}"))?
            .map_err(|panic| format!("it panicked: {}", panic_text(&*panic)))?;
        crate::failpoint::failpoint!("handler.after");
        let Some(Answer { handler, result }) = answer else {
            timed.nobody();
            tracing::debug!("no handler takes this event");
            return self.answer_of_nobody(context);
        };
        let now = self.settings.clock.now();
        let mut consequences =
            consequences::of(&result?, context, &self.apps, self.settings.limits, now)?;
        let timers = context.take_timers();
        let timers = timers
            .iter()
            .map(|timer| consequences::timer(timer, context, now));
        consequences.timers.extend(timers);
        consequences.session = context.take_changed_session();
        if let Some(session) = &consequences.session {
            let bytes = session.to_string().len();
            if bytes > LARGEST_SESSION {
                return Err(format!("its session is {bytes} bytes long as JSON; at most {LARGEST_SESSION} are stored. Keep large things elsewhere, and their names in the session").into());
            }
        }
        tracing::info!(handler, calls = consequences.calls.len(), "handled");
        Ok(consequences)
    }

    /// What the bot does of its own accord where no handler says something: nobody is left in
    /// silence because a handoff failed.
    fn answer_of_nobody(&self, context: &Context) -> Result<Consequences, HandlerError> {
        let failed = own_event::failed_handoff(&context.received().event.body);
        match (failed, &self.settings.handoff_failed_text) {
            (Some(_), Some(text)) => {
                let now = self.settings.clock.now();
                let limits = self.settings.limits;
                consequences::of(&text.clone().into(), context, &self.apps, limits, now)
            }
            _ => Ok(Consequences::default()),
        }
    }
}

impl Settlement {
    fn follow(&mut self, answer: Consequences, thread: &mut Worked) {
        self.calls.extend(answer.calls);
        self.timers.extend(answer.timers);
        if let Some(session) = answer.session {
            thread.state.session = Some(session.clone());
            self.change.session = Some(session);
        }
    }
}

impl Worked {
    /// What takes the thread back from whoever has it; `None` if it is the bot's already.
    fn take_back(&self, received: &Received, now: i64) -> Option<NewCall> {
        self.state.ownership.other_owner(now)?;
        let person = self.key.person()?;
        let take = Call::TakeThreadControl(TakeThreadControlRequest {
            recipient: Recipient::id(person.clone()),
            ..TakeThreadControlRequest::default()
        });
        Some(NewCall::new(take, received.object.clone()))
    }
}

/// What asks for a thread that may not be taken.
pub(crate) fn request_instead(take: &TakeThreadControlRequest) -> Call {
    Call::RequestThreadControl(RequestThreadControlRequest {
        recipient: take.recipient.clone(),
        ..RequestThreadControlRequest::default()
    })
}

fn cancelled(name: &str) -> TimerChange {
    TimerChange {
        name: name.to_owned(),
        set: None,
    }
}

/// Whether the bot may answer for the next 24 hours (protocol: windows and tags).
fn opens_window(body: &EventBody) -> bool {
    match body {
        EventBody::Message(message) => !message.is_deleted,
        EventBody::Postback(_) | EventBody::Referral(_) | EventBody::Optin(_) => true,
        EventBody::Reaction(reaction) => reaction.action.as_deref() != Some("unreact"),
        _ => false,
    }
}

fn came_from(received: &Received, known: &Owner) -> Option<handover_protocol::AppId> {
    let said = match &received.event.body {
        EventBody::PassThreadControl(pass) => pass.previous_owner_app_id.clone(),
        _ => None,
    };
    said.or_else(|| match known {
        Owner::Other(id) => id.clone(),
        _ => None,
    })
}

fn metadata_of(received: &Received) -> Option<String> {
    match &received.event.body {
        EventBody::PassThreadControl(pass) => pass.metadata.clone(),
        _ => None,
    }
}

fn duration(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}
