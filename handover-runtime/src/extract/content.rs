use std::ops::Deref;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Argument, Context, Rejection};

/// The content of the event, deserialised from its JSON as `T`: for events without their own type.
///
/// ```
/// use handover_runtime::extract::Content;
///
/// #[derive(serde::Deserialize)]
/// struct Edit { text: String }
///
/// async fn edited(edit: Content<Edit>) -> String {
///     format!("So you mean: {}", edit.text)
/// }
/// # let _ = edited(Content(Edit { text: "hello".into() }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content<T = Value>(pub T);

impl<T> Deref for Content<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

available_in!(
    [OnMessageEdit, OnFeedback, OnPolicyEnforcement, OnEvent, OnStandby]
    impl [T: DeserializeOwned] Content<T>, Argument::MAYBE, read
);

fn read<T: DeserializeOwned>(context: &Context) -> Result<Content<T>, Rejection> {
    let body = &context.received().event.body;
    let content = body
        .content()
        .map_err(|error| Rejection::new("Content", error.to_string()))?;
    serde_json::from_value(content)
        .map(Content)
        .map_err(|error| Rejection::new("Content", format!("it does not fit: {error}")))
}
