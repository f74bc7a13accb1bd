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
        /// Who is called, in `connect`.
        pub to: Option<String>,
        /// Who calls, in `connect`.
        pub from: Option<String>,
        /// What happened: `connect`, `call_status`, `media_update` or `terminate`.
        pub event: Option<String>,
        /// When it happened.
        pub timestamp: Option<Timestamp> => as_seconds,
        /// `user_initiated` or `business_initiated`.
        pub call_direction: Option<String>,
        /// The person, in `call_status`.
        pub recipient_id: Option<PersonId>,
        /// `ringing` or `accepted`, in `call_status`.
        pub call_status: Option<String>,
        /// How sound is to be sent from now on, in `media_update`.
        pub session: Option<CallSession>,
        /// How it ended, in `terminate`: `Completed` or `Failed`.
        pub status: Option<String>,
        /// When the call began, in `terminate`.
        pub start_time: Option<Timestamp> => as_seconds,
        /// When the call ended, in `terminate`.
        pub end_time: Option<Timestamp> => as_seconds,
        /// How many seconds it took, in `terminate`.
        pub duration: Option<u64>,
    }
}

wire_object! {
    /// How the sound of a call is to be sent from now on.
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
