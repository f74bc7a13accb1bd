//! Receipts.

use crate::builder::setters;
use crate::lenient::{always, always_as_decimal, as_decimal, as_seconds_text, wire_object};
use crate::limit::{Limit, checked};
use crate::{PostalAddress, Timestamp};

wire_object! {
    /// A receipt.
    ///
    /// ```json
    /// {"recipient_name":"Ana Lopez","order_number":"12345678902","currency":"USD",
    ///  "payment_method":"Visa 2345","summary":{"total_cost":56.14}}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{ReceiptElement, ReceiptSummary, ReceiptTemplate};
    ///
    /// let receipt = ReceiptTemplate {
    ///     recipient_name: "Ana Lopez".into(),
    ///     order_number: "12345678902".into(),
    ///     currency: "USD".into(),
    ///     payment_method: "Visa 2345".into(),
    ///     summary: ReceiptSummary { total_cost: 56.14, ..Default::default() },
    ///     elements: vec![ReceiptElement::new("Hat", 56.14)],
    ///     ..Default::default()
    /// };
    /// assert!(receipt.check().is_ok());
    /// ```
    ///
    /// Limit: [`RECEIPT_ELEMENTS`](crate::limits::RECEIPT_ELEMENTS).
    pub struct ReceiptTemplate {
        /// Buyer.
        pub recipient_name: String => always,
        /// Seller, if not the Page.
        pub merchant_name: Option<String>,
        /// The order; no two receipts have the same.
        pub order_number: String => always,
        /// The currency, such as `USD`.
        pub currency: String => always,
        /// Payment method, such as `Visa 2345`.
        pub payment_method: String => always,
        /// Address of the order.
        pub order_url: Option<String>,
        /// Time of the order.
        pub timestamp: Option<Timestamp> => as_seconds_text,
        /// Shipping address.
        pub address: Option<PostalAddress>,
        /// The sums.
        pub summary: ReceiptSummary => always,
        /// Discounts and the like.
        pub adjustments: Vec<ReceiptAdjustment>,
        /// Items.
        pub elements: Vec<ReceiptElement>,
        /// Whether people may share it.
        pub sharable: Option<bool>,
    }
}

wire_object! {
    /// The sums of a receipt.
    ///
    /// ```json
    /// {"subtotal":75.5,"shipping_cost":4.95,"total_tax":6.19,"total_cost":56.14}
    /// ```
    pub struct ReceiptSummary {
        /// Before anything else.
        pub subtotal: Option<f64> => as_decimal,
        /// Shipping cost.
        pub shipping_cost: Option<f64> => as_decimal,
        /// Taxes.
        pub total_tax: Option<f64> => as_decimal,
        /// In the end.
        pub total_cost: f64 => always_as_decimal,
    }
}

wire_object! {
    /// A discount, or something else that changes what is paid.
    ///
    /// ```json
    /// {"name":"New customer","amount":20.5}
    /// ```
    pub struct ReceiptAdjustment {
        /// Reason.
        pub name: Option<String>,
        /// Amount.
        pub amount: Option<f64> => as_decimal,
    }
}

wire_object! {
    /// A row of a receipt.
    ///
    /// ```json
    /// {"title":"Hat","subtitle":"Soft","quantity":2,"price":50.5,"currency":"USD",
    ///  "image_url":"https://example.com/hat.png"}
    /// ```
    pub struct ReceiptElement {
        /// Name of the item.
        pub title: String => always,
        /// More about it.
        pub subtitle: Option<String>,
        /// Quantity.
        pub quantity: Option<u32>,
        /// Price.
        pub price: f64 => always_as_decimal,
        /// The currency, such as `USD`.
        pub currency: Option<String>,
        /// A picture.
        pub image_url: Option<String>,
    }
}

impl ReceiptElement {
    /// Something that was bought, and its price.
    pub fn new(title: impl Into<String>, price: f64) -> Self {
        Self {
            title: title.into(),
            price,
            ..Self::default()
        }
    }
}

setters! {
    ReceiptElement {
        subtitle: String,
        quantity: u32,
        currency: String,
        image_url: String,
    }
}

checked!(ReceiptTemplate: |receipt| {
    Limit::ReceiptElements.count("elements", &receipt.elements)
});
