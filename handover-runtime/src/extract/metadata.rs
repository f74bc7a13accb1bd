use std::ops::Deref;

use handover_protocol::EventBody;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Argument, Context, Rejection};

/// Metadata from the other app, read as JSON.
///
/// Text that is not JSON is read as a string, so `Metadata<String>` takes any.
///
/// ```
/// use handover_runtime::extract::Metadata;
///
/// #[derive(serde::Deserialize)]
/// struct Ticket { about: String }
///
/// async fn back(ticket: Metadata<Ticket>) -> String {
///     format!("Was your question about {} answered?", ticket.about)
/// }
/// # let _ = back(Metadata(Ticket { about: "shoes".into() }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata<T = String>(pub T);

impl<T> Deref for Metadata<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

available_in!(
    [OnPassThreadControl, OnTakeThreadControl, OnRequestThreadControl]
    impl [T: DeserializeOwned] Metadata<T>, Argument::MAYBE, read
);

fn read<T: DeserializeOwned>(context: &Context) -> Result<Metadata<T>, Rejection> {
    let text = match &context.received().event.body {
        EventBody::PassThreadControl(pass) => pass.metadata.as_deref(),
        EventBody::TakeThreadControl(take) => take.metadata.as_deref(),
        EventBody::RequestThreadControl(request) => request.metadata.as_deref(),
        _ => None,
    };
    let text = text.ok_or_else(|| Rejection::new("Metadata", "the event has none"))?;
    let as_string = || T::deserialize(Value::String(text.to_owned()));
    serde_json::from_str(text)
        .or_else(|error| as_string().map_err(|_| error))
        .map(Metadata)
        .map_err(|e| Rejection::new("Metadata", format!("it does not parse: {e}")))
}
