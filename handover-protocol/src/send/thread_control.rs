//! Giving the thread away together with a message.

use serde::{Deserialize, Serialize};

use crate::AppId;
use crate::lenient::{from_json_by_serde, wire_object};

wire_object! {
    /// Thread control after the message (Conversation Routing only).
    ///
    /// ```json
    /// {"control_type":"pass","app_id":"263902037430900"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{AppId, ControlType, SendThreadControl};
    ///
    /// let pass: SendThreadControl =
    ///     serde_json::from_str(r#"{"control_type":"pass","app_id":263902037430900}"#)?;
    /// assert_eq!(pass.control_type, Some(ControlType::Pass));
    /// assert_eq!(pass.app_id, Some(AppId::PAGE_INBOX));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct SendThreadControl {
        /// Pass or release; the platform takes absence for [`ControlType::Release`].
        pub control_type: Option<ControlType>,
        /// The app to pass to; the default app if absent.
        pub app_id: Option<AppId>,
    }
}

/// Action on the thread after a message.
///
/// ```
/// use handover_protocol::ControlType;
///
/// assert_eq!(serde_json::to_string(&ControlType::Release)?, "\"release\"");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ControlType {
    /// `pass`: another app gets it.
    Pass,
    /// `release`: the thread becomes idle; the next message of the person is routed like a first one.
    Release,
}

from_json_by_serde!(ControlType);
