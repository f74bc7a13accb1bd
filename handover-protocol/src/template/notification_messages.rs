//! Requests to be allowed marketing messages.

use crate::LimitExceeded;
use crate::builder::setters;
use crate::lenient::wire_object;

wire_object! {
    /// A request to be allowed marketing messages. Consent comes as an [`Optin`](crate::Optin).
    ///
    /// ```json
    /// {"title":"Offers","image_url":"https://example.com/hat.png","payload":"P",
    ///  "notification_messages_frequency":"WEEKLY","notification_messages_timezone":"UTC",
    ///  "notification_messages_cta_text":"SIGN_UP"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::NotificationMessagesTemplate;
    ///
    /// let request = NotificationMessagesTemplate::new("OFFERS").title("Offers");
    /// assert_eq!(request.payload.as_deref(), Some("OFFERS"));
    /// ```
    pub struct NotificationMessagesTemplate {
        /// Topic of the messages.
        pub title: Option<String>,
        /// A picture.
        pub image_url: Option<String>,
        /// Payload.
        pub payload: Option<String>,
        /// Frequency of the messages, such as `WEEKLY`.
        pub notification_messages_frequency: Option<String>,
        /// The time zone of the messages.
        pub notification_messages_timezone: Option<String>,
        /// Kind of button, such as `SIGN_UP`.
        pub notification_messages_cta_text: Option<String>,
    }
}

impl NotificationMessagesTemplate {
    /// A request; the payload comes back with the consent.
    pub fn new(payload: impl Into<String>) -> Self {
        Self::default().payload(payload)
    }

    /// The platform documents no limits.
    pub(super) fn check(&self) -> Result<(), LimitExceeded> {
        Ok(())
    }
}

setters! {
    NotificationMessagesTemplate {
        title: String,
        image_url: String,
        payload: String,
        notification_messages_frequency: String,
        notification_messages_timezone: String,
        notification_messages_cta_text: String,
    }
}
