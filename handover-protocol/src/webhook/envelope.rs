//! Envelope of events.

use serde_json::Value;

use super::call::VoiceCall;
use super::event::Event;
use crate::lenient::{always, wire_object};
use crate::{AccountId, Object, Timestamp};

wire_object! {
    /// The body of a webhook.
    ///
    /// To read one use [`read`](crate::read), which also accepts bodies that are no envelopes.
    ///
    /// ```json
    /// {"object":"page","entry":[{"id":"104508901353867","time":1458692752478,"messaging":[]}]}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{Entry, Envelope, Object};
    ///
    /// let envelope = Envelope {
    ///     object: Object::Page,
    ///     entry: vec![Entry { id: "104508901353867".into(), ..Default::default() }],
    ///     ..Default::default()
    /// };
    /// assert_eq!(
    ///     serde_json::to_string(&envelope)?,
    ///     r#"{"object":"page","entry":[{"id":"104508901353867"}]}"#,
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Envelope {
        /// The product the body is about.
        pub object: Object => always,
        /// One entry for each account, or for each event.
        pub entry: Vec<Entry> => always,
    }
}

wire_object! {
    /// News of one account.
    ///
    /// ```json
    /// {"id":"104508901353867","time":1458692752478,"messaging":[{"sender":{"id":"5794982867201265"}}]}
    /// ```
    ///
    /// ```
    /// use handover_protocol::Entry;
    ///
    /// let entry: Entry = serde_json::from_str(r#"{"id":7,"time":"1527459824","standby":[{}]}"#)?;
    /// assert_eq!(entry.id, "7");
    /// assert_eq!(entry.standby.len(), 1);
    /// assert!(entry.messaging.is_empty());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Entry {
        /// The Page or Instagram professional account; empty if the entry does not say.
        pub id: AccountId => always,
        /// Time at which the platform sent the entry.
        pub time: Option<Timestamp>,
        /// Events the app may act on.
        pub messaging: Vec<Event>,
        /// Events of threads that another app owns.
        pub standby: Vec<Event>,
        /// Everything that is not about a conversation.
        pub changes: Vec<Change>,
        /// Calls by voice.
        pub calls: Vec<VoiceCall>,
    }
}

wire_object! {
    /// News about something other than a conversation: a comment, a lead, a label.
    ///
    /// ```json
    /// {"field":"inbox_labels","value":{"user":{"id":"5794982867201265"},"action":"add"}}
    /// ```
    ///
    /// ```
    /// use handover_protocol::Change;
    ///
    /// let change: Change = serde_json::from_str(r#"{"field":"leadgen","value":{"leadgen_id":1}}"#)?;
    /// assert_eq!(change.field, "leadgen");
    /// assert_eq!(change.value["leadgen_id"], 1);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Change {
        /// The webhook field, such as `feed`.
        pub field: String => always,
        /// Value, in the form of that field.
        pub value: Value => always,
    }
}
