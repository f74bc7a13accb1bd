//! Buttons.

use super::Referral;
use crate::lenient::wire_object;

wire_object! {
    /// A person pressed a button, a menu item or Get Started.
    ///
    /// ```json
    /// {"mid":"m_1","title":"Start","payload":"GET_STARTED","referral":{"ref":"R","source":"SHORTLINK"}}
    /// ```
    ///
    /// Only the app that sent the button gets the payload. On standby there is at most a title.
    ///
    /// ```
    /// use handover_protocol::Postback;
    ///
    /// let postback: Postback = serde_json::from_str(r#"{"payload":"GET_STARTED"}"#)?;
    /// assert_eq!(postback.payload.as_deref(), Some("GET_STARTED"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Postback {
        /// The id under which the platform counts the press as a message.
        pub mid: Option<String>,
        /// The label of the button, in the language of the person.
        pub title: Option<String>,
        /// Payload of the button.
        pub payload: Option<String>,
        /// Referral, if the tap opened the thread.
        pub referral: Option<Referral>,
    }
}
