//! Reactions of the bot, and what it answers.

use crate::lenient::wire_object;

wire_object! {
    /// To what a bot reacts, and how; goes with
    /// [`SenderAction::React`](crate::SenderAction::React) and
    /// [`Unreact`](crate::SenderAction::Unreact).
    ///
    /// ```json
    /// {"message_id":"m_1","reaction":"❤️"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{ReactionTarget, Recipient, SendRequest, SenderAction};
    ///
    /// let request = SendRequest {
    ///     recipient: Recipient::id("5794982867201265"),
    ///     sender_action: Some(SenderAction::React),
    ///     payload: Some(ReactionTarget::new("m_1", "❤️")),
    ///     ..Default::default()
    /// };
    /// # assert!(serde_json::to_string(&request).unwrap().contains(r#""payload":{"message_id":"m_1""#));
    /// ```
    pub struct ReactionTarget {
        /// The message.
        pub message_id: Option<String>,
        /// An emoji; on Instagram the word `love`. Absent when it is taken back.
        pub reaction: Option<String>,
    }
}

impl ReactionTarget {
    /// A reaction to a message.
    pub fn new(message_id: impl Into<String>, reaction: impl Into<String>) -> Self {
        Self {
            message_id: Some(message_id.into()),
            reaction: Some(reaction.into()),
            ..Self::default()
        }
    }
}

wire_object! {
    /// The message that a bot answers.
    ///
    /// ```json
    /// {"mid":"m_1"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::ReplyTarget;
    ///
    /// assert_eq!(serde_json::to_string(&ReplyTarget::new("m_1"))?, r#"{"mid":"m_1"}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct ReplyTarget {
        /// The message.
        pub mid: Option<String>,
    }
}

impl ReplyTarget {
    /// An answer to this message.
    pub fn new(mid: impl Into<String>) -> Self {
        Self {
            mid: Some(mid.into()),
            ..Self::default()
        }
    }
}
