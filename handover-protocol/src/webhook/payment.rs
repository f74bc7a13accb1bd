//! Payments inside Messenger, which Meta has retired.

use crate::lenient::{as_number, wire_object};

use crate::PostalAddress;

wire_object! {
    /// A person paid (retired by Meta).
    ///
    /// ```json
    /// {"payload":"P","requested_user_info":{"contact_name":"Peter Chang"},
    ///  "payment_credential":{"provider_type":"stripe","charge_id":"ch_1","fb_payment_id":"123"},
    ///  "amount":{"currency":"USD","amount":"29.62"},"shipping_option_id":"123"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::Payment;
    ///
    /// let payment: Payment =
    ///     serde_json::from_str(r#"{"amount":{"currency":"USD","amount":"29.62"}}"#)?;
    /// assert_eq!(payment.amount.unwrap().amount.as_deref(), Some("29.62"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Payment {
        /// Payload of the button.
        pub payload: Option<String>,
        /// Requested data of the person.
        pub requested_user_info: Option<RequestedUserInfo>,
        /// Payment method.
        pub payment_credential: Option<PaymentCredential>,
        /// Amount.
        pub amount: Option<PaymentAmount>,
        /// Shipping option.
        pub shipping_option_id: Option<String>,
    }
}

wire_object! {
    /// A person is about to pay (retired by Meta).
    ///
    /// ```json
    /// {"payload":"P","requested_user_info":{"contact_name":"Peter Chang"},
    ///  "amount":{"currency":"USD","amount":"2.70"}}
    /// ```
    pub struct PreCheckout {
        /// Payload of the button.
        pub payload: Option<String>,
        /// Requested data of the person.
        pub requested_user_info: Option<RequestedUserInfo>,
        /// Amount.
        pub amount: Option<PaymentAmount>,
    }
}

wire_object! {
    /// A person chose where to send what they buy (retired by Meta).
    ///
    /// ```json
    /// {"payload":"P","shipping_address":{"id":10105655000959552,"country":"US","city":"MENLO PARK",
    ///  "street1":"1 Hacker Way","street2":"","state":"CA","postal_code":"94025"}}
    /// ```
    pub struct CheckoutUpdate {
        /// Payload of the button.
        pub payload: Option<String>,
        /// Shipping address.
        pub shipping_address: Option<CheckoutAddress>,
    }
}

wire_object! {
    /// Data that a person entered when paying.
    ///
    /// ```json
    /// {"shipping_address":{"street_1":"1 Hacker Way","city":"MENLO PARK"},"contact_name":"Peter Chang"}
    /// ```
    pub struct RequestedUserInfo {
        /// Shipping address.
        pub shipping_address: Option<PostalAddress>,
        /// The name.
        pub contact_name: Option<String>,
    }
}

wire_object! {
    /// An address that a person has stored; spelt otherwise than a [`PostalAddress`].
    ///
    /// ```json
    /// {"id":10105655000959552,"country":"US","city":"MENLO PARK","street1":"1 Hacker Way",
    ///  "street2":"","state":"CA","postal_code":"94025"}
    /// ```
    pub struct CheckoutAddress {
        /// The id of the address.
        pub id: Option<String> => as_number,
        /// The country, in two letters.
        pub country: Option<String>,
        /// The town.
        pub city: Option<String>,
        /// The first line.
        pub street1: Option<String>,
        /// The second line.
        pub street2: Option<String>,
        /// The state or province, abbreviated.
        pub state: Option<String>,
        /// The postal code.
        pub postal_code: Option<String>,
    }
}

wire_object! {
    /// Payment method of a person.
    ///
    /// ```json
    /// {"provider_type":"stripe","charge_id":"ch_1","fb_payment_id":"123"}
    /// ```
    pub struct PaymentCredential {
        /// The payment service, such as `stripe`.
        pub provider_type: Option<String>,
        /// The id of the charge at that service.
        pub charge_id: Option<String>,
        /// The id of the payment at Meta.
        pub fb_payment_id: Option<String>,
    }
}

wire_object! {
    /// Amount of a payment.
    ///
    /// ```json
    /// {"currency":"USD","amount":"29.62"}
    /// ```
    pub struct PaymentAmount {
        /// The currency, such as `USD`.
        pub currency: Option<String>,
        /// The amount, in decimal.
        pub amount: Option<String>,
    }
}
