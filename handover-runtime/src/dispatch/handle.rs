//! One call of a handler, and what follows from it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use handover_protocol::{
    Channel, EventBody, MessageEdit, Object, Received, Recipient, TakeThreadControlRequest,
    Timestamp,
};

use super::consequences::{self, Consequences, NobodyToAnswer};
use super::worker::{Routed, Taken, Worked};
use super::{Dispatcher, burst, transcript};
use crate::causes;
use crate::extract::Handback;
use crate::extract::{Context, Facts};
use crate::graph::Call;
use crate::journal::{Ending, NewCall, PauseChange, Settlement, ThreadChange, TimerChange, Update};
use crate::outcome::HandlerError;
use crate::own_event::{OwnEvent, OwnEventBody, ReclaimTimer, ThreadEvent};
use crate::ownership::gives_thread_away;
use crate::routing::{Answer, Match};
use crate::thread::Owner;

/// The largest session that is stored.
const LARGEST_SESSION: usize = 1024 * 1024;
/// The first pause before a failed handler is called again; each further one is four times longer.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

impl Dispatcher {
    pub(super) async fn handle(&self, thread: &mut Worked, taken: Taken) -> Settlement {
        let Taken {
            events,
            event,
            change,
            found,
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
        let now = self.settings.clock.now();
        let may_have_come_back = thread.state.ownership.owner != Owner::Bot
            || settlement.change.ownership.is_some()
            || event.own().is_some();
        let (seen, change) = self.see(thread, last).await;
        settlement.change.merge(change);
        thread.state_mut().apply(&settlement.change);
        let heard = self.heard(thread, last.received_at, &event, &settlement.change);
        if !heard.is_nothing() {
            thread.state_mut().apply(&heard);
            settlement.change.merge(heard);
        }
        let is_the_bots = !matches!(thread.state.ownership.owner, Owner::Other(_));
        match event.own().map(|own| &own.body) {
            Some(OwnEventBody::TakeBack { .. }) if is_the_bots => return settlement,
            Some(OwnEventBody::TakenBack { name }) if is_the_bots => {
                self.outbox.metrics.reclaimed(*name);
                if thread.state.pause.is_some() {
                    thread.state_mut().pause = None;
                    settlement.change.pause = Some(PauseChange::Ends);
                }
            }
            // It may be somebody else's again.
            Some(OwnEventBody::TakeBack { name } | OwnEventBody::TakenBack { name }) => {
                let take = thread.take_back(event.object(), Some(*name));
                settlement.calls.extend(take);
                return settlement;
            }
            _ => {}
        }
        if thread.state.ownership.owner == Owner::Bot {
            if may_have_come_back {
                let timers = ReclaimTimer::ALL.map(|timer| TimerChange::cancel(timer.as_str()));
                settlement.timers.extend(timers);
            }
            if thread.state.idle_after.is_some() {
                thread.state_mut().idle_after = None;
                settlement.change.idle_after = Update::Clear;
            }
            if let Some(name) = thread.state.reclaiming {
                thread.state_mut().reclaiming = None;
                settlement.change.reclaiming = Update::Clear;
                let body = OwnEventBody::TakenBack { name };
                settlement.event = Some(OwnEvent::new(event.object().clone(), body));
            }
        } else if seen.human && !is_the_bots {
            settlement
                .timers
                .push(TimerChange::cancel(ReclaimTimer::Unclaimed.as_str()));
            if let Some(time) = thread.state.idle_after {
                let at = last.received_at + time;
                let idle = TimerChange::take_back(ReclaimTimer::Idle, event.object(), at);
                settlement.timers.push(idle);
            }
        }
        if seen.takes_back {
            let take = thread.take_back(event.object(), None);
            settlement.calls.extend(take);
        }
        let mut facts = self.facts(thread, &event);
        if events.len() > 1 {
            let messages = events
                .iter()
                .filter_map(|one| one.event.platform().cloned());
            facts.burst = messages.collect();
            facts.received = Arc::new(burst::merged(&facts.received, &facts.burst));
        }
        if is_the_bots
            && event.channel() != Channel::Standby
            && let Some(away) = &thread.state.away
        {
            facts.handback = Some(Handback {
                away: now.duration_since(away.since),
                from: came_from(&facts.received).or_else(|| away.from.clone()),
                metadata: metadata_of(&facts.received),
                transcript: thread.state.transcript.clone(),
            });
        }
        let context = Context::new(facts);
        let attempts = last.attempts;
        // What is rare is boxed, here and elsewhere: every message moves and keeps this future.
        let found = match found {
            Some(Routed(found)) => found,
            None => self.find(&context).await,
        };
        let answer = if self.shows_typing(&context, found.as_ref()) {
            let answer = self.answer(&context, found);
            Box::pin(self.typing_until(answer, &context, thread)).await
        } else {
            self.answer(&context, found).await
        };
        if answer.is_ok() && context.handback_was_taken() {
            let state = thread.state_mut();
            state.away = None;
            state.transcript.clear();
            settlement.change.forgets_away = true;
        }
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
    pub(super) fn facts(&self, thread: &Worked, event: &ThreadEvent) -> Facts {
        Facts {
            thread: thread.key.clone(),
            app_id: self.rules.bot.clone(),
            graph: thread.graph.observed(
                &thread.key.account,
                event.object().clone(),
                self.direct.clone(),
            ),
            session: thread.state.session.clone(),
            burst: Vec::new(),
            handback: None,
            received: event.received(&thread.key),
            own: match event {
                ThreadEvent::Platform(_) => None,
                ThreadEvent::Own(own) => Some(own.clone()),
            },
        }
    }

    /// What the transcript gets of an event that has changed this of the thread.
    fn heard(
        &self,
        thread: &Worked,
        received_at: Timestamp,
        event: &ThreadEvent,
        change: &ThreadChange,
    ) -> ThreadChange {
        let now = self.settings.clock.now();
        let state = &thread.state;
        let mut heard = ThreadChange::default();
        if let Some(PauseChange::Begins { until, .. }) = &change.pause {
            tracing::info!(thread = %thread.key, %until, "a human answered; the bot is silent in this thread");
        }
        let Some(received) = event.platform() else {
            return heard;
        };
        match &received.event.body {
            EventBody::MessageEdit(MessageEdit {
                mid: Some(mid),
                text: Some(text),
                ..
            }) => heard
                .edited
                .push((mid.clone(), transcript::shortened(text))),
            body => {
                let deleted = body.deleted_message();
                heard
                    .deleted
                    .extend(deleted.and_then(|message| message.mid.clone()));
            }
        }
        let is_elsewhere = received.channel == Channel::Standby
            || state.ownership.other_owner(now).is_some()
            || state.known().is_paused(now);
        if self.settings.transcripts && is_elsewhere {
            heard.heard.extend(transcript::line(received, received_at));
        }
        heard
    }

    fn note_failure(&self, context: &Context, failure: &HandlerError, what: &str) {
        self.handlers.failed(context.handler());
        tracing::error!(
            thread = %context.thread(),
            kind = context.received().event.body.kind(),
            handler = context.handler(),
            error = causes::with_causes(&**failure),
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
            let found = self.find(&context).await;
            match self.answer(&context, found).await {
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
                at: self.settings.clock.now() + pause.mul_f64(0.75 + fastrand::f64() / 2.0),
            }
        };
    }

    /// The route that takes an event.
    pub(super) async fn find(&self, context: &Context) -> Option<Match> {
        let limit = self.settings.handler_timeout;
        self.table.find(context, 0, limit).await
    }

    async fn answer(
        &self,
        context: &Context,
        found: Option<Match>,
    ) -> Result<Consequences, HandlerError> {
        let timeout = self.settings.handler_timeout;
        let timed = self.handlers.timed(context);
        let answer = self.table.answer(context, found, timeout);
        let answer = AssertUnwindSafe(answer).catch_unwind();
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
            consequences::of(result?, context, &self.apps, self.settings.limits, now)?;
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
        let failed = context.own().and_then(OwnEvent::failed_handoff);
        match (failed, &self.settings.handoff_failed_text) {
            (Some(failed), Some(text)) if !failed.is_reclaim => {
                let now = self.settings.clock.now();
                let limits = self.settings.limits;
                consequences::of(text.clone().into(), context, &self.apps, limits, now)
            }
            _ => Ok(Consequences::default()),
        }
    }
}

impl Settlement {
    fn follow(&mut self, answer: Consequences, thread: &mut Worked) {
        let mut change = answer.change;
        if let Some(PauseChange::Begins {
            spares: Some(spares),
            ..
        }) = &mut change.pause
        {
            *spares += self.calls.len() as u64;
        }
        if change.idle_after != Update::Keep {
            change
                .idle_after
                .apply_to(&mut thread.state_mut().idle_after);
        }
        self.change.merge(change);
        self.calls.extend(answer.calls);
        self.timers.extend(answer.timers);
        if let Some(session) = answer.session {
            thread.state_mut().session = Some(session.clone());
            self.change.session = Some(session);
        }
    }
}

impl Worked {
    /// What takes the thread back from whoever has it, on behalf of a timer.
    fn take_back(&self, object: &Object, timer: Option<ReclaimTimer>) -> Option<NewCall> {
        let person = self.key.person()?;
        let take = Call::TakeThreadControl(TakeThreadControlRequest {
            recipient: Recipient::id(person.clone()),
            ..TakeThreadControlRequest::default()
        });
        Some(NewCall {
            reclaims: timer,
            ..NewCall::new(take, object.clone())
        })
    }
}

fn came_from(received: &Received) -> Option<handover_protocol::AppId> {
    match &received.event.body {
        EventBody::PassThreadControl(pass) => pass.previous_owner_app_id.clone(),
        _ => None,
    }
}

fn metadata_of(received: &Received) -> Option<String> {
    match &received.event.body {
        EventBody::PassThreadControl(pass) => pass.metadata.clone(),
        _ => None,
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}
