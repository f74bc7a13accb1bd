//! Accounts of the business that people link to their conversation.

use crate::lenient::wire_object;

wire_object! {
    /// A person linked or unlinked an account of the business.
    ///
    /// ```json
    /// {"status":"linked","authorization_code":"CODE"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::AccountLinking;
    ///
    /// let linking: AccountLinking = serde_json::from_str(r#"{"status":"unlinked"}"#)?;
    /// assert_eq!(linking.status.as_deref(), Some("unlinked"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct AccountLinking {
        /// `linked` or `unlinked`.
        pub status: Option<String>,
        /// The code with which the business knows its customer; only when linked.
        pub authorization_code: Option<String>,
    }
}
