use std::fmt;

use super::{Argument, Context, Rejection};
use crate::internal_event::{FailedHandoff, FailedSend, InternalEvent};

/// Reason of a handler's failure.
///
/// ```
/// use handover_runtime::extract::Failure;
///
/// async fn sorry(failure: Failure) -> &'static str {
///     eprintln!("{failure}");
///     "Something went wrong on our side."
/// }
/// # let _ = sorry(Failure::new("the shop is closed"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(pub String);

impl Failure {
    /// For unit tests: a failure with this reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

available_in!([OnError] impl [] Failure, Argument::ALWAYS, |context: &Context| {
    let failure = context.failure();
    failure.map(Failure).ok_or_else(|| Rejection::new("Failure", "no handler failed"))
});

available_in!([OnHandoffFailed] impl [] FailedHandoff, Argument::ALWAYS, |context: &Context| {
    let failed = context.own().and_then(InternalEvent::failed_handoff).cloned();
    failed.ok_or_else(|| Rejection::new("FailedHandoff", "no handoff failed"))
});

available_in!([OnSendFailed] impl [] FailedSend, Argument::ALWAYS, |context: &Context| {
    let failed = context.own().and_then(InternalEvent::failed_send).cloned();
    failed.ok_or_else(|| Rejection::new("FailedSend", "no message failed"))
});
