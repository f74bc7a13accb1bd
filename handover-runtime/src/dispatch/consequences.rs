//! From an outcome to what has to be done: calls of the Graph API, and timers.

use std::sync::Arc;

use handover_protocol::{
    AppId, EventBody, Limit, PassThreadControlRequest, Recipient, ReleaseThreadControlRequest,
    SendRequest, TakeThreadControlRequest, Timestamp,
};

use crate::accounts::Effective;
use crate::extract::Context;
use crate::graph::Call;
use crate::internal_event::{InternalEvent, InternalEventBody, ReclaimTimer, SignalEvent};
use crate::journal::{EventResult, PauseChange, QueuedCall, Settlement, TimerChange};
use crate::outbox::{Composer, NoRecipient};
use crate::outcome::{self, Effect, FollowUp, HandlerError, HandoffEffect, Limits, Outcome, Timer};
use crate::ownership::gives_thread_away;
use crate::target::{AppDirectory, TargetApp};

/// The consequences of an outcome, each call within the platform's limits.
///
/// What exceeds them is an error, and nothing of the outcome is carried out. Only a handoff is always
/// made, with whatever else can be.
pub(super) fn of(
    outcome: Outcome,
    context: &Context,
    apps: &AppDirectory,
    settings: &Effective,
    now: Timestamp,
) -> Result<Settlement, HandlerError> {
    let limits = settings.limits;
    let thread = context.thread();
    let mut settlement = Settlement::of(thread.clone(), Vec::new());
    if outcome.effects.is_empty() {
        return Ok(settlement);
    }
    let recipient = || thread.recipient().ok_or(NoRecipient);
    let person = || {
        let person = thread.person().cloned().map(Recipient::id);
        person.ok_or("the event names a visitor of a website, who has no thread to give away yet")
    };
    let object = &context.received().object;
    let composer = Composer {
        thread,
        object,
        limits,
        now,
        sender: context.handler(),
        answers_itself: context.received().is_own(),
    };
    let mut effects = outcome.effects.iter();
    let hands_off = effects.any(|effect| matches!(effect, Effect::Handoff(_) | Effect::Release));
    let number = fastrand::u64(1..=u64::MAX >> 1);
    let quiet = context
        .own()
        .is_some_and(InternalEvent::follows_failed_send);
    let queued = |call| QueuedCall {
        outcome: number,
        quiet,
        ..QueuedCall::new(call, object.clone())
    };
    let mut timers = Vec::new();
    for effect in outcome.effects {
        let call = match effect {
            Effect::Send(message) => {
                for new in composer.calls(*message)? {
                    match new {
                        Ok(new) => settlement.calls.push(QueuedCall {
                            outcome: number,
                            quiet,
                            ..new
                        }),
                        Err(exceeded) => {
                            let handler = context.handler();
                            let problem = format!("handler `{handler}`: {exceeded}");
                            if !hands_off {
                                return Err(problem.into());
                            }
                            note_problem(&mut settlement, problem);
                        }
                    }
                }
                continue;
            }
            Effect::Act(action) => Call::Messages(SendRequest {
                recipient: recipient()?,
                sender_action: Some(action),
                ..SendRequest::default()
            }),
            Effect::Handoff(handoff) => {
                let pass = Call::PassThreadControl(PassThreadControlRequest {
                    recipient: person()?,
                    target_app_id: app_id(handoff.target, context, apps, settings)?,
                    metadata: note(&handoff, context, limits, &mut settlement),
                    ..PassThreadControlRequest::default()
                });
                settlement.calls.push(QueuedCall {
                    timers: Some(Box::new(handoff.reclaim)),
                    ..queued(pass)
                });
                continue;
            }
            Effect::Release => Call::ReleaseThreadControl(ReleaseThreadControlRequest {
                recipient: person()?,
                ..ReleaseThreadControlRequest::default()
            }),
            Effect::Take => {
                settlement.change.pause = Some(PauseChange::Ends);
                Call::TakeThreadControl(TakeThreadControlRequest {
                    recipient: person()?,
                    ..TakeThreadControlRequest::default()
                })
            }
            Effect::Pause(time) => {
                settlement.change.pause = Some(match time {
                    Some(time) => PauseChange::Begins {
                        until: now + time,
                        echo: None,
                        spares: Some(settlement.calls.len() as u64),
                    },
                    None => PauseChange::Ends,
                });
                continue;
            }
            Effect::Timer(timer) => {
                timers.push(timer);
                continue;
            }
            Effect::Signal(signal) => {
                settlement.signals.push(follow_up(signal, context, now)?);
                continue;
            }
        };
        settlement.calls.push(queued(call));
    }
    // The attribute's handoff comes after what the handler returns.
    for timer in timers {
        set_timer(&mut settlement, &timer, context, now);
    }
    Ok(settlement)
}

