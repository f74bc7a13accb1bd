//! Messages and echoes.

use super::{Attachment, Referral};
use crate::AppId;
use crate::lenient::{as_number, wire_object};

wire_object! {
    /// A message of a person to the account, or (an echo) of the account to a person.
    ///
    /// ```json
    /// {"mid":"m_abc","text":"Red","quick_reply":{"payload":"PICK_RED"}}
    /// ```
    /// ```json
    /// {"mid":"m_abc","text":"hello","is_echo":true,"app_id":1517776481860111,"metadata":"ticket 7"}
    /// ```
    ///
    /// There may be text, attachments, both (a link and its preview) or neither (deleted and
    /// unsupported messages). Rarer keys such as `commands` and `nlp` are in `extra`.
    ///
    /// ```
    /// use handover_protocol::{AppId, Message};
    ///
    /// let echo: Message = serde_json::from_str(r#"{"is_echo":true,"app_id":263902037430900}"#)?;
    /// assert_eq!(echo.app_id, Some(AppId::PAGE_INBOX));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Message {
        /// The id of the message.
        pub mid: Option<String>,
        /// The words.
        pub text: Option<String>,
        /// The quick reply that was tapped; its title is the text.
        pub quick_reply: Option<QuickReplyChoice>,
        /// Pictures, files, shared things.
        pub attachments: Vec<Attachment>,
        /// What the message answers.
        pub reply_to: Option<ReplyTo>,
        /// The product or ad from which the message was written.
        pub referral: Option<Referral>,
        /// Whether the account wrote it.
        pub is_echo: bool,
        /// In an echo: the app that sent it. Absent if a person did, in Meta's own apps.
        pub app_id: Option<AppId> => as_number,
        /// In an echo: what its sender attached to it for itself.
        pub metadata: Option<String>,
        /// Whether the person has deleted the message.
        pub is_deleted: bool,
        /// Whether the message is of a kind the platform does not pass on.
        pub is_unsupported: bool,
    }
}

wire_object! {
    /// The quick reply a person tapped.
    ///
    /// ```json
    /// {"payload":"PICK_RED"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::QuickReplyChoice;
    ///
    /// let choice: QuickReplyChoice = serde_json::from_str(r#"{"payload":"PICK_RED"}"#)?;
    /// assert_eq!(choice.payload.as_deref(), Some("PICK_RED"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct QuickReplyChoice {
        /// What the bot had put into the quick reply.
        pub payload: Option<String>,
    }
}

wire_object! {
    /// What a message answers: another message, or a story of the account.
    ///
    /// ```json
    /// {"mid":"m_prev","is_self_reply":false}
    /// ```
    /// ```json
    /// {"story":{"url":"https://cdn.example/s","id":"17895"}}
    /// ```
    ///
    /// ```
    /// use handover_protocol::ReplyTo;
    ///
    /// let reply_to: ReplyTo = serde_json::from_str(r#"{"story":{"id":"17895"}}"#)?;
    /// assert_eq!(reply_to.story.unwrap().id.as_deref(), Some("17895"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct ReplyTo {
        /// The message that is answered.
        pub mid: Option<String>,
        /// The story that is answered (Instagram).
        pub story: Option<Story>,
        /// Whether the author answers themselves.
        pub is_self_reply: Option<bool>,
    }
}

wire_object! {
    /// A story of an Instagram account.
    ///
    /// ```json
    /// {"url":"https://cdn.example/s","id":"17895"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::Story;
    ///
    /// let story: Story = serde_json::from_str(r#"{"url":"https://cdn.example/s"}"#)?;
    /// assert_eq!(story.url.as_deref(), Some("https://cdn.example/s"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Story {
        /// Where it can be seen, for 24 hours.
        pub url: Option<String>,
        /// The id of the story.
        pub id: Option<String>,
    }
}
