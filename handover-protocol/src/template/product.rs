//! Products of the shop.

use crate::lenient::{always, wire_object};
use crate::limit::{Limit, checked};

wire_object! {
    /// Products of the shop, side by side.
    ///
    /// ```json
    /// {"elements":[{"id":"4711"},{"id":"4712"}]}
    /// ```
    ///
    /// ```
    /// use handover_protocol::ProductTemplate;
    ///
    /// let hats = ProductTemplate::new(["4711", "4712"]);
    /// assert_eq!(serde_json::to_string(&hats)?, r#"{"elements":[{"id":"4711"},{"id":"4712"}]}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// Limit: [`PRODUCTS`](crate::limits::PRODUCTS).
    pub struct ProductTemplate {
        /// One to ten products.
        pub elements: Vec<ProductElement> => always,
    }
}

wire_object! {
    /// A product of the shop.
    ///
    /// ```json
    /// {"id":"4711"}
    /// ```
    pub struct ProductElement {
        /// The id of the product in the catalogue.
        pub id: String => always,
    }
}

impl ProductTemplate {
    /// The products with these ids.
    pub fn new<I: Into<String>>(ids: impl IntoIterator<Item = I>) -> Self {
        let element = |id: I| ProductElement {
            id: id.into(),
            ..Default::default()
        };
        Self {
            elements: ids.into_iter().map(element).collect(),
            ..Self::default()
        }
    }
}

checked!(ProductTemplate: |template| { Limit::Products.count("elements", &template.elements) });
