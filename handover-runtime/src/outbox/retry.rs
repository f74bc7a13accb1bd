//! What to do with a call that failed: the error says what happened, this says whether to go on.

use std::time::Duration;

use crate::error;
use crate::graph::{Advice, Call, GraphError};

/// How often a call is tried that the platform answers with "try again".
const ATTEMPTS: u32 = 6;
/// How often a call is tried that the platform cannot take now. With the pauses below that is
/// longer than the messaging window of 24 hours.
const PATIENT_ATTEMPTS: u32 = 200;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(600);
/// Each call made while throttled lengthens the block (protocol: rate limits).
const THROTTLED_PAUSE: Duration = Duration::from_secs(60);

/// Whether to try again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// After this pause.
    RetryAfter(Duration),
    /// No, for this reason.
    GiveUp(String),
}

/// Decides after the attempt with this number, counted from 0.
pub(super) fn next(call: &Call, attempt: u32, error: &GraphError) -> Next {
    if error.may_have_been_delivered() && !call.is_idempotent() {
        return Next::GiveUp(format!(
            "{}; it is not repeated, for it may have been delivered",
            error::with_causes(error)
        ));
    }
    let (attempts, shortest) = match (error, error.advice()) {
        (_, Advice::RetryLater) => (PATIENT_ATTEMPTS, THROTTLED_PAUSE),
        (GraphError::Unreachable { .. }, _) => (PATIENT_ATTEMPTS, Duration::ZERO),
        (_, Advice::Retry) => (ATTEMPTS, Duration::ZERO),
        (_, Advice::RenewToken | Advice::GiveUp) => {
            return Next::GiveUp(error::with_causes(error));
        }
    };
    if attempt + 1 >= attempts {
        return Next::GiveUp(format!(
            "{}; tried {attempts} times",
            error::with_causes(error)
        ));
    }
    let pause = || shortest + pause(attempt, fastrand::f64());
    Next::RetryAfter(error.retry_after().unwrap_or_else(pause))
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
