//! The guard in front of the platform: the bot never talks over the owner of a thread.

use handover_protocol::ControlType;

use crate::graph::{Call, GraphError};
use crate::thread::{Owner, Ownership};

/// Whether the bot does not own the thread any more once this call has gone through.
pub(crate) fn gives_thread_away(call: &Call) -> bool {
    match call {
        Call::PassThreadControl(_) | Call::ReleaseThreadControl(_) => true,
        Call::Messages(send) => send.thread_control.is_some(),
        _ => false,
    }
}

/// Why a call may not be made now, if so.
pub(super) fn objection(call: &Call, ownership: &Ownership, now: i64) -> Option<String> {
    let needs_the_thread = matches!(
        call,
        Call::Messages(_)
            | Call::PassThreadControl(_)
            | Call::ReleaseThreadControl(_)
            | Call::ExtendThreadControl(_)
    );
    let owner = ownership.other_owner(now).filter(|_| needs_the_thread)?;
    Some(format!("blocked: {owner} owns the thread"))
}

/// The owner after a call went through; `None` if it tells nothing.
pub(super) fn owner_after(call: &Call) -> Option<Owner> {
    match call {
        Call::PassThreadControl(pass) => Some(Owner::Other(pass.target_app_id.clone())),
        Call::Messages(send) => {
            let control = send.thread_control.as_ref()?;
            match control.control_type {
                Some(ControlType::Pass) => Some(Owner::Other(control.app_id.clone())),
                _ => Some(Owner::Unknown),
            }
        }
        Call::TakeThreadControl(_) => Some(Owner::Bot),
        Call::ReleaseThreadControl(_) => Some(Owner::Unknown),
        Call::RequestThreadControl(_) | Call::ExtendThreadControl(_) => None,
    }
}

/// The owner after a call was refused; `None` if the refusal tells nothing.
pub(super) fn owner_after_refusal(call: &Call, error: &GraphError) -> Option<Owner> {
    is_not_owner(call, error).then_some(Owner::Other(None))
}

/// Whether a call that gives the thread away is refused only because an earlier attempt of it, whose
/// answer was lost, went through.
pub(super) fn went_through_before(call: &Call, attempts: u32, error: &GraphError) -> bool {
    attempts > 0 && gives_thread_away(call) && is_not_owner(call, error)
}

/// To pass and release, the platform says so in words only (protocol: errors of thread control).
fn is_not_owner(call: &Call, error: &GraphError) -> bool {
    let control = matches!(
        call,
        Call::PassThreadControl(_) | Call::ReleaseThreadControl(_) | Call::ExtendThreadControl(_)
    );
    let in_words = match error {
        GraphError::Refused {
            code: 100, message, ..
        } => message.contains("thread owner"),
        _ => false,
    };
    error.is_not_owner() || (control && in_words)
}
