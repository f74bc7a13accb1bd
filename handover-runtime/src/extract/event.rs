use std::ops::Deref;
use std::sync::Arc;

use handover_protocol::Received;

use super::{Argument, Context, FromEvent, Rejection};
use crate::state::NoState;
use crate::trigger::Trigger;

/// The whole event as it was received: account, channel, and the item of `messaging[]` or `standby[]` with
/// every field, including unknown ones.
///
/// ```
/// use handover_runtime::extract::Event;
///
/// async fn anything(event: Event) {
///     println!("{} on {}", event.event.body.kind(), event.channel);
/// }
/// # let _ = anything;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Event(pub Arc<Received>);

impl Deref for Event {
    type Target = Received;

    fn deref(&self) -> &Received {
        &self.0
    }
}

impl<E: Trigger> FromEvent<E> for Event {
    type State = NoState;

    const ARGUMENT: Argument = Argument::ALWAYS;

    async fn from_event(context: &Context, _: &NoState) -> Result<Self, Rejection> {
        Ok(Self(context.received().clone()))
    }
}
