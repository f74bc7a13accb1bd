//! Answers to choose from.

use crate::builder::setters;
use crate::lenient::{always, wire_object};
use crate::limit::{Limit, checked};

const TEXT: &str = "text";
const USER_PHONE_NUMBER: &str = "user_phone_number";
const USER_EMAIL: &str = "user_email";

wire_object! {
    /// An answer the person can choose with a tap.
    ///
    /// ```json
    /// {"content_type":"text","title":"Red","payload":"PICK_RED","image_url":"https://example.com/r.png"}
    /// ```
    /// ```json
    /// {"content_type":"user_email"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::QuickReply;
    ///
    /// assert_eq!(
    ///     serde_json::to_string(&QuickReply::text("Red", "PICK_RED"))?,
    ///     r#"{"content_type":"text","title":"Red","payload":"PICK_RED"}"#,
    /// );
    /// assert_eq!(QuickReply::from(("Red", "PICK_RED")), QuickReply::text("Red", "PICK_RED"));
    /// assert_eq!(QuickReply::from("Red"), QuickReply::text("Red", "Red"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// Limits: [`QUICK_REPLIES`](crate::limits::QUICK_REPLIES),
    /// [`QUICK_REPLY_TITLE`](crate::limits::QUICK_REPLY_TITLE),
    /// [`QUICK_REPLY_PAYLOAD`](crate::limits::QUICK_REPLY_PAYLOAD).
    pub struct QuickReply {
        /// Kind: `text`, or `user_phone_number` or `user_email` from the person's profile.
        pub content_type: String => always,
        /// Title, and text of the person's message; for `text` only.
        pub title: Option<String>,
        /// Payload; for `text` only.
        pub payload: Option<String>,
        /// A small picture beside the title.
        pub image_url: Option<String>,
    }
}

impl QuickReply {
    fn new(content_type: &str) -> Self {
        Self {
            content_type: content_type.to_owned(),
            ..Self::default()
        }
    }

    /// An answer of the bot's own, without a picture.
    pub fn text(title: impl Into<String>, payload: impl Into<String>) -> Self {
        Self {
            title: Some(title.into()),
            payload: Some(payload.into()),
            ..Self::new(TEXT)
        }
    }

    /// The phone number in the person's profile (Messenger).
    pub fn user_phone_number() -> Self {
        Self::new(USER_PHONE_NUMBER)
    }

    /// The mail address in the person's profile (Messenger).
    pub fn user_email() -> Self {
        Self::new(USER_EMAIL)
    }
}

setters! {
    QuickReply {
        image_url: String,
    }
}

/// An answer whose payload is its title.
impl From<&str> for QuickReply {
    fn from(title: &str) -> Self {
        Self::text(title, title)
    }
}

/// An answer whose payload is its title.
impl From<String> for QuickReply {
    fn from(title: String) -> Self {
        Self::text(title.clone(), title)
    }
}

/// An answer of a title and a payload.
impl<T: Into<String>, P: Into<String>> From<(T, P)> for QuickReply {
    fn from((title, payload): (T, P)) -> Self {
        Self::text(title, payload)
    }
}

checked!(QuickReply: |quick_reply| {
    Limit::QuickReplyTitle.characters("title", &quick_reply.title)?;
    Limit::QuickReplyPayload.characters("payload", &quick_reply.payload)
});
