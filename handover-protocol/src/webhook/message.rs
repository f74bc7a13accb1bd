//! Messages and echoes.

use serde_json::{Map, Value};

use super::{Attachment, Referral};
use crate::AppId;
use crate::lenient::{as_decimal, as_number, wire_object};

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
    /// unsupported messages).
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
        /// Message or story that it replies to.
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
        /// The commands of the bot that the text contains.
        pub commands: Vec<InvokedCommand>,
        /// Results of Meta's natural language processing, if it is on.
        pub nlp: Option<Box<Nlp>>,
        /// A system message about the conversation; such a message has no id.
        pub admin_text: Option<String>,
        /// Whether Meta's own AI wrote it, in the name of the account.
        pub ai_generated: bool,
        /// Whether an Instagram account wrote it to itself.
        pub is_self: bool,
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
        /// Payload of the quick reply.
        pub payload: Option<String>,
    }
}

wire_object! {
    /// Target of a reply: another message, or a story of the account.
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
        /// Address of the story, valid for 24 hours.
        pub url: Option<String>,
        /// The id of the story.
        pub id: Option<String>,
    }
}

wire_object! {
    /// A command of the bot that a person used in a message.
    ///
    /// ```json
    /// {"name":"flights"}
    /// ```
    pub struct InvokedCommand {
        /// The name of the command, without a slash.
        pub name: Option<String>,
    }
}

wire_object! {
    /// Results of Meta's natural language processing.
    ///
    /// ```json
    /// {"entities":{},"traits":{},"detected_locales":[{"locale":"en_XX","confidence":0.9}]}
    /// ```
    ///
    /// ```
    /// use handover_protocol::Message;
    ///
    /// let message: Message = serde_json::from_str(
    ///     r#"{"text":"hi","nlp":{"detected_locales":[{"locale":"en_XX","confidence":0.9}]}}"#,
    /// )?;
    /// let locale = &message.nlp.unwrap().detected_locales[0];
    /// assert_eq!(locale.locale.as_deref(), Some("en_XX"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Nlp {
        /// Things that are mentioned, by kind; as the language model prints them.
        pub entities: Option<Map<String, Value>>,
        /// Traits of the text, by kind, as the language model writes them.
        pub traits: Option<Map<String, Value>>,
        /// The languages it may be in.
        pub detected_locales: Vec<DetectedLocale>,
    }
}

wire_object! {
    /// A language that a text may be in.
    ///
    /// ```json
    /// {"locale":"en_XX","confidence":0.9}
    /// ```
    pub struct DetectedLocale {
        /// The language, such as `en_XX`.
        pub locale: Option<String>,
        /// Confidence, from 0 to 1.
        pub confidence: Option<f64> => as_decimal,
    }
}
