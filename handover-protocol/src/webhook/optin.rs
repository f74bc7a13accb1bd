//! Consent.

use crate::Timestamp;
use crate::lenient::wire_object;

wire_object! {
    /// A person agreed to be written to, or changed their mind.
    ///
    /// ```json
    /// {"ref":"PASS_THROUGH","user_ref":"visitor-17"}
    /// ```
    /// ```json
    /// {"type":"notification_messages","payload":"P","title":"Offers","notification_messages_token":"T",
    ///  "notification_messages_frequency":"WEEKLY","notification_messages_timezone":"UTC",
    ///  "token_expiry_timestamp":2145916800000,"user_token_status":"REFRESHED"}
    /// ```
    /// ```json
    /// {"type":"notification_messages","notification_messages_token":"T",
    ///  "notification_messages_status":"STOP NOTIFICATIONS"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::Optin;
    ///
    /// let optin: Optin = serde_json::from_str(
    ///     r#"{"type":"one_time_notif_req","payload":"P","one_time_notif_token":"T"}"#,
    /// )?;
    /// assert_eq!(optin.kind.as_deref(), Some("one_time_notif_req"));
    /// assert_eq!(optin.one_time_notif_token.as_deref(), Some("T"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Optin {
        /// `type`: `one_time_notif_req`, `notification_messages`; absent for plugins.
        pub kind: Option<String> as "type",
        /// `ref`: what the business had put into the plugin.
        pub ref_: Option<String> as "ref",
        /// The visitor of a website, who has no id yet.
        pub user_ref: Option<String>,
        /// Payload of the request.
        pub payload: Option<String>,
        /// Kind of opt-in.
        pub title: Option<String>,
        /// Plugin in which the person opted in.
        pub source: Option<String>,
        /// The token that is good for one message.
        pub one_time_notif_token: Option<String>,
        /// The token that is good for marketing messages.
        pub notification_messages_token: Option<String>,
        /// Frequency of messages, such as `WEEKLY`.
        pub notification_messages_frequency: Option<String>,
        /// The time zone of the person.
        pub notification_messages_timezone: Option<String>,
        /// Topic of the messages.
        pub notification_messages_topic: Option<String>,
        /// `STOP NOTIFICATIONS` or `RESUME NOTIFICATIONS`, when the person changed their mind.
        pub notification_messages_status: Option<String>,
        /// Expiry of the token.
        pub token_expiry_timestamp: Option<Timestamp>,
        /// Whether the token was renewed: `REFRESHED` or `NOT_REFRESHED`.
        pub user_token_status: Option<String>,
    }
}

impl Optin {
    /// Whether the person wants no more marketing messages.
    ///
    /// ```
    /// use handover_protocol::Optin;
    ///
    /// let optin: Optin =
    ///     serde_json::from_str(r#"{"notification_messages_status":"STOP NOTIFICATIONS"}"#)?;
    /// assert!(optin.is_stop() && !optin.is_resume());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn is_stop(&self) -> bool {
        self.status_begins_with("STOP")
    }

    /// Whether the person wants marketing messages again.
    pub fn is_resume(&self) -> bool {
        self.status_begins_with("RESUME")
    }

    fn status_begins_with(&self, word: &str) -> bool {
        let status = self.notification_messages_status.as_deref();
        status.is_some_and(|status| status.starts_with(word))
    }
}
