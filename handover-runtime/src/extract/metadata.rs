use std::ops::Deref;

use handover_protocol::EventBody;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Context, FromEvent, Rejection};
use crate::state::Nothing;
use crate::trigger::{OnPassThreadControl, OnRequestThreadControl, OnTakeThreadControl, Trigger};

/// Triggers whose event can carry metadata of another app.
pub trait CarriesMetadata: Trigger {}
impl CarriesMetadata for OnPassThreadControl {}
impl CarriesMetadata for OnTakeThreadControl {}
impl CarriesMetadata for OnRequestThreadControl {}

/// The metadata that the other app gave along, read as JSON.
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

impl<E: CarriesMetadata, T: DeserializeOwned> FromEvent<E> for Metadata<T> {
    type State = Nothing;

    async fn from_event(context: &Context, _: &Nothing) -> Result<Self, Rejection> {
        let text = match &context.received().event.body {
            EventBody::PassThreadControl(pass) => pass.metadata.as_deref(),
            EventBody::TakeThreadControl(take) => take.metadata.as_deref(),
            EventBody::RequestThreadControl(request) => request.metadata.as_deref(),
            _ => None,
        };
        let text = text.ok_or_else(|| Rejection::new("Metadata", "the event has none"))?;
        serde_json::from_str(text)
            .or_else(|as_json| T::deserialize(Value::String(text.to_owned())).map_err(|_| as_json))
            .map(Self)
            .map_err(|e| Rejection::new("Metadata", format!("it does not parse: {e}")))
    }
}
