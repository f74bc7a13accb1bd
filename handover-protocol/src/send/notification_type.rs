//! Kinds of notification.

use serde::{Deserialize, Serialize};

use crate::lenient::from_json_by_serde;

/// Kind of notification of a message.
///
/// ```
/// use handover_protocol::NotificationType;
///
/// assert_eq!(serde_json::to_string(&NotificationType::SilentPush)?, "\"SILENT_PUSH\"");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum NotificationType {
    /// `REGULAR`: with sound or vibration; what happens by default.
    Regular,
    /// `SILENT_PUSH`: shown, without a sound.
    SilentPush,
    /// `NO_PUSH`: not shown until the person looks.
    NoPush,
}

from_json_by_serde!(NotificationType);
