//! Channels of an entry.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The list of an entry in which an event travelled.
///
/// ```
/// use handover_protocol::Channel;
///
/// assert_eq!(Channel::Standby.to_string(), "standby");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Channel {
    /// `messaging`: the app may act on the event.
    Messaging,
    /// `standby`: another app owns the thread, this one only listens.
    Standby,
    /// `changes`: news of the Page or account, and what the dashboard's Test button sends.
    Changes,
    /// `calls`: the calling API.
    Calls,
}

impl Channel {
    /// The list's key.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Messaging => "messaging",
            Self::Standby => "standby",
            Self::Changes => "changes",
            Self::Calls => "calls",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
