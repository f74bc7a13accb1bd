//! Retry of failed calls.

use std::time::Duration;

use crate::causes;
use crate::graph::{Advice, Call, GraphError};
use crate::journal::OutboxCall;

/// Attempts of a call for which the platform asks to try again.
const ATTEMPTS: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(600);
/// Each call made while throttled lengthens the block (protocol: rate limits).
const THROTTLED_PAUSE: Duration = Duration::from_secs(60);

/// Whether to retry a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RetryDecision {
    /// Retry after this pause.
    RetryAfter(Duration),
    /// Retry only if its echo does not arrive.
    LookForEcho,
    /// Pause the account, then retry.
    PauseAccount(Duration),
    /// Pause the account until there is another access token.
    RenewToken,
    /// Give up, for this reason.
    GiveUp(String),
}

/// Decides after a failed attempt. The account was throttled so often without a call in between that was not.
pub(super) fn next(call: &OutboxCall, error: &GraphError, throttled: u32) -> RetryDecision {
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
    let or_as_asked = |pause: Duration| error.retry_after().unwrap_or(pause);
    let retry_after = |shortest: Duration| {
        let pause = shortest + pause(attempt, fastrand::f64());
        RetryDecision::RetryAfter(or_as_asked(pause))
    };
    let tries_on = attempt + 1 < ATTEMPTS;
    match error.advice() {
        Advice::RenewToken => RetryDecision::RenewToken,
        Advice::RetryLater if error.limits_account() => {
            let pause = throttled_pause(throttled, fastrand::f64());
            RetryDecision::PauseAccount(or_as_asked(pause))
        }
        // An outage of any length only lengthens the queue.
        Advice::Retry if matches!(error, GraphError::Unreachable { .. }) => {
            retry_after(Duration::ZERO)
        }
        // One message does not keep all later ones of its thread back.
        Advice::RetryLater if tries_on || !error.is_of_message() => retry_after(THROTTLED_PAUSE),
        Advice::Retry if tries_on => retry_after(Duration::ZERO),
        Advice::Retry | Advice::RetryLater => RetryDecision::GiveUp(format!(
            "{}; tried {ATTEMPTS} times",
            causes::with_causes(error)
        )),
        Advice::GiveUp => RetryDecision::GiveUp(causes::with_causes(error)),
    }
}

/// Whether the call has an echo that can be recognised by its reference or content.
fn has_echo(call: &OutboxCall) -> bool {
    matches!(&*call.call, Call::Messages(send) if send.message.is_some())
}

/// Full jitter: a random pause between zero and twice the last bound.
fn pause(attempt: u32, random: f64) -> Duration {
    let bound = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(attempt));
    bound.min(LONGEST_PAUSE).mul_f64(random)
}

/// A minute, twice as long each time, and up to a tenth more.
fn throttled_pause(times: u32, random: f64) -> Duration {
    let pause = THROTTLED_PAUSE.saturating_mul(2_u32.saturating_pow(times));
    pause.min(LONGEST_PAUSE).mul_f64(1.0 + random / 10.0)
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
        let bounds: Vec<_> = [0, 1, 2, 3, 4, 60]
            .map(|times| throttled_pause(times, 0.0).as_secs())
            .into();
        assert_eq!(bounds, [60, 120, 240, 480, 600, 600]);
        assert_eq!(throttled_pause(0, 1.0).as_secs(), 66);
    }
}
