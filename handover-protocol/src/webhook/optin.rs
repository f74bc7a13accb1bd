//! Consent.

use crate::lenient::wire_object;

wire_object! {
    /// A person agreed to be written to, or changed their mind. Tokens are in `extra`.
    ///
    /// ```json
    /// {"ref":"PASS_THROUGH","user_ref":"visitor-17"}
    /// ```
    /// ```json
    /// {"type":"notification_messages","payload":"P","title":"Offers","notification_messages_token":"T"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::Optin;
    ///
    /// let optin: Optin = serde_json::from_str(
    ///     r#"{"type":"one_time_notif_req","payload":"P","one_time_notif_token":"T"}"#,
    /// )?;
    /// assert_eq!(optin.kind.as_deref(), Some("one_time_notif_req"));
    /// assert_eq!(optin.extra["one_time_notif_token"], "T");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Optin {
        /// `type`: `one_time_notif_req`, `notification_messages`; absent for plugins.
        pub kind: Option<String> as "type",
        /// `ref`: what the business had put into the plugin.
        pub ref_: Option<String> as "ref",
        /// The visitor of a website, who has no id yet.
        pub user_ref: Option<String>,
        /// What the bot had put into the request.
        pub payload: Option<String>,
        /// What the person agreed to.
        pub title: Option<String>,
    }
}
