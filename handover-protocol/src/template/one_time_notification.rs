//! Requests to be allowed one message.

use crate::lenient::{always, wire_object};
use crate::limit::{Limit, checked};

wire_object! {
    /// A request to be allowed one message later (being phased out by Meta). Consent comes as an
    /// [`Optin`](crate::Optin).
    ///
    /// ```json
    /// {"title":"When it is back in stock","payload":"HAT"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::OneTimeNotificationTemplate;
    ///
    /// let request = OneTimeNotificationTemplate::new("When it is back in stock", "HAT");
    /// assert!(request.check().is_ok());
    /// ```
    ///
    /// Limit: [`ONE_TIME_TITLE`](crate::limits::ONE_TIME_TITLE).
    pub struct OneTimeNotificationTemplate {
        /// Topic of the message.
        pub title: String => always,
        /// Payload.
        pub payload: String => always,
    }
}

impl OneTimeNotificationTemplate {
    /// A request for one message about this.
    pub fn new(title: impl Into<String>, payload: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            payload: payload.into(),
            ..Self::default()
        }
    }
}

checked!(OneTimeNotificationTemplate: |request| {
    Limit::OneTimeTitle.characters("title", &request.title)
});
