use std::ops::Deref;

use handover_protocol::{EventBody, Message};

use super::{Argument, Context, Rejection};

/// Messages that are handled together, oldest first. More than one only if the handler's
/// [`Pace`](crate::Pace) is `Burst`, `Debounce` or `Restart`.
///
/// ```
/// use handover_runtime::extract::Burst;
///
/// async fn summarize(burst: Burst) -> String {
///     format!("{} messages", burst.len())
/// }
/// # let _ = summarize(Burst(Vec::new()));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Burst(pub Vec<Message>);

impl Deref for Burst {
    type Target = [Message];

    fn deref(&self) -> &[Message] {
        &self.0
    }
}

available_in!([OnMessage, OnFallback] impl [] Burst, Argument::MAYBE, |context: &Context| {
    let messages: Vec<_> = context.burst().iter().filter_map(|received| match &received.event.body {
        EventBody::Message(message) => Some(Message::clone(message)),
        _ => None,
    }).collect();
    if messages.is_empty() {
        return Err(Rejection::new("Burst", "the event is no message"));
    }
    Ok(Burst(messages))
});
