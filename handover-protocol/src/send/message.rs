//! Messages to a person.

use super::{OutgoingAttachment, QuickReply};
use crate::Object;
use crate::lenient::wire_object;
use crate::limit::{Limit, checked, each, present};

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
    ///     quick_replies: vec![QuickReply::text("Red", "PICK_RED"), QuickReply::user_email()],
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
    /// [`MESSAGE_METADATA`](crate::limits::MESSAGE_METADATA),
    /// [`IMAGES_MESSENGER`](crate::limits::IMAGES_MESSENGER),
    /// [`IMAGES_INSTAGRAM`](crate::limits::IMAGES_INSTAGRAM).
    pub struct OutgoingMessage {
        /// The words; not together with an attachment.
        pub text: Option<String>,
        /// A picture, a file, a template.
        pub attachment: Option<OutgoingAttachment>,
        /// Several images.
        pub attachments: Vec<OutgoingAttachment>,
        /// A sticker (Messenger).
        pub sticker_id: Option<u64>,
        /// Answers to choose from.
        pub quick_replies: Vec<QuickReply>,
        /// Metadata for the sender; the echo contains it.
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

checked!(OutgoingMessage: |message, product| {
    let contents = present(&[
        message.text.is_some(),
        message.attachment.is_some(),
        !message.attachments.is_empty(),
    ]);
    Limit::MessageContent.check("content", contents)?;
    if *product == Object::Instagram {
        let bytes = message.text.as_ref().map_or(0, String::len);
        Limit::InstagramText.check("text", bytes as u64)?;
        Limit::InstagramImages.count("attachments", &message.attachments)?;
    } else {
        Limit::MessengerText.characters("text", &message.text)?;
        Limit::MessengerImages.count("attachments", &message.attachments)?;
    }
    Limit::QuickReplies.count("quick_replies", &message.quick_replies)?;
    each("quick_replies", &message.quick_replies, QuickReply::check)?;
    Limit::MessageMetadata.characters("metadata", &message.metadata)?;
    match &message.attachment {
        Some(attachment) => attachment
            .check()
            .map_err(|exceeded| exceeded.inside("attachment.payload")),
        None => Ok(()),
    }
});

impl OutgoingMessage {
    /// A message that is a template.
    ///
    /// ```
    /// use handover_protocol::{Button, Element, GenericTemplate, OutgoingMessage};
    ///
    /// let hats = GenericTemplate::new([Element::new("Hat")
    ///     .subtitle("$40")
    ///     .image_url("https://example.com/hat.png")
    ///     .button(Button::postback("Buy", "BUY:hat"))]);
    /// assert!(OutgoingMessage::template(hats).attachment.is_some());
    /// ```
    pub fn template(template: impl Into<crate::Template>) -> Self {
        Self::attachment(OutgoingAttachment::template(template))
    }
}
