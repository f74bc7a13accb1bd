//! Signs that are not messages.

use serde::{Deserialize, Serialize};

use crate::lenient::from_json_by_serde;

/// A sign to the person that is not a message.
///
/// ```
/// use handover_protocol::SenderAction;
///
/// assert_eq!(serde_json::to_string(&SenderAction::TypingOn)?, "\"typing_on\"");
/// assert_eq!(serde_json::from_str::<SenderAction>("\"MARK_SEEN\"")?, SenderAction::MarkSeen);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SenderAction {
    /// `typing_on`: the bot is writing; disappears by itself after about 20 s.
    #[serde(alias = "TYPING_ON")]
    TypingOn,
    /// `typing_off`: the bot has stopped writing.
    #[serde(alias = "TYPING_OFF")]
    TypingOff,
    /// `mark_seen`: the bot has read the thread.
    #[serde(alias = "MARK_SEEN")]
    MarkSeen,
    /// `react`: the bot reacts to a message, named in `payload`.
    #[serde(alias = "REACT")]
    React,
    /// `unreact`: the bot takes its reaction back.
    #[serde(alias = "UNREACT")]
    Unreact,
}

from_json_by_serde!(SenderAction);
