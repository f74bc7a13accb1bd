use std::ops::Deref;

use handover_protocol::Timestamp;

use super::{Argument, Context, FromEvent, Rejection};
use crate::state::NoState;
use crate::trigger::Trigger;

/// The time by the bot's clock.
///
/// In production it is the machine's time. In a test it is the clock that the test moves, so that a
/// scenario's `pass_time` moves handlers as well as timers.
///
/// ```
/// use std::time::Duration;
/// use handover_runtime::extract::Now;
///
/// async fn half_an_hour(now: Now) -> String {
///     format!("A colleague answers by {}.", *now + Duration::from_secs(1800))
/// }
/// # let _ = half_an_hour(Now(Default::default()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Now(pub Timestamp);

impl Deref for Now {
    type Target = Timestamp;

    fn deref(&self) -> &Timestamp {
        &self.0
    }
}

impl<E: Trigger> FromEvent<E> for Now {
    type State = NoState;

    const ARGUMENT: Argument = Argument::ALWAYS;

    async fn from_event(context: &Context, _: &NoState) -> Result<Self, Rejection> {
        Ok(Self(context.now()))
    }
}
