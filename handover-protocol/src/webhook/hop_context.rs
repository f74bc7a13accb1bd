//! Which apps a thread has come through.

use crate::AppId;
use crate::lenient::{as_number, wire_object};

wire_object! {
    /// An app that the thread has come through; after a Lead Ad, and during one.
    ///
    /// ```json
    /// {"app_id":2262510160704936,"metadata":"messenger_lead_gen_complete"}
    /// ```
    ///
    /// The platform prints it beside an event as an object, and beside the events of an entry as a
    /// list: see [`Received::hop_context`](crate::Received::hop_context).
    ///
    /// ```
    /// use handover_protocol::read;
    ///
    /// let webhook = read(br#"{"object":"page","entry":[{"id":"7","messaging":[{"message":{}}],
    ///     "hop_context":[{"app_id":5,"metadata":"messenger_lead_gen_complete"}]}]}"#)?;
    /// let hop = &webhook.received[0].hop_context()[0];
    /// assert_eq!(hop.metadata.as_deref(), Some("messenger_lead_gen_complete"));
    /// # Ok::<(), handover_protocol::ReadError>(())
    /// ```
    pub struct HopContext {
        /// The app.
        pub app_id: Option<AppId> => as_number,
        /// `messenger_lead_gen_complete`, `messenger_lead_gen_incomplete`, or what an app had to say.
        pub metadata: Option<String>,
    }
}
