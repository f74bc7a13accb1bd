//! Calls by voice.

use serde_json::Value;

use crate::lenient::{as_seconds, wire_object};
use crate::{PersonId, Timestamp};

wire_object! {
    /// Something happened to a call by voice: one item of `calls`.
    ///
    /// ```json
    /// {"id":"c_1","to":"104508901353867","from":"5794982867201265","event":"connect",
    ///  "timestamp":1671644824,"call_direction":"user_initiated"}
    /// ```
    /// ```json
    /// {"id":"c_1","event":"terminate","timestamp":1671644944,"status":"Completed",
    ///  "start_time":1671644824,"end_time":1671644944,"duration":120}
    /// ```
    ///
    /// ```
    /// use handover_protocol::VoiceCall;
    ///
    /// let call: VoiceCall = serde_json::from_str(
    ///     r#"{"event":"call_status","recipient_id":"5794982867201265","call_status":"ringing"}"#,
    /// )?;
    /// assert_eq!(call.call_status.as_deref(), Some("ringing"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct VoiceCall {
        /// The call.
        pub id: Option<String>,
        /// Called party, in `connect`.
        pub to: Option<String>,
        /// Caller, in `connect`.
        pub from: Option<String>,
        /// Kind: `connect`, `call_status`, `media_update` or `terminate`.
        pub event: Option<String>,
        /// Time of the event.
        pub timestamp: Option<Timestamp> => as_seconds,
        /// `user_initiated` or `business_initiated`.
        pub call_direction: Option<String>,
        /// The person, in `call_status`.
        pub recipient_id: Option<PersonId>,
        /// `ringing` or `accepted`, in `call_status`.
        pub call_status: Option<String>,
        /// New session description, in `media_update`.
        pub session: Option<CallSession>,
        /// Result, in `terminate`: `Completed` or `Failed`.
        pub status: Option<String>,
        /// Start of the call, in `terminate`.
        pub start_time: Option<Timestamp> => as_seconds,
        /// End of the call, in `terminate`.
        pub end_time: Option<Timestamp> => as_seconds,
        /// Duration in seconds, in `terminate`.
        pub duration: Option<u64>,
    }
}

wire_object! {
    /// Session description of a call.
    ///
    /// ```json
    /// {"version":1,"sdp_renegotiation":{"sdp_type":"offer","sdp":"v=0"}}
    /// ```
    pub struct CallSession {
        /// Counts the changes.
        pub version: Option<u32>,
        /// The offer of the other side.
        pub sdp_renegotiation: Option<Value>,
    }
}
