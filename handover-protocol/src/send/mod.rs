//! The Send API: what a bot writes, and what it gets back.

mod attachment;
mod message;
mod notification_type;
mod quick_reply;
mod reaction;
mod recipient;
mod sender_action;
mod tag;
mod thread_control;
mod utility;

use serde::{Deserialize, Serialize};

pub use attachment::{OutgoingAttachment, OutgoingAttachmentPayload};
pub use message::OutgoingMessage;
pub use notification_type::NotificationType;
pub use quick_reply::QuickReply;
pub use reaction::{ReactionTarget, ReplyTarget};
pub use recipient::{Recipient, RecipientName};
pub use sender_action::SenderAction;
pub use tag::MessageTag;
pub use thread_control::{ControlType, SendThreadControl};
pub use utility::{TemplateComponent, TemplateLanguage, TemplateParameter, UtilityTemplate};

use crate::PersonId;
use crate::lenient::{always, from_json_by_serde, wire_object};
use crate::limit::{Limit, checked, present};

wire_object! {
    /// The body of `POST /{account}/messages`: a message, or a sender action.
    ///
    /// ```json
    /// {"recipient":{"id":"5794982867201265"},"messaging_type":"RESPONSE","message":{"text":"Hi!"}}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{MessagingType, OutgoingMessage, Recipient, SendRequest};
    ///
    /// let request = SendRequest {
    ///     recipient: Recipient::id("5794982867201265"),
    ///     messaging_type: Some(MessagingType::Response),
    ///     message: Some(OutgoingMessage::text("Hi!")),
    ///     ..Default::default()
    /// };
    /// assert_eq!(
    ///     serde_json::to_string(&request)?,
    ///     r#"{"recipient":{"id":"5794982867201265"},"messaging_type":"RESPONSE","message":{"text":"Hi!"}}"#,
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct SendRequest {
        /// The recipient.
        pub recipient: Recipient => always,
        /// Why; the platform takes absence for [`MessagingType::Response`].
        pub messaging_type: Option<MessagingType>,
        /// Message; excludes a sender action.
        pub message: Option<OutgoingMessage>,
        /// Sender action instead of a message.
        pub sender_action: Option<SenderAction>,
        /// Message and reaction for the sender action `react`.
        pub payload: Option<ReactionTarget>,
        /// Message tag, the reason for sending outside the 24-hour window.
        pub tag: Option<MessageTag>,
        /// Kind of notification.
        pub notification_type: Option<NotificationType>,
        /// In whose name and with whose picture: a [`Persona`](crate::Persona).
        pub persona_id: Option<String>,
        /// The message that it answers.
        pub reply_to: Option<ReplyTarget>,
        /// An approved template, in place of a message.
        pub template: Option<UtilityTemplate>,
        /// Thread control after the message.
        pub thread_control: Option<SendThreadControl>,
    }
}

checked!(SendRequest: |request, product| {
    let contents = present(&[request.message.is_some(), request.sender_action.is_some()]);
    Limit::RequestContent.check("content", contents)?;
    request
        .recipient
        .check()
        .map_err(|exceeded| exceeded.inside("recipient"))?;
    match &request.message {
        Some(message) => message
            .check(product)
            .map_err(|exceeded| exceeded.inside("message")),
        None => Ok(()),
    }
});

/// Type of a message.
///
/// ```
/// use handover_protocol::MessagingType;
///
/// assert_eq!(serde_json::to_string(&MessagingType::MessageTag)?, "\"MESSAGE_TAG\"");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum MessagingType {
    /// `RESPONSE`: it answers the person.
    Response,
    /// `UPDATE`: it was not asked for, within the 24 h window.
    Update,
    /// `MESSAGE_TAG`: its tag allows it outside the window.
    MessageTag,
    /// `UTILITY`: an approved utility template.
    Utility,
}

wire_object! {
    /// The answer to a [`SendRequest`].
    ///
    /// ```json
    /// {"recipient_id":"5794982867201265","message_id":"m_AG5Hz2U"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::SendResponse;
    ///
    /// let typing: SendResponse = serde_json::from_str(r#"{"recipient_id":"5794982867201265"}"#)?;
    /// assert_eq!(typing.message_id, None);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct SendResponse {
        /// The person; absent if they were not addressed by id.
        pub recipient_id: Option<PersonId>,
        /// The id of the message; absent for sender actions.
        pub message_id: Option<String>,
        /// The id under which a reusable attachment can be sent again.
        pub attachment_id: Option<String>,
    }
}

from_json_by_serde!(MessagingType);
