use std::borrow::Cow;

use handover_protocol::{OutgoingAttachment, OutgoingMessage, QuickReply, Template};

/// A message to the person: what texts, pictures, carousels and templates become when something is
/// [added to them](super::Reply), and the type to return where a handler chooses among them.
///
/// ```
/// use handover_runtime::{Carousel, Message, Reply};
///
/// fn found(hats: Carousel, count: usize) -> Message {
///     match count {
///         0 => "There is no such hat.".with_quick_replies(["All hats"]),
///         _ => hats.into(),
///     }
/// }
/// # let _ = found(Carousel::new(), 0);
/// ```
///
/// A text under 2000 characters on Messenger, and of at most 1000 bytes on Instagram, is one
/// message. A longer one is sent as several, cut at the end of a sentence, else of a line, else of
/// a word; quick replies and metadata go with the last. The other limits are those of
/// [`protocol::limits`](handover_protocol::limits); [`Limits`](super::Limits) says what becomes of a
/// message beyond them. A text of white space alone is not sent.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a message is sent when a handler returns it"]
pub struct Message(pub(super) OutgoingMessage);

impl Message {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self(OutgoingMessage {
            text: Some(text.into()),
            ..OutgoingMessage::default()
        })
    }

    /// A picture, fetched by the platform from this address.
    pub fn image(url: impl Into<String>) -> Self {
        Self::attachment(OutgoingAttachment::image(url))
    }

    /// A sound, fetched by the platform from this address.
    pub fn audio(url: impl Into<String>) -> Self {
        Self::attachment(OutgoingAttachment::audio(url))
    }

    /// A video, fetched by the platform from this address.
    pub fn video(url: impl Into<String>) -> Self {
        Self::attachment(OutgoingAttachment::video(url))
    }

    /// A file, fetched by the platform from this address.
    pub fn file(url: impl Into<String>) -> Self {
        Self::attachment(OutgoingAttachment::file(url))
    }

    /// Any attachment.
    pub fn attachment(attachment: OutgoingAttachment) -> Self {
        Self(OutgoingMessage {
            attachment: Some(attachment),
            ..OutgoingMessage::default()
        })
    }

    /// A template; each is [an outcome](crate::outcome#templates) of its own, too.
    pub fn template(template: impl Into<Template>) -> Self {
        Self(OutgoingMessage::template(template))
    }

    /// Adds a quick reply: a button above the keyboard that disappears with the next message.
    pub fn quick_reply(mut self, title: impl Into<String>, payload: impl Into<String>) -> Self {
        self.0.quick_replies.push(QuickReply::text(title, payload));
        self
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<Cow<'_, str>> for Message {
    fn from(text: Cow<'_, str>) -> Self {
        Self::text(text)
    }
}

impl From<OutgoingAttachment> for Message {
    fn from(attachment: OutgoingAttachment) -> Self {
        Self::attachment(attachment)
    }
}

impl From<OutgoingMessage> for Message {
    fn from(message: OutgoingMessage) -> Self {
        Self(message)
    }
}

impl From<Message> for OutgoingMessage {
    fn from(message: Message) -> Self {
        message.0
    }
}
