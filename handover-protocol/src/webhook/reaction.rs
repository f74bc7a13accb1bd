//! Reactions to messages.

use crate::lenient::wire_object;

wire_object! {
    /// A person reacted to a message, or took it back.
    ///
    /// ```json
    /// {"reaction":"love","emoji":"❤️","action":"react","mid":"m_1"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::Reaction;
    ///
    /// let reaction: Reaction = serde_json::from_str(r#"{"action":"unreact","mid":"m_1"}"#)?;
    /// assert_eq!(reaction.action.as_deref(), Some("unreact"));
    /// assert_eq!(reaction.emoji, None);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Reaction {
        /// `smile`, `angry`, `sad`, `wow`, `love`, `like`, `dislike`, `laugh`, `other`.
        pub reaction: Option<String>,
        /// The reaction as an emoji.
        pub emoji: Option<String>,
        /// `react` or `unreact`.
        pub action: Option<String>,
        /// The message reacted to.
        pub mid: Option<String>,
    }
}
