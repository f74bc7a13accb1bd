//! How a person came into a thread.

use serde_json::Value;

use crate::lenient::wire_object;

wire_object! {
    /// How a person came into a thread: by a link, an ad, a product, a plugin.
    ///
    /// ```json
    /// {"ref":"spring","source":"ADS","type":"OPEN_THREAD","ad_id":"6045246247433",
    ///  "ads_context_data":{"ad_title":"Hats","post_id":"1_2"}}
    /// ```
    /// ```json
    /// {"product":{"id":"4711"}}
    /// ```
    ///
    /// ```
    /// use handover_protocol::Referral;
    ///
    /// let referral: Referral = serde_json::from_str(r#"{"ref":"spring","source":"SHORTLINK"}"#)?;
    /// assert_eq!(referral.ref_.as_deref(), Some("spring"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Referral {
        /// `ref`: what the business had put into the link.
        pub ref_: Option<String> as "ref",
        /// `SHORTLINK`, `ADS`, `MESSENGER_CODE`, `DISCOVER_TAB`, `CUSTOMER_CHAT_PLUGIN`, …
        pub source: Option<String>,
        /// `type`: `OPEN_THREAD`; `LEAD_COMPLETE` or `LEAD_INCOMPLETE` after a Lead Ad.
        pub kind: Option<String> as "type",
        /// The ad that was clicked.
        pub ad_id: Option<String>,
        /// The web page a plugin was on.
        pub referer_uri: Option<String>,
        /// The product the person was looking at.
        pub product: Option<Value>,
        /// Title, picture and post of the ad.
        pub ads_context_data: Option<Value>,
    }
}
