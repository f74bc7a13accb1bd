use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use handover_protocol::EventBody;

use super::{Context, Rejection};

/// The payload of the button or quick reply that was tapped, parsed as `T`.
///
/// ```
/// use handover_runtime::extract::Payload;
///
/// async fn pay(amount: Payload<u32>) -> String {
///     format!("You owe {} cents", *amount)
/// }
/// # let _ = pay(Payload(250));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Payload<T = String>(pub T);

impl<T> Deref for Payload<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Display> fmt::Display for Payload<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The payload of a postback, or of the quick reply that a message answers.
pub(crate) fn payload_of(body: &EventBody) -> Option<&str> {
    match body {
        EventBody::Postback(postback) => postback.payload.as_deref(),
        EventBody::Message(message) => {
            let choice = message.quick_reply.as_ref()?;
            choice.payload.as_deref()
        }
        _ => None,
    }
}

available_in!(
    [OnPostback, OnMessage, OnFallback] impl [T: FromStr<Err: fmt::Display>] Payload<T>, parse
);

fn parse<T: FromStr<Err: fmt::Display>>(context: &Context) -> Result<Payload<T>, Rejection> {
    let payload = payload_of(&context.received().event.body)
        .ok_or_else(|| Rejection::new("Payload", "the event has no payload"))?;
    let parsed = payload.parse().map(Payload);
    parsed.map_err(|e| Rejection::new("Payload", format!("`{payload}` does not parse: {e}")))
}
