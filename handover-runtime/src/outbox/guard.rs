//! The guard in front of the platform: the bot never talks over the owner of a thread.

use handover_protocol::{ControlType, MessageTag, MessagingType};

use crate::graph::{Call, GraphError};
use crate::journal::{OutboxCall, ThreadState};
use crate::thread::Owner;

/// Whether the bot does not own the thread any more once this call has gone through.
pub(crate) fn gives_thread_away(call: &Call) -> bool {
    match call {
        Call::PassThreadControl(_) | Call::ReleaseThreadControl(_) => true,
        Call::Messages(send) => send.thread_control.is_some(),
        _ => false,
    }
}

/// Why a call may not be made.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Objection {
    /// Not now: somebody else has the thread.
    NotNow(String),
    /// Never.
    Never(String),
}

/// How long a bot may answer (protocol: windows and tags).
const WINDOW_MS: i64 = 24 * 60 * 60 * 1000;

/// Why a call may not be made now, if so.
pub(super) fn objection(call: &Call, state: &ThreadState, now: i64) -> Option<Objection> {
    let needs_the_thread = matches!(
        call,
        Call::Messages(_)
            | Call::PassThreadControl(_)
            | Call::ReleaseThreadControl(_)
            | Call::ExtendThreadControl(_)
    );
    if let Some(owner) = state.ownership.other_owner(now)
        && needs_the_thread
    {
        return Some(Objection::NotNow(format!(
            "blocked: {owner} owns the thread"
        )));
    }
    let Call::Messages(send) = call else {
        return None;
    };
    if state.paused_until.is_some_and(|until| until > now) {
        let reason = "blocked: a human is answering in this thread".to_owned();
        return Some(Objection::NotNow(reason));
    }
    if send.tag == Some(MessageTag::HumanAgent) {
        let reason = "the tag HUMAN_AGENT is for what people write, not for what a bot does";
        return Some(Objection::Never(reason.to_owned()));
    }
    let answers = matches!(
        send.messaging_type,
        None | Some(MessagingType::Response | MessagingType::Update)
    );
    // Whoever gave a token, or wrote in public, has another window, which the platform knows.
    send.recipient.id.as_ref()?;
    let wrote_at = state.person_wrote_at?;
    if answers && send.tag.is_none() && send.sender_action.is_none() && now - wrote_at > WINDOW_MS {
        let hours = (now - wrote_at) / (60 * 60 * 1000);
        return Some(Objection::Never(format!(
            "outside the 24-hour messaging window: the person last wrote {hours} hours ago, and has to write again before the bot may"
        )));
    }
    None
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
pub(super) fn went_through_before(call: &OutboxCall, error: &GraphError) -> bool {
    let tried = call.attempts > 0 || call.uncertain;
    tried && gives_thread_away(&call.call) && is_not_owner(&call.call, error)
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
