//! Labels that people put on threads in the inbox.

use crate::lenient::wire_object;
use crate::webhook::Party;

wire_object! {
    /// A label was put on a thread, or taken off it.
    ///
    /// ```json
    /// {"user":{"id":"5794982867201265"},"action":"add","label":{"id":"L","page_label_name":"vip"}}
    /// ```
    ///
    /// ```
    /// use handover_protocol::InboxLabel;
    ///
    /// let change: InboxLabel = serde_json::from_str(
    ///     r#"{"user":{"id":"9"},"action":"add","label":{"id":"L","page_label_name":"vip"}}"#,
    /// )?;
    /// assert_eq!(change.label.unwrap().page_label_name.as_deref(), Some("vip"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct InboxLabel {
        /// The person whose thread it is.
        pub user: Option<Party>,
        /// `add` or `remove`.
        pub action: Option<String>,
        /// The label.
        pub label: Option<PageLabel>,
    }
}

wire_object! {
    /// A label of a Page; also the body of `POST /{page}/custom_labels`, and a row of the list of labels.
    ///
    /// ```json
    /// {"id":"L","page_label_name":"vip"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::PageLabel;
    ///
    /// let new = PageLabel { page_label_name: Some("vip".into()), ..Default::default() };
    /// assert_eq!(serde_json::to_string(&new)?, r#"{"page_label_name":"vip"}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct PageLabel {
        /// The label; absent in a request that makes one.
        pub id: Option<String>,
        /// Its name.
        pub page_label_name: Option<String>,
    }
}
