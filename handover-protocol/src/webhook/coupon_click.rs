//! Coupons that were opened.

use crate::lenient::wire_object;

wire_object! {
    /// A person opened a coupon. The key of the event is `template`.
    ///
    /// ```json
    /// {"type":"coupon","payload":"P","coupon_code":"10PERCENT"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::CouponClick;
    ///
    /// let click: CouponClick =
    ///     serde_json::from_str(r#"{"type":"coupon","coupon_code":"10PERCENT"}"#)?;
    /// assert_eq!(click.coupon_code.as_deref(), Some("10PERCENT"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct CouponClick {
        /// `type`: `coupon`.
        pub kind: Option<String> as "type",
        /// Payload of the template.
        pub payload: Option<String>,
        /// The code of the coupon.
        pub coupon_code: Option<String>,
    }
}
