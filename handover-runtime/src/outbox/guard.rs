//! Guard before each call: the bot does not send while another app owns the thread.

use std::borrow::Cow;

use handover_protocol::{RequestThreadControlRequest, TakeThreadControlRequest, Timestamp};

use crate::clock::Clock;
use crate::event_time::EventTime;
use crate::failure_kind::FailureKind;
use crate::graph::{Call, GraphError};
use crate::internal_event::ReclaimTimer;
use crate::journal::{OutboxCall, ThreadState, key_of};
use crate::ownership::{self, Objection, OwnershipRules, gives_thread_away, is_not_owner};
use crate::thread::Owner;

/// Returns what is known of the thread of a call. Considers the waiting events of the thread, such as a human who
/// answered while the handler ran; says whether there is one.
pub(super) fn state_of<'a>(
    call: &'a OutboxCall,
    rules: &OwnershipRules,
    clock: &Clock,
) -> (Cow<'a, ThreadState>, bool) {
    let mut state = Cow::Borrowed(&*call.state);
    let mut is_answered = false;
    for waiting in &call.waiting {
        let received = &waiting.received;
        let time = EventTime::of(received, waiting.received_at, waiting.sequence, clock);
        let (seen, change) = state.see(received, &time, || key_of(received), rules);
        state.to_mut().apply(&change);
        is_answered |= seen.human;
    }
    (state, is_answered)
}

/// Returns why a call may not be made now.
pub(super) fn objection(
    call: &OutboxCall,
    state: &ThreadState,
    now: Timestamp,
) -> Option<Objection> {
    let spares = state.pause.as_ref().map_or(0, |pause| pause.spares);
    objection_to(&call.call, state, call.id <= spares, now)
}

/// The same for a call past the queue.
pub(super) fn objection_to(
    call: &Call,
    state: &ThreadState,
    is_spared: bool,
    now: Timestamp,
) -> Option<Objection> {
    ownership::objection(call, &state.known(), state.window(now), is_spared, now)
}

/// What kind of failure an objection is.
pub(super) fn kind_of(objection: &Objection) -> FailureKind {
    match objection {
        Objection::ThreadOwned(_) => FailureKind::ThreadOwned,
        Objection::Paused(_) => FailureKind::Paused,
        Objection::OutsideWindow(_) => FailureKind::OutsideWindow,
        Objection::Forbidden(_) => FailureKind::Other,
    }
}

/// What kind of failure a call is that is given up after this error.
pub(super) fn kind_of_error(call: &Call, error: &GraphError) -> FailureKind {
    if error.may_have_been_delivered() {
        FailureKind::Uncertain
    } else if is_not_owner(call, error) {
        FailureKind::ThreadOwned
    } else if error.is_outside_window() {
        FailureKind::OutsideWindow
    } else if matches!(error, GraphError::Refused { .. }) {
        FailureKind::Refused
    } else {
        FailureKind::Other
    }
}

/// Whether a call that gives the thread away is refused only because an earlier attempt, whose response was
/// lost, succeeded.
pub(super) fn went_through_before(call: &OutboxCall, error: &GraphError) -> bool {
    let tried = call.attempts > 0 || call.uncertain;
    tried && lost_to_another(call, error)
}

/// Whether a call that gives the thread away is refused because another app has it by now.
pub(super) fn lost_to_another(call: &OutboxCall, error: &GraphError) -> bool {
    gives_thread_away(&call.call) && is_not_owner(&call.call, error)
}

/// Whether a timer is to take a thread in which an agent has answered.
pub(super) fn is_over(call: &OutboxCall, is_answered: bool) -> bool {
    is_answered && call.reclaims.is_some_and(ReclaimTimer::ends_with_an_answer)
}

/// Whether a timer is to take a thread that seems to have come back while the call waited.
pub(super) fn seems_needless(call: &OutboxCall, state: &ThreadState) -> bool {
    let is_new = call.attempts == 0 && !call.uncertain;
    let takes = call.reclaims.is_some() && matches!(&*call.call, Call::TakeThreadControl(_));
    is_new && takes && !matches!(state.ownership.owner, Owner::Other(_))
}

/// Whether a call that brings control back is refused only because the bot owns the thread already.
pub(super) fn is_the_bots_already(call: &Call, error: &GraphError) -> bool {
    let brings = matches!(
        call,
        Call::TakeThreadControl(_) | Call::RequestThreadControl(_)
    );
    let in_words = match error {
        GraphError::Refused {
            code: 100, message, ..
        } => message.contains("owner") && message.contains("already"),
        _ => false,
    };
    brings && in_words
}

/// Call that requests a thread that may not be taken.
pub(super) fn request_instead(take: &TakeThreadControlRequest) -> Call {
    Call::RequestThreadControl(RequestThreadControlRequest {
        recipient: take.recipient.clone(),
        ..RequestThreadControlRequest::default()
    })
}
