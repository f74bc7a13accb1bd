//! Addresses, in webhooks and in templates.

use crate::lenient::wire_object;

wire_object! {
    /// An address, in payments and in receipts.
    ///
    /// ```json
    /// {"street_1":"1 Hacker Way","street_2":"","city":"MENLO PARK","state":"CA","country":"US",
    ///  "postal_code":"94025"}
    /// ```
    pub struct PostalAddress {
        /// The first line.
        pub street_1: Option<String>,
        /// The second line.
        pub street_2: Option<String>,
        /// The town.
        pub city: Option<String>,
        /// The postal code.
        pub postal_code: Option<String>,
        /// The state or province, abbreviated.
        pub state: Option<String>,
        /// The country, in two letters.
        pub country: Option<String>,
    }
}
