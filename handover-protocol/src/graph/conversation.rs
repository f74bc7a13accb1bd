//! Conversations, as the platform keeps them.

use crate::PersonId;
use crate::lenient::wire_object;

use super::Listing;

wire_object! {
    /// A conversation: a row of `GET /{account}/conversations`, and the answer to `GET /{conversation}`.
    ///
    /// ```json
    /// {"id":"t_1","updated_time":"2022-07-12T19:11:07+0000","is_owner":true,
    ///  "messages":{"data":[{"id":"m_1","created_time":"2022-07-12T19:11:07+0000"}]}}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{Conversation, Listing};
    ///
    /// let conversations: Listing<Conversation> = serde_json::from_str(
    ///     r#"{"data":[{"id":"t_1","updated_time":"2022-07-12T19:11:07+0000"}]}"#,
    /// )?;
    /// assert_eq!(conversations.data[0].id.as_deref(), Some("t_1"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Conversation {
        /// The conversation.
        pub id: Option<String>,
        /// Time of the last change, in ISO 8601.
        pub updated_time: Option<String>,
        /// Whether the app that asks owns it; with Conversation Routing only.
        pub is_owner: Option<bool>,
        /// Participants.
        pub participants: Option<Participants>,
        /// The messages, newest first. Only the newest 20 can be looked up.
        pub messages: Option<Listing<ConversationMessage>>,
    }
}

wire_object! {
    /// Participants of a conversation.
    ///
    /// ```json
    /// {"data":[{"id":"5794982867201265","name":"Ana"}]}
    /// ```
    pub struct Participants {
        /// The person and the account.
        pub data: Vec<ConversationParty>,
    }
}

wire_object! {
    /// A message of a conversation: the answer to `GET /{message}`.
    ///
    /// ```json
    /// {"id":"m_1","created_time":"2022-07-12T19:11:07+0000","from":{"id":"9","name":"Ana"},
    ///  "to":{"data":[{"id":"7","name":"Hats"}]},"message":"hello"}
    /// ```
    pub struct ConversationMessage {
        /// The message.
        pub id: Option<String>,
        /// Time of the message, in ISO 8601.
        pub created_time: Option<String>,
        /// Author.
        pub from: Option<ConversationParty>,
        /// The recipients.
        pub to: Option<Participants>,
        /// The words.
        pub message: Option<String>,
        /// Message that it replies to.
        pub reply_to: Option<crate::ReplyTo>,
    }
}

wire_object! {
    /// One who takes part in a conversation.
    ///
    /// ```json
    /// {"id":"5794982867201265","name":"Ana"}
    /// ```
    pub struct ConversationParty {
        /// The id of the person, or of the account.
        pub id: Option<PersonId>,
        /// The name.
        pub name: Option<String>,
        /// The name of the account (Instagram).
        pub username: Option<String>,
        /// An address by which Facebook knows the person.
        pub email: Option<String>,
    }
}
