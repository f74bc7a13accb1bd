//! What to do with a call that failed: the error says what happened, this says whether to go on.

use std::time::Duration;

use crate::causes;
use crate::graph::{Advice, Call, GraphError};
use crate::journal::OutboxCall;

/// How often a call is tried that the platform answers with "try again".
const ATTEMPTS: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(600);
/// Each call made while throttled lengthens the block (protocol: rate limits).
const THROTTLED_PAUSE: Duration = Duration::from_secs(60);

/// Whether to try again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RetryDecision {
    /// After this pause.
    RetryAfter(Duration),
    /// Only if its echo does not come.
    LookForEcho,
    /// As all of the account, after this pause.
    PauseAccount(Duration),
    /// As all of the account, once there is another access token.
    RenewToken,
    /// No, for this reason.
    GiveUp(String),
}

/// Decides after an attempt.
pub(super) fn next(call: &OutboxCall, error: &GraphError) -> RetryDecision {
    let attempt = call.attempts;
    if error.may_have_been_delivered() && !call.call.is_idempotent() {
        if attempt + 1 < ATTEMPTS && has_echo(call) {
            return RetryDecision::LookForEcho;
        }
        return RetryDecision::GiveUp(format!(
            "{}; it is not repeated, for it may have been delivered",
            causes::with_causes(error)
        ));
    }
    let pause = |shortest: Duration| {
        let pause = || shortest + pause(attempt, fastrand::f64());
        error.retry_after().unwrap_or_else(pause)
    };
    match error.advice() {
        Advice::RenewToken => RetryDecision::RenewToken,
        Advice::RetryLater if error.limits_account() => {
            RetryDecision::PauseAccount(pause(THROTTLED_PAUSE))
        }
        Advice::RetryLater => RetryDecision::RetryAfter(pause(THROTTLED_PAUSE)),
        // An outage of any length only lengthens the outbox.
        Advice::Retry if matches!(error, GraphError::Unreachable { .. }) => {
            RetryDecision::RetryAfter(pause(Duration::ZERO))
        }
        Advice::Retry if attempt + 1 < ATTEMPTS => RetryDecision::RetryAfter(pause(Duration::ZERO)),
        Advice::Retry => RetryDecision::GiveUp(format!(
            "{}; tried {ATTEMPTS} times",
            causes::with_causes(error)
        )),
        Advice::GiveUp => RetryDecision::GiveUp(causes::with_causes(error)),
    }
}

/// Whether an echo of it comes that can be told from others, by its reference or its content.
fn has_echo(call: &OutboxCall) -> bool {
    matches!(&*call.call, Call::Messages(send) if send.message.is_some())
}

/// Full jitter: anything between nothing and twice the last pause's bound.
fn pause(attempt: u32, random: f64) -> Duration {
    let bound = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(attempt));
    bound.min(LONGEST_PAUSE).mul_f64(random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_ten_minutes() {
        let bounds: Vec<_> = [0, 1, 2, 9, 10, 60]
            .map(|attempt| pause(attempt, 1.0).as_secs())
            .into();
        assert_eq!(bounds, [1, 2, 4, 512, 600, 600]);
        assert_eq!(pause(5, 0.0), Duration::ZERO);
    }
}
