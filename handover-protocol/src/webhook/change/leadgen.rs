//! Leads.

use crate::lenient::{as_number, as_seconds, wire_object};
use crate::{AccountId, Timestamp};

wire_object! {
    /// A person filled in the form of a Lead Ad outside of Messenger.
    ///
    /// ```json
    /// {"leadgen_id":1,"page_id":2,"form_id":3,"adgroup_id":4,"ad_id":5,"created_time":1520383571}
    /// ```
    ///
    /// ```
    /// use handover_protocol::Leadgen;
    ///
    /// let lead: Leadgen = serde_json::from_str(r#"{"leadgen_id":1,"form_id":"3"}"#)?;
    /// assert_eq!((lead.leadgen_id.as_deref(), lead.form_id.as_deref()), (Some("1"), Some("3")));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Leadgen {
        /// The lead; its answers can be fetched by this id.
        pub leadgen_id: Option<String> => as_number,
        /// The Page.
        pub page_id: Option<AccountId> => as_number,
        /// The form.
        pub form_id: Option<String> => as_number,
        /// The ad set.
        pub adgroup_id: Option<String> => as_number,
        /// The ad.
        pub ad_id: Option<String> => as_number,
        /// Time of submission.
        pub created_time: Option<Timestamp> => as_seconds,
    }
}
