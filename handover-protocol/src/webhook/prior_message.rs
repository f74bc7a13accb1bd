//! Origin of a conversation, in older bodies.

use crate::lenient::wire_object;

wire_object! {
    /// Opt-in of a person before this message (older bodies).
    ///
    /// ```json
    /// {"source":"checkbox_plugin","identifier":"visitor-17"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::Event;
    ///
    /// let event: Event = serde_json::from_str(
    ///     r#"{"message":{"text":"hi"},"prior_message":{"source":"checkbox_plugin"}}"#,
    /// )?;
    /// assert_eq!(event.prior_message().unwrap().source.as_deref(), Some("checkbox_plugin"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct PriorMessage {
        /// The plugin, such as `checkbox_plugin`.
        pub source: Option<String>,
        /// The visitor's `user_ref` in the plugin.
        pub identifier: Option<String>,
    }
}
