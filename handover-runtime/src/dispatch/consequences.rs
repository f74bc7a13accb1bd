//! From an outcome to what has to be done: calls of the Graph API, and timers.

use handover_protocol::{
    AppId, EventBody, Limit, MessagingType, PassThreadControlRequest, Recipient,
    ReleaseThreadControlRequest, SendRequest, TakeThreadControlRequest, Timestamp,
};

use crate::accounts::Effective;
use crate::extract::Context;
use crate::graph::Call;
use crate::internal_event::{InternalEvent, InternalEventBody, ReclaimTimer};
use crate::journal::{EventResult, PauseChange, QueuedCall, Settlement, TimerChange};
use crate::outcome::{self, Effect, HandlerError, HandoffEffect, Limits, Message, Outcome, Timer};
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
    for effect in outcome.effects {
        let call = match effect {
            Effect::Send(message) => {
                for send in requests(*message, context, limits, recipient)? {
                    let send = Call::Messages(send);
                    match send.check(object) {
                        Ok(()) => settlement.calls.push(queued(send)),
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
                let times = [
                    (ReclaimTimer::Reclaim, handoff.reclaim.after),
                    (ReclaimTimer::Unclaimed, handoff.reclaim.unclaimed_after),
                    (ReclaimTimer::Idle, handoff.reclaim.idle_after),
                ];
                settlement.change.idle_after = handoff.reclaim.idle_after.into();
                // Those of an earlier handoff end, too.
                let set = times.into_iter().map(|(timer, time)| match time {
                    Some(time) => TimerChange::take_back(timer, object, now + time),
                    None => TimerChange::cancel(timer.as_str()),
                });
                settlement.timers.extend(set);
                Call::PassThreadControl(PassThreadControlRequest {
                    recipient: person()?,
                    target_app_id: app_id(handoff.target, context, apps, settings)?,
                    metadata: note(&handoff, context, limits, &mut settlement),
                    ..PassThreadControlRequest::default()
                })
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
            Effect::Timer(set) => {
                settlement.timers.push(timer(&set, context, now));
                continue;
            }
        };
        settlement.calls.push(queued(call));
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

/// The event names no person, so an answer has no recipient. A retry does not change that.
#[derive(Debug, thiserror::Error)]
#[error(
    "the event has no person to answer; to answer a public comment or post, use `Message::to_comment` or `Message::to_post`"
)]
pub(super) struct NoRecipient;

/// A message as it is sent, in as many requests as it needs. What was changed is said in the log.
fn requests(
    message: Message,
    context: &Context,
    limits: Limits,
    person: impl Fn() -> Result<Recipient, NoRecipient>,
) -> Result<Vec<SendRequest>, NoRecipient> {
    let (thread, handler) = (context.thread(), context.handler());
    let options = message.options.map(|options| *options).unwrap_or_default();
    let recipient = match options.recipient {
        Some(recipient) => recipient,
        None => person()?,
    };
    let in_public = recipient.comment_id.is_some() || recipient.post_id.is_some();
    if in_public && context.received().is_own() {
        tracing::debug!(%thread, handler, "the account wrote that itself, and is not answered");
        return Ok(Vec::new());
    }
    let request = SendRequest {
        messaging_type: match (&options.template, &options.tag) {
            (Some(_), _) => Some(MessagingType::Utility),
            (None, Some(_)) => Some(MessagingType::MessageTag),
            (None, None) if recipient.id.is_some() || recipient.user_ref.is_some() => {
                Some(MessagingType::Response)
            }
            (None, None) => None,
        },
        tag: options.tag,
        recipient,
        ..SendRequest::default()
    };
    if let Some(template) = options.template {
        return Ok(vec![SendRequest {
            template: Some(template),
            ..request
        }]);
    }
    let mut fitted = outcome::fit_message(message.content, &context.received().object, limits);
    let only_one = in_public || request.recipient.one_time_notif_token.is_some();
    if only_one && fitted.messages.len() > 1 {
        fitted.messages.truncate(1);
        let warning = "only its beginning is sent, for there can be one message only";
        fitted.warnings.push(warning.to_owned());
    }
    for warning in fitted.warnings {
        tracing::warn!(%thread, handler, "a message was changed: {warning}");
    }
    let messages = fitted.messages.into_iter();
    let requests = messages.map(|part| SendRequest {
        message: Some(part),
        ..request.clone()
    });
    Ok(requests.collect())
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

/// The timer as the journal stores it.
pub(super) fn timer(timer: &Timer, context: &Context, now: Timestamp) -> TimerChange {
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
    TimerChange {
        name: timer.name.clone(),
        set,
    }
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
