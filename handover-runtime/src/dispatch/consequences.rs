//! From an outcome to what has to be done: calls of the Graph API, and timers.

use std::time::Duration;

use handover_protocol::{
    AppId, EventBody, MessagingType, OutgoingMessage, PassThreadControlRequest, Recipient,
    ReleaseThreadControlRequest, SendRequest,
};

use crate::clock;
use crate::context::Context;
use crate::graph::Call;
use crate::journal::{NewCall, TimerChange};
use crate::outcome::{Effect, HandlerError, Outcome};
use crate::own_event::{self, RECLAIM};
use crate::target::{AppDirectory, TargetApp};

/// What follows from an outcome, in order.
#[derive(Default)]
pub(super) struct Consequences {
    pub(super) calls: Vec<NewCall>,
    pub(super) timers: Vec<TimerChange>,
}

/// The consequences of an outcome, each call within the platform's limits.
pub(super) fn of(
    outcome: &Outcome,
    context: &Context,
    apps: &AppDirectory,
) -> Result<Consequences, HandlerError> {
    let mut consequences = Consequences::default();
    if outcome.effects.is_empty() {
        return Ok(consequences);
    }
    let person = context
        .thread()
        .person()
        .ok_or("the event names no person to answer")?;
    let recipient = || Recipient::id(person.clone());
    for effect in &outcome.effects {
        let call = match effect {
            Effect::Send(message) => Call::Messages(SendRequest {
                recipient: recipient(),
                messaging_type: Some(MessagingType::Response),
                message: Some(OutgoingMessage::clone(message)),
                ..SendRequest::default()
            }),
            Effect::Act(action) => Call::Messages(SendRequest {
                recipient: recipient(),
                sender_action: Some(*action),
                ..SendRequest::default()
            }),
            Effect::Handoff(handoff) => {
                let timer = handoff
                    .reclaim_after
                    .map(|time| timer(RECLAIM, Some(time), context));
                consequences.timers.extend(timer);
                Call::PassThreadControl(PassThreadControlRequest {
                    recipient: recipient(),
                    target_app_id: app_id(handoff.target, context, apps)?,
                    metadata: handoff.metadata.clone(),
                    ..PassThreadControlRequest::default()
                })
            }
            Effect::Release => Call::ReleaseThreadControl(ReleaseThreadControlRequest {
                recipient: recipient(),
                ..ReleaseThreadControlRequest::default()
            }),
            Effect::Timer(set) => {
                consequences
                    .timers
                    .push(timer(&set.name, set.after, context));
                continue;
            }
        };
        let object = context.received().object.clone();
        call.check(&object)?;
        consequences.calls.push(NewCall { call, object });
    }
    Ok(consequences)
}

fn timer(name: &str, after: Option<Duration>, context: &Context) -> TimerChange {
    let set = after.map(|time| {
        let ms = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        let event = own_event::timer(name, context.thread(), &context.received().object);
        (clock::now().saturating_add(ms), event)
    });
    TimerChange {
        name: name.to_owned(),
        set,
    }
}

/// The id to pass to; `None` is the default app.
fn app_id(
    target: Option<TargetApp>,
    context: &Context,
    apps: &AppDirectory,
) -> Result<Option<AppId>, HandlerError> {
    let received = context.received();
    match target.unwrap_or(TargetApp::Inbox) {
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
