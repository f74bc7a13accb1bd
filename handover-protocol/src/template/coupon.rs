//! Coupons.

use crate::builder::setters;
use crate::lenient::{always, wire_object};
use crate::limit::{Limit, checked, present};

wire_object! {
    /// A coupon, with a code, a link, or both.
    ///
    /// ```json
    /// {"title":"10% off","subtitle":"Today only","coupon_code":"10PERCENT","payload":"P"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::CouponTemplate;
    ///
    /// let coupon = CouponTemplate::new("10% off").coupon_code("10PERCENT");
    /// assert!(coupon.check().is_ok());
    /// ```
    ///
    /// Limits: [`COUPON_TITLE`](crate::limits::COUPON_TITLE),
    /// [`COUPON_SUBTITLE`](crate::limits::COUPON_SUBTITLE).
    pub struct CouponTemplate {
        /// The title.
        pub title: String => always,
        /// Subtitle.
        pub subtitle: Option<String>,
        /// The code.
        pub coupon_code: Option<String>,
        /// Address at which the coupon is valid.
        pub coupon_url: Option<String>,
        /// Title of the button that opens the link.
        pub coupon_url_button_title: Option<String>,
        /// Message before the coupon.
        pub coupon_pre_message: Option<String>,
        /// A picture.
        pub image_url: Option<String>,
        /// Payload of the event when the coupon is opened.
        pub payload: Option<String>,
    }
}

impl CouponTemplate {
    /// A coupon with this title; it needs a code or a link.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }
}

setters! {
    CouponTemplate {
        subtitle: String,
        coupon_code: String,
        coupon_url: String,
        coupon_url_button_title: String,
        coupon_pre_message: String,
        image_url: String,
        payload: String,
    }
}

checked!(CouponTemplate: |coupon| {
    Limit::CouponTitle.characters("title", &coupon.title)?;
    Limit::CouponSubtitle.characters("subtitle", &coupon.subtitle)?;
    let good_for = present(&[coupon.coupon_code.is_some(), coupon.coupon_url.is_some()]);
    Limit::CouponContent.check("content", good_for)
});
