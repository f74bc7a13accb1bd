//! Templates that the platform approves.

use crate::lenient::wire_object;

wire_object! {
    /// The answer to `POST /{page}/message_templates`, which makes a template for utility messages.
    ///
    /// ```json
    /// {"id":"572279198452421","status":"PENDING","category":"UTILITY"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::MessageTemplate;
    ///
    /// let template: MessageTemplate =
    ///     serde_json::from_str(r#"{"id":"572279198452421","status":"PENDING"}"#)?;
    /// assert_eq!(template.status.as_deref(), Some("PENDING"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct MessageTemplate {
        /// The template.
        pub id: Option<String>,
        /// Status of the approval.
        pub status: Option<String>,
        /// Category.
        pub category: Option<String>,
    }
}
