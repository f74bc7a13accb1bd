//! Lead forms inside the conversation.

use crate::lenient::wire_object;

wire_object! {
    /// A person submitted an in-thread lead form. The key of the event is `form`.
    ///
    /// ```json
    /// {"id":"FORM_ID"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::LeadForm;
    ///
    /// let form: LeadForm = serde_json::from_str(r#"{"id":"FORM_ID"}"#)?;
    /// assert_eq!(form.id.as_deref(), Some("FORM_ID"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct LeadForm {
        /// The form.
        pub id: Option<String>,
    }
}
