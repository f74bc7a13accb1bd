//! Lead forms.

use crate::LimitExceeded;
use crate::lenient::{always, wire_object};

wire_object! {
    /// A lead form in the conversation. When it is submitted, a [`LeadForm`](crate::LeadForm) comes.
    ///
    /// ```json
    /// {"form_id":"FORM_ID"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{InstantFormTemplate, OutgoingMessage};
    ///
    /// let message = OutgoingMessage::template(InstantFormTemplate::new("FORM_ID"));
    /// assert_eq!(message.attachment.unwrap().payload.template().unwrap().kind(), "instant_form");
    /// ```
    pub struct InstantFormTemplate {
        /// The form.
        pub form_id: String => always,
    }
}

impl InstantFormTemplate {
    /// The form with this id.
    pub fn new(form_id: impl Into<String>) -> Self {
        Self {
            form_id: form_id.into(),
            ..Self::default()
        }
    }

    /// The platform documents no limits.
    pub(super) fn check(&self) -> Result<(), LimitExceeded> {
        Ok(())
    }
}
