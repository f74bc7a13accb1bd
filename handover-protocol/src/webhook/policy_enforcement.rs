//! Policy enforcement against an account.

use crate::lenient::wire_object;

wire_object! {
    /// The platform warned, blocked or unblocked the account.
    ///
    /// ```json
    /// {"action":"block","reason":"The bot violated our policies."}
    /// ```
    ///
    /// The older spelling of the key, `policy-enforcement`, is read as well.
    ///
    /// ```
    /// use handover_protocol::{Event, EventBody};
    ///
    /// let event: Event = serde_json::from_str(r#"{"policy-enforcement":{"action":"unblock"}}"#)?;
    /// let EventBody::PolicyEnforcement(enforcement) = &event.body else { unreachable!() };
    /// assert_eq!(enforcement.action.as_deref(), Some("unblock"));
    /// assert_eq!(event.body.kind(), "policy_enforcement");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct PolicyEnforcement {
        /// `warning`, `block` or `unblock`.
        pub action: Option<String>,
        /// Why; absent when unblocked.
        pub reason: Option<String>,
    }
}
