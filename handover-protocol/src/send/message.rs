//! Messages to a person.

use super::{OutgoingAttachment, QuickReply};
use crate::lenient::wire_object;

wire_object! {
    /// A message to a person: text or an attachment, with or without quick replies.
    ///
    /// ```json
    /// {"text":"Pick","quick_replies":[{"content_type":"text","title":"Red","payload":"PICK_RED"}]}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{OutgoingMessage, QuickReply};
    ///
    /// let message = OutgoingMessage {
    ///     quick_replies: vec![QuickReply::text("Red", "PICK_RED"), QuickReply::UserEmail],
    ///     ..OutgoingMessage::text("Pick")
    /// };
    /// let json = serde_json::to_string(&message)?;
    /// assert_eq!(serde_json::from_str::<OutgoingMessage>(&json)?, message);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// Limits: [`TEXT_CHARS_MESSENGER`](crate::limits::TEXT_CHARS_MESSENGER),
    /// [`TEXT_BYTES_INSTAGRAM`](crate::limits::TEXT_BYTES_INSTAGRAM),
    /// [`QUICK_REPLIES`](crate::limits::QUICK_REPLIES),
    /// [`MESSAGE_METADATA`](crate::limits::MESSAGE_METADATA).
    pub struct OutgoingMessage {
        /// The words; not together with an attachment.
        pub text: Option<String>,
        /// A picture, a file, a template.
        pub attachment: Option<OutgoingAttachment>,
        /// Answers to choose from.
        pub quick_replies: Vec<QuickReply>,
        /// For the sender itself: comes back in the echo.
        pub metadata: Option<String>,
    }
}

impl OutgoingMessage {
    /// A message of words.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: Some(text.into()),
            ..Self::default()
        }
    }

    /// A message that is an attachment.
    pub fn attachment(attachment: OutgoingAttachment) -> Self {
        Self {
            attachment: Some(attachment),
            ..Self::default()
        }
    }
}
