//! What follows from the result of a call.

use std::sync::Arc;
use std::time::Duration;

use handover_protocol::Timestamp;

use crate::graph::{Call, CallResponse, GraphError};
use crate::internal_event::{FailedHandoff, InternalEvent, InternalEventBody, codes};
use crate::journal::{
    CallResult, FinishedCall, OutboxCall, QueuedCall, ReceiptStatus, Terms, Turn, echo_key,
};
use crate::notice::{News, NoticeKind};
use crate::ownership::gives_thread_away;
use crate::thread::Owner;

/// How often to check whether a thread with waiting messages has come back.
const CONTROL_PAUSE: Duration = Duration::from_secs(15);

/// A message waits for control, but not for longer than it may.
pub(super) fn held_until(call: &OutboxCall, now: Timestamp) -> CallResult {
    let again = now + CONTROL_PAUSE;
    CallResult::Blocked(call.terms.expires_at.map_or(again, |at| at.min(again)))
}

/// What colleagues hear of a call that gave the thread to another app.
pub(super) fn handed_over(call: &OutboxCall, finished: &FinishedCall) -> Option<Box<News>> {
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
pub(super) fn echo_of(call: &OutboxCall, answer: &CallResponse) -> Option<String> {
    Some(echo_key(&call.thread.account, message_id_of(answer)?))
}

pub(super) fn message_id_of(answer: &CallResponse) -> Option<&str> {
    match answer {
        CallResponse::Sent(sent) => sent.message_id.as_deref(),
        CallResponse::Done => None,
    }
}

/// The messaging window is closed: what was given for that is sent in place of the whole message.
pub(super) fn otherwise(call: &OutboxCall, replaced: FinishedCall) -> FinishedCall {
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
        instead: Some(Box::new(instead)),
        drops: otherwise.parts_after,
        ..replaced
    }
}

/// What the receipt of a call says, unless it was sent.
pub(super) fn note_receipt(
    call: &OutboxCall,
    refusal: Option<&GraphError>,
    finished: &mut FinishedCall,
) {
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
pub(super) fn turn_of(call: &OutboxCall, answer: &CallResponse, at: Timestamp) -> Option<Turn> {
    match (&*call.call, answer) {
        (Call::Messages(send), CallResponse::Sent(sent)) => {
            Turn::of_request(send, at, sent.message_id.clone())
        }
        _ => None,
    }
}

/// Internal event for handlers about the result of a thread control call.
pub(super) fn event_after(call: &OutboxCall, result: &CallResult) -> Option<Arc<InternalEvent>> {
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
pub(super) fn reclaimed(call: &OutboxCall) -> Option<Arc<InternalEvent>> {
    let body = InternalEventBody::TakenBack {
        name: call.reclaims?,
    };
    Some(InternalEvent::new(call.object.clone(), body))
}
