//! Answers to choose from.

use serde::{Deserialize, Serialize};

use crate::limit::{Limit, checked};

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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "content_type", rename_all = "snake_case")]
pub enum QuickReply {
    /// An answer of the bot's own.
    Text {
        /// What the person sees, and then says.
        #[serde(default)]
        title: String,
        /// What the bot gets back.
        #[serde(default)]
        payload: String,
        /// A small picture beside the title.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        image_url: Option<String>,
    },
    /// The phone number in the person's profile.
    UserPhoneNumber,
    /// The mail address in the person's profile.
    UserEmail,
}

impl QuickReply {
    /// An answer of the bot's own, without a picture.
    pub fn text(title: impl Into<String>, payload: impl Into<String>) -> Self {
        Self::Text {
            title: title.into(),
            payload: payload.into(),
            image_url: None,
        }
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
    match quick_reply {
        QuickReply::Text { title, payload, .. } => {
            Limit::QuickReplyTitle.characters("title", title)?;
            Limit::QuickReplyPayload.characters("payload", payload)
        }
        QuickReply::UserPhoneNumber | QuickReply::UserEmail => Ok(()),
    }
});
