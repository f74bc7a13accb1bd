//! Shopping carts.

use crate::lenient::{as_decimal, as_number, wire_object};

wire_object! {
    /// A person sent their shopping cart (field `send_cart`).
    ///
    /// ```json
    /// {"products":[{"id":123,"retailer_id":"sku","name":"Hat","unit_price":10.5,"currency":"USD",
    ///  "quantity":2}],"note":"gift"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::Order;
    ///
    /// let order: Order = serde_json::from_str(
    ///     r#"{"products":[{"id":123,"name":"Hat","unit_price":10.5,"quantity":2}],"note":"gift"}"#,
    /// )?;
    /// assert_eq!(order.products[0].quantity, Some(2));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Order {
        /// Products in the cart.
        pub products: Vec<OrderedProduct>,
        /// Note of the person.
        pub note: Option<String>,
    }
}

wire_object! {
    /// One row of a shopping cart.
    ///
    /// ```json
    /// {"id":123,"retailer_id":"sku","name":"Hat","unit_price":10.5,"currency":"USD","quantity":2}
    /// ```
    pub struct OrderedProduct {
        /// The id of the product at Meta.
        pub id: Option<String> => as_number,
        /// The id of the product at the business.
        pub retailer_id: Option<String>,
        /// The name of the product.
        pub name: Option<String>,
        /// Unit price.
        pub unit_price: Option<f64> => as_decimal,
        /// The currency of the price, such as `USD`.
        pub currency: Option<String>,
        /// Quantity.
        pub quantity: Option<u32>,
    }
}
