//! From an outcome to the calls of the Graph API that bring it about.

use handover_protocol::{
    AppId, EventBody, MessagingType, OutgoingMessage, PassThreadControlRequest, Recipient,
    ReleaseThreadControlRequest, SendRequest,
};

use crate::context::Context;
use crate::graph::Call;
use crate::outcome::{Effect, HandlerError, Outcome};
use crate::target::{AppDirectory, TargetApp};

/// The calls for an outcome, in order, each within the platform's limits.
pub(super) fn of(
    outcome: &Outcome,
    context: &Context,
    apps: &AppDirectory,
) -> Result<Vec<Call>, HandlerError> {
    if outcome.effects.is_empty() {
        return Ok(Vec::new());
    }
    let person = context
        .thread()
        .person()
        .ok_or("the event names no person to answer")?;
    let recipient = || Recipient::id(person.clone());
    let mut calls = Vec::with_capacity(outcome.effects.len());
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
            Effect::Handoff(handoff) => Call::PassThreadControl(PassThreadControlRequest {
                recipient: recipient(),
                target_app_id: app_id(handoff.target, context, apps)?,
                metadata: handoff.metadata.clone(),
                ..PassThreadControlRequest::default()
            }),
            Effect::Release => Call::ReleaseThreadControl(ReleaseThreadControlRequest {
                recipient: recipient(),
                ..ReleaseThreadControlRequest::default()
            }),
        };
        call.check(&context.received().object)?;
        calls.push(call);
    }
    Ok(calls)
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
