//! Referrals into a thread.

use crate::lenient::wire_object;

wire_object! {
    /// Referral of a person into a thread: by a link, an ad, a product, a plugin.
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
        /// Whether the person is not logged in (plugins).
        pub is_guest_user: Option<bool>,
        /// The product the person was looking at.
        pub product: Option<ReferredProduct>,
        /// Content of the ad.
        pub ads_context_data: Option<Box<AdContext>>,
    }
}

wire_object! {
    /// The product a person was looking at.
    ///
    /// ```json
    /// {"id":"4711"}
    /// ```
    pub struct ReferredProduct {
        /// The product.
        pub id: Option<String>,
    }
}

wire_object! {
    /// Content of the ad that brought a person here.
    ///
    /// ```json
    /// {"ad_title":"Hats","photo_url":"https://p.example","video_url":"https://v.example",
    ///  "post_id":"1_2","product_id":"3","flow_id":"4"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::Referral;
    ///
    /// let referral: Referral =
    ///     serde_json::from_str(r#"{"source":"ADS","ads_context_data":{"ad_title":"Hats"}}"#)?;
    /// assert_eq!(referral.ads_context_data.unwrap().ad_title.as_deref(), Some("Hats"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct AdContext {
        /// The title of the ad.
        pub ad_title: Option<String>,
        /// The picture of the ad.
        pub photo_url: Option<String>,
        /// The film of the ad.
        pub video_url: Option<String>,
        /// The post that is advertised.
        pub post_id: Option<String>,
        /// The product that is advertised.
        pub product_id: Option<String>,
        /// The flow of messages the ad belongs to.
        pub flow_id: Option<String>,
    }
}
