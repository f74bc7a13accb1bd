//! Several calls in one.

use serde_json::Value;

use crate::lenient::{always, wire_object};
use crate::limit::{Limit, checked};

wire_object! {
    /// The body of a batch: `POST /`.
    ///
    /// ```json
    /// {"batch":[{"method":"POST","relative_url":"v26.0/me/messages","body":"recipient=%7B%7D"}],
    ///  "include_headers":false}
    /// ```
    ///
    /// The answer is a list of `Option<BatchResponse>`, in the order of the items: an item that did
    /// not finish is `null`. The items run side by side, unless one refers to another.
    ///
    /// ```
    /// use handover_protocol::{BatchItem, BatchRequest};
    ///
    /// let batch = BatchRequest {
    ///     batch: vec![BatchItem::get("v26.0/me"); 51],
    ///     ..Default::default()
    /// };
    /// assert!(batch.check().is_err());
    /// ```
    ///
    /// Limit: [`BATCH_ITEMS`](crate::limits::BATCH_ITEMS).
    pub struct BatchRequest {
        /// The calls.
        pub batch: Vec<BatchItem> => always,
        /// Whether the answers have headers; they have if absent.
        pub include_headers: Option<bool>,
    }
}

wire_object! {
    /// A call in a batch.
    ///
    /// ```json
    /// {"method":"POST","relative_url":"v26.0/me/messages","body":"recipient=%7B%7D","name":"first",
    ///  "omit_response_on_success":true,"attached_files":"file1"}
    /// ```
    pub struct BatchItem {
        /// `GET`, `POST` or `DELETE`.
        pub method: String => always,
        /// The path with its query, without a slash before it.
        pub relative_url: String => always,
        /// The parameters, encoded as a form is.
        pub body: Option<String>,
        /// A name by which other items refer to this one: `{result=NAME:$.id}`.
        pub name: Option<String>,
        /// The name of the item that this one depends on.
        pub depends_on: Option<String>,
        /// Whether its answer is left out if it succeeds.
        pub omit_response_on_success: Option<bool>,
        /// The names of the files in the call that belong to it.
        pub attached_files: Option<String>,
        /// An access token for this item alone.
        pub access_token: Option<String>,
    }
}

impl BatchItem {
    /// A call that reads.
    pub fn get(relative_url: impl Into<String>) -> Self {
        Self {
            method: "GET".to_owned(),
            relative_url: relative_url.into(),
            ..Self::default()
        }
    }

    /// A call that changes something, with its parameters encoded as a form is.
    pub fn post(relative_url: impl Into<String>, body: impl Into<String>) -> Self {
        Self {
            method: "POST".to_owned(),
            relative_url: relative_url.into(),
            body: Some(body.into()),
            ..Self::default()
        }
    }
}

wire_object! {
    /// The answer to a [`BatchItem`].
    ///
    /// ```json
    /// {"code":200,"headers":[{"name":"Content-Type","value":"text/javascript"}],"body":"{\"id\":\"1\"}"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::BatchResponse;
    ///
    /// let answers: Vec<Option<BatchResponse>> =
    ///     serde_json::from_str(r#"[{"code":200,"body":"{\"id\":\"1\"}"},null]"#)?;
    /// assert_eq!(answers[0].as_ref().unwrap().json().unwrap()["id"], "1");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct BatchResponse {
        /// The HTTP status.
        pub code: u16 => always,
        /// The headers.
        pub headers: Vec<BatchHeader>,
        /// The body, which is JSON as text.
        pub body: Option<String>,
    }
}

impl BatchResponse {
    /// The body, if it is JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_str(self.body.as_deref()?).ok()
    }
}

wire_object! {
    /// A header in the answer to a [`BatchItem`].
    ///
    /// ```json
    /// {"name":"Content-Type","value":"text/javascript"}
    /// ```
    pub struct BatchHeader {
        /// Its name.
        pub name: String => always,
        /// Its value.
        pub value: String => always,
    }
}

checked!(BatchRequest: |request| {
    Limit::BatchItems
        .count("batch", &request.batch)
        .map_err(|exceeded| exceeded.of_call("batch"))
});
