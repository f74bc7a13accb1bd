//! Forms of several screens.

use serde_json::Value;

use crate::lenient::{always, wire_object};
use crate::limit::{Limit, checked};

wire_object! {
    /// A form of several screens (structured information). Its answers come as
    /// [`CustomerInformation`](crate::CustomerInformation).
    ///
    /// ```json
    /// {"screens":[{"screen_id":"s1"}],"expires_in_days":3}
    /// ```
    ///
    /// ```
    /// use handover_protocol::CustomerInformationTemplate;
    ///
    /// let form: CustomerInformationTemplate =
    ///     serde_json::from_str(r#"{"screens":[{"screen_id":"s1"}],"expires_in_days":8}"#)?;
    /// assert!(form.check().is_err());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// Limit: [`EXPIRES_IN_DAYS`](crate::limits::EXPIRES_IN_DAYS).
    pub struct CustomerInformationTemplate {
        /// The screens, with typed questions, as the documentation of the platform prints them.
        pub screens: Vec<Value> => always,
        /// Days in which it can be answered.
        pub expires_in_days: Option<u32>,
    }
}

checked!(CustomerInformationTemplate: |template| {
    let days = template.expires_in_days.unwrap_or(1);
    Limit::ExpiresInDays.check("expires_in_days", days.into())
});
