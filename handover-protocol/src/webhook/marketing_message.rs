//! Events of marketing messages.

use crate::lenient::{as_number, wire_object};
use crate::{AccountId, AppId, PersonId};

wire_object! {
    /// A marketing message was sent, delivered, read or clicked, as `field` says. Its fields are those of
    /// the item itself, not under a key.
    ///
    /// ```json
    /// {"field":"marketing_message_deliveries","recipient_id":123,"page_id":140,"app_id":12,
    ///  "timestamp":1758692752478,"mid":"m_1","marketing_message_tracking_id":"98ecd977",
    ///  "messenger_subscription_token":"123","message_id":"124"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{Event, EventBody};
    ///
    /// let event: Event =
    ///     serde_json::from_str(r#"{"field":"marketing_message_reads","recipient_id":123}"#)?;
    /// assert_eq!(event.body.kind(), "marketing_message_reads");
    /// let EventBody::MarketingMessage(read) = event.body else { unreachable!() };
    /// assert_eq!(read.recipient_id.unwrap(), "123");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct MarketingMessage {
        /// What happened: `marketing_message_deliveries`, `…_delivery_failed`, `…_reads`, `…_clicks`
        /// or `…_echoes`.
        pub field: String,
        /// The person; absent for a custom audience.
        pub recipient_id: Option<PersonId> => as_number,
        /// The Page.
        pub page_id: Option<AccountId> => as_number,
        /// The app that sent the message.
        pub app_id: Option<AppId> => as_number,
        /// The id of the message in the thread; absent for a custom audience.
        pub mid: Option<String>,
        /// The id under which the message is tracked.
        pub marketing_message_tracking_id: Option<String>,
        /// The subscription it was sent for.
        pub messenger_subscription_token: Option<String>,
        /// The id of the marketing message.
        pub message_id: Option<String>,
    }
}