/// Not all of an outcome can be carried out, although it hands the thread off. The first problem
/// counts.
fn note_problem(settlement: &mut Settlement, problem: String) {
    if settlement.result == EventResult::Handled {
        settlement.result = EventResult::Failed(problem);
    }
}

/// The metadata of a handoff as it is sent.
fn note(
    handoff: &HandoffEffect,
    context: &Context,
    limits: Limits,
    settlement: &mut Settlement,
) -> Option<String> {
    let handler = context.handler();
    if let Some(error) = &handoff.unwritable {
        let problem = format!(
            "handler `{handler}`: the metadata of its handoff cannot be written as JSON, and is left out: {error}"
        );
        note_problem(settlement, problem);
    }
    let note = handoff.metadata.as_deref()?;
    let most = Limit::HandoverMetadata.allowed();
    let (kept, warning) = outcome::fit_note(note, usize::try_from(most).unwrap_or(usize::MAX));
    let Some(warning) = warning else {
        return kept;
    };
    if limits == Limits::Refuse {
        let found = note.chars().count();
        let problem = format!(
            "handler `{handler}`: the metadata of its handoff is limited to {most} characters, and this has {found}; it is left out"
        );
        note_problem(settlement, problem);
        return None;
    }
    tracing::warn!(thread = %context.thread(), handler, "the metadata of a handoff was changed: {warning}");
    kept
}

/// Sets a timer or cancels it. After a handoff, one that takes the thread back is a timer of that.
pub(super) fn set_timer(
    settlement: &mut Settlement,
    timer: &Timer,
    context: &Context,
    now: Timestamp,
) {
    let mut calls = settlement.calls.iter_mut();
    let handoff = calls.rfind(|new| gives_thread_away(&new.call));
    if let (Some(handoff), Some(name)) = (handoff, ReclaimTimer::from_name(&timer.name)) {
        let timers = handoff.timers.get_or_insert_default();
        timers.set(name, timer.after);
        return;
    }
    let set = timer.after.map(|time| {
        let object = &context.received().object;
        let follows = context
            .own()
            .is_some_and(InternalEvent::follows_failed_send);
        let event = InternalEvent::new(
            object.clone(),
            InternalEventBody::timer(&timer.name, follows),
        );
        (now + time, event)
    });
    settlement.timers.push(TimerChange {
        name: timer.name.clone(),
        set,
    });
}

/// A signal of a handler as the journal stores it.
fn follow_up(
    signal: FollowUp,
    context: &Context,
    now: Timestamp,
) -> Result<(Arc<InternalEvent>, Option<Timestamp>), HandlerError> {
    let FollowUp {
        name,
        content,
        after,
    } = signal;
    let content = content.map_err(|error| {
        let handler = context.handler();
        format!("handler `{handler}`: its signal `{name}` cannot be written as JSON: {error}")
    })?;
    let event = SignalEvent {
        name: name.to_owned(),
        content,
        after_failed_send: context
            .own()
            .is_some_and(InternalEvent::follows_failed_send),
        ..SignalEvent::default()
    };
    let object = context.received().object.clone();
    let event = InternalEvent::new(object, InternalEventBody::Signal(Box::new(event)));
    Ok((event, after.map(|time| now + time)))
}

/// The id to pass to; `None` is the default app.
fn app_id(
    target: Option<TargetApp>,
    context: &Context,
    apps: &AppDirectory,
    settings: &Effective,
) -> Result<Option<AppId>, HandlerError> {
    let received = context.received();
    match target.unwrap_or(TargetApp::Inbox) {
        TargetApp::Inbox if settings.handoff_to.is_some() => Ok(settings.handoff_to.clone()),
        TargetApp::DefaultApp => Ok(None),
        TargetApp::Requester => match &received.event.body {
            EventBody::RequestThreadControl(request)
                if request.requested_owner_app_id.is_some() =>
            {
                Ok(request.requested_owner_app_id.clone())
            }
            _ => Err("the event does not say which app asks for the thread".into()),
        },
        app => match apps.id_of(app, &received.object) {
            Some(id) => Ok(Some(id)),
            None => Err(format!("the id of {app} is not known").into()),
        },
    }
}
