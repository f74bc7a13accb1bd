//! Delivery and read receipts.

use crate::Timestamp;
use crate::lenient::wire_object;

wire_object! {
    /// Messages of the account have arrived (Messenger only).
    ///
    /// ```json
    /// {"mids":["m_1"],"watermark":1458668856253}
    /// ```
    ///
    /// ```
    /// use handover_protocol::Delivery;
    ///
    /// let delivery: Delivery = serde_json::from_str(r#"{"watermark":1458668856253}"#)?;
    /// assert!(delivery.mids.is_empty());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Delivery {
        /// The messages, if the platform names them.
        pub mids: Vec<String>,
        /// Everything sent until then has arrived.
        pub watermark: Option<Timestamp>,
    }
}

wire_object! {
    /// The person has read messages of the account.
    ///
    /// ```json
    /// {"watermark":1458668856253}
    /// ```
    /// ```json
    /// {"mid":"m_1"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{Read, Timestamp};
    ///
    /// let read: Read = serde_json::from_str(r#"{"watermark":1458668856253}"#)?;
    /// assert_eq!(read.watermark, Some(Timestamp::from_millis(1458668856253)));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Read {
        /// The message that was read (Instagram).
        pub mid: Option<String>,
        /// Everything sent until then has been read (Messenger).
        pub watermark: Option<Timestamp>,
    }
}
