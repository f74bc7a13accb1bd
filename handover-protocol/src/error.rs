//! Errors of the Graph API.

pub mod code;
pub mod subcode;

use serde_json::Value;

use crate::lenient::{always, wire_object};

wire_object! {
    /// The body of an answer that is an error.
    ///
    /// ```json
    /// {"error":{"message":"(#10) Message failed to send because another app is controlling this thread now.",
    ///  "type":"OAuthException","code":10,"error_subcode":2018300,"fbtrace_id":"AbCdEf123"}}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{ErrorBody, subcode};
    ///
    /// let body: ErrorBody =
    ///     serde_json::from_str(r#"{"error":{"message":"…","code":10,"error_subcode":2018300}}"#)?;
    /// assert_eq!(body.error.error_subcode, Some(subcode::NOT_THREAD_OWNER));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct ErrorBody {
        /// The error.
        pub error: GraphErrorObject => always,
    }
}

wire_object! {
    /// An error of the Graph API.
    ///
    /// ```json
    /// {"message":"(#100) No matching user found","type":"OAuthException","code":100,
    ///  "error_subcode":2018001,"is_transient":false,"fbtrace_id":"AbCdEf"}
    /// ```
    ///
    /// Decide on the subcode first, then on the code, then on `is_transient`: one code has many
    /// meanings ([`code::PERMISSION`] is also *not the owner* and *outside the window*). A value that is
    /// usually a subcode may also be in `code`.
    ///
    /// ```
    /// use handover_protocol::{GraphErrorObject, code};
    ///
    /// let error: GraphErrorObject = serde_json::from_str(r#"{"message":"expired","code":190}"#)?;
    /// assert_eq!(error.code, code::TOKEN);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct GraphErrorObject {
        /// Message for developers; often begins with the code.
        pub message: String => always,
        /// `type`, usually `OAuthException`.
        pub kind: Option<String> as "type",
        /// General reason: see [`code`].
        pub code: i64 => always,
        /// Precise reason: see [`subcode`].
        pub error_subcode: Option<i64>,
        /// Whether it may work later.
        pub is_transient: Option<bool>,
        /// A title to show to a person.
        pub error_user_title: Option<String>,
        /// An explanation to show to a person.
        pub error_user_msg: Option<String>,
        /// Details: an object or a string.
        pub error_data: Option<Value>,
        /// The id under which Meta can find the call.
        pub fbtrace_id: Option<String>,
    }
}
