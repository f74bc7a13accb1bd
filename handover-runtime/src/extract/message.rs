use std::fmt;
use std::ops::Deref;

use handover_protocol::{Attachment, EventBody, Message};

use super::{Context, FromEvent, Rejection};
use crate::state::Nothing;
use crate::trigger::{OnFallback, OnMessage, OnStandby, Trigger};

/// Triggers whose event can be a message.
pub trait CarriesMessage: Trigger {}
impl CarriesMessage for OnMessage {}
impl CarriesMessage for OnFallback {}
impl CarriesMessage for OnStandby {}

fn message(context: &Context) -> Option<&Message> {
    match &context.received().event.body {
        EventBody::Message(message) | EventBody::Echo(message) => Some(message),
        _ => None,
    }
}

/// The text of the message, as the person wrote it.
///
/// ```
/// use handover_runtime::extract::Text;
///
/// let text = Text::new("hello");
/// assert!(text.starts_with("hell"));
/// assert_eq!(format!("you said {text}"), "you said hello");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Text(pub String);

impl Text {
    /// For unit tests: this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: CarriesMessage> FromEvent<E> for Text {
    type State = Nothing;

    async fn from_event(context: &Context, _: &Nothing) -> Result<Self, Rejection> {
        message(context)
            .and_then(|message| message.text.clone())
            .map(Self)
            .ok_or_else(|| Rejection::new("Text", "the event has no text"))
    }
}

/// The attachments of the message; at least one.
#[derive(Clone, Debug, PartialEq)]
pub struct Attachments(pub Vec<Attachment>);

impl Deref for Attachments {
    type Target = [Attachment];

    fn deref(&self) -> &[Attachment] {
        &self.0
    }
}

impl<E: CarriesMessage> FromEvent<E> for Attachments {
    type State = Nothing;

    async fn from_event(context: &Context, _: &Nothing) -> Result<Self, Rejection> {
        match message(context) {
            Some(message) if !message.attachments.is_empty() => {
                Ok(Self(message.attachments.clone()))
            }
            _ => Err(Rejection::new("Attachments", "the event has none")),
        }
    }
}
