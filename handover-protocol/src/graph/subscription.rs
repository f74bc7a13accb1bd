//! Which webhooks are sent where.

use crate::lenient::wire_object;

wire_object! {
    /// The subscription of an app to a product: the body of `POST /{app}/subscriptions`, and a row
    /// of `GET /{app}/subscriptions`.
    ///
    /// ```json
    /// {"object":"page","callback_url":"https://example.com/webhook","active":true,
    ///  "fields":[{"name":"messages","version":"v26.0"}]}
    /// ```
    ///
    /// ```
    /// use handover_protocol::AppSubscription;
    ///
    /// let row: AppSubscription = serde_json::from_str(
    ///     r#"{"object":"page","fields":[{"name":"messages","version":"v26.0"}]}"#,
    /// )?;
    /// assert_eq!(row.fields[0].name.as_deref(), Some("messages"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct AppSubscription {
        /// The product: `page` or `instagram`.
        pub object: Option<crate::Object>,
        /// Callback URL.
        pub callback_url: Option<String>,
        /// Whether it is in force.
        pub active: Option<bool>,
        /// The fields.
        pub fields: Vec<SubscribedField>,
    }
}

impl AppSubscription {
    /// The names of the fields. Old versions of the API give names where newer ones give objects.
    ///
    /// ```
    /// use handover_protocol::AppSubscription;
    ///
    /// let old: AppSubscription = serde_json::from_str(r#"{"fields":["messages"]}"#)?;
    /// assert_eq!(old.field_names().collect::<Vec<_>>(), ["messages"]);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn field_names(&self) -> impl Iterator<Item = &str> {
        let names = self.extra.get("fields").and_then(|names| names.as_array());
        let names = names.into_iter().flatten().filter_map(|name| name.as_str());
        let fields = self.fields.iter().filter_map(|field| field.name.as_deref());
        fields.chain(names)
    }
}

wire_object! {
    /// A field of an [`AppSubscription`].
    ///
    /// ```json
    /// {"name":"messages","version":"v26.0"}
    /// ```
    pub struct SubscribedField {
        /// The field, such as `messages`.
        pub name: Option<String>,
        /// The version of the API whose shapes are sent.
        pub version: Option<String>,
    }
}

wire_object! {
    /// An app that is subscribed to a Page: a row of `GET /{page}/subscribed_apps`.
    ///
    /// ```json
    /// {"category":"Business","link":"https://example.com","name":"Hat bot","id":"2262510160704936",
    ///  "subscribed_fields":["messages"]}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{Listing, SubscribedApp};
    ///
    /// let apps: Listing<SubscribedApp> = serde_json::from_str(
    ///     r#"{"data":[{"id":"2262510160704936","subscribed_fields":["messages"]}]}"#,
    /// )?;
    /// assert_eq!(apps.data[0].subscribed_fields, ["messages"]);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct SubscribedApp {
        /// Category of the app.
        pub category: Option<String>,
        /// The page of the app.
        pub link: Option<String>,
        /// The name of the app.
        pub name: Option<String>,
        /// The app.
        pub id: Option<crate::AppId>,
        /// The fields it is subscribed to. `POST` replaces all of them.
        pub subscribed_fields: Vec<String>,
    }
}
