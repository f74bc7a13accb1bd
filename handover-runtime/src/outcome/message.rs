use handover_protocol::{OutgoingAttachment, OutgoingMessage, QuickReply};

/// A message to the person.
///
/// ```
/// use handover_runtime::Message;
///
/// let question = Message::text("Pick a colour").quick_reply("Red", "PICK_RED").quick_reply("Blue", "PICK_BLUE");
/// let picture = Message::image("https://example.com/red.png");
/// # let _ = (question, picture);
/// ```
///
/// Limits (Send API): text 2000 characters on Messenger and 1000 bytes on Instagram, 13 quick
/// replies, 20 characters in a quick reply's title. They are checked before the call.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a message is sent when a handler returns it"]
pub struct Message(OutgoingMessage);

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

    /// Adds a quick reply: a button above the keyboard that disappears with the next message.
    pub fn quick_reply(mut self, title: impl Into<String>, payload: impl Into<String>) -> Self {
        self.0.quick_replies.push(QuickReply::text(title, payload));
        self
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
