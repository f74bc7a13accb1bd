//! Labels on threads.

use crate::PersonId;
use crate::lenient::{always, wire_object};

wire_object! {
    /// The body of `POST` and `DELETE /{label}/label`: whose thread gets the label, or loses it.
    ///
    /// A label is made with a [`PageLabel`](crate::PageLabel), which is also what
    /// `GET /{person}/custom_labels` lists.
    ///
    /// ```json
    /// {"user":"5794982867201265"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::LabelledPerson;
    ///
    /// let person = LabelledPerson { user: "5794982867201265".into(), ..Default::default() };
    /// assert_eq!(serde_json::to_string(&person)?, r#"{"user":"5794982867201265"}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct LabelledPerson {
        /// The person.
        pub user: PersonId => always,
    }
}

wire_object! {
    /// The answer to a call that made something.
    ///
    /// ```json
    /// {"id":"1857777774821032"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::Created;
    ///
    /// let label: Created = serde_json::from_str(r#"{"id":"1857777774821032"}"#)?;
    /// assert_eq!(label.id, "1857777774821032");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Created {
        /// Id of the new label.
        pub id: String => always,
    }
}
