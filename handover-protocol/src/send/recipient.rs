//! To whom a request of a bot applies.

use crate::PersonId;
use crate::lenient::wire_object;

wire_object! {
    /// To whom a request applies.
    ///
    /// ```json
    /// {"id":"5794982867201265"}
    /// ```
    ///
    /// Other ways to address someone (`user_ref`, `comment_id`, `post_id`, tokens) go into `extra`.
    ///
    /// ```
    /// use handover_protocol::Recipient;
    ///
    /// let recipient = Recipient::id("5794982867201265");
    /// assert_eq!(serde_json::to_string(&recipient)?, r#"{"id":"5794982867201265"}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Recipient {
        /// The person.
        pub id: Option<PersonId>,
    }
}

impl Recipient {
    /// A person, by PSID or IGSID.
    pub fn id(id: impl Into<PersonId>) -> Self {
        Self {
            id: Some(id.into()),
            ..Self::default()
        }
    }
}
