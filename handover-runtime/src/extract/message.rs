use std::fmt;
use std::ops::Deref;

use handover_protocol::{Attachment, EventBody, Message};

use super::{Argument, Context, Rejection, Requirement};

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
    /// For unit tests: a text.
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

available_in!([OnMessage, OnEcho, OnStandby, OnFallback] impl [] Text, Argument::needing(Requirement::Text), |context| {
    let text = message(context).and_then(|message| message.text.clone());
    text.map(Text).ok_or_else(|| Rejection::new("Text", "the event has no text"))
});

/// The attachments of the message; at least one.
#[derive(Clone, Debug, PartialEq)]
pub struct Attachments(pub Vec<Attachment>);

impl Deref for Attachments {
    type Target = [Attachment];

    fn deref(&self) -> &[Attachment] {
        &self.0
    }
}

available_in!([OnMessage, OnEcho, OnStandby, OnFallback] impl [] Attachments, Argument::needing(Requirement::Attachment), |context| {
    match message(context) {
        Some(message) if !message.attachments.is_empty() => {
            Ok(Attachments(message.attachments.clone()))
        }
        _ => Err(Rejection::new("Attachments", "the event has none")),
    }
});

/// A deleted message. Its content is gone.
///
/// ```
/// use handover_runtime::extract::DeletedMessage;
///
/// async fn forget(message: DeletedMessage) {
///     println!("delete what is kept of {}", message.mid);
/// }
/// # let _ = forget(DeletedMessage::new("m_1"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct DeletedMessage {
    /// Id of the message.
    pub mid: String,
}

impl DeletedMessage {
    /// For unit tests: the message with this id.
    pub fn new(mid: impl Into<String>) -> Self {
        Self { mid: mid.into() }
    }
}

available_in!([OnMessageDeleted] impl [] DeletedMessage, Argument::MAYBE, |context: &Context| {
    let deleted = context.received().event.body.deleted_message();
    let mid = deleted.and_then(|message| message.mid.clone());
    mid.map(DeletedMessage::new).ok_or_else(|| Rejection::new("DeletedMessage", "the event has no `mid`"))
});
