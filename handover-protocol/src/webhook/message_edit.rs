//! Messages that were edited.

use crate::lenient::wire_object;

wire_object! {
    /// A person edited a message; the platform allows it five times.
    ///
    /// ```json
    /// {"mid":"m_1","text":"new text","num_edit":1}
    /// ```
    ///
    /// ```
    /// use handover_protocol::MessageEdit;
    ///
    /// let edit: MessageEdit = serde_json::from_str(r#"{"mid":"m_1","num_edit":"2"}"#)?;
    /// assert_eq!(edit.num_edit, Some(2));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct MessageEdit {
        /// The message.
        pub mid: Option<String>,
        /// The new text.
        pub text: Option<String>,
        /// Number of edits.
        pub num_edit: Option<u32>,
    }
}

impl MessageEdit {
    /// Whether something was edited. Instagram sends one with `num_edit` 0 beside many a new message.
    #[must_use]
    pub fn is_edit(&self) -> bool {
        self.num_edit != Some(0)
    }
}
