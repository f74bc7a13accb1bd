//! Pace: what to do when a person writes several messages quickly.

use std::fmt;
use std::time::Duration;

/// What to do when a person writes several messages before the first is answered.
///
/// Set it for the whole bot with [`Bot::pace`](crate::Bot::pace), or for one handler with the key `pace` of
/// `#[on_message]`. The journal keeps every message in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pace {
    /// Handle each, in order.
    #[default]
    Queue,
    /// Handle the waiting ones in one call: the handler's message has the texts of all, a line each, and
    /// all attachments. [`Burst`](crate::extract::Burst) has them one by one.
    Burst,
    /// Like `Burst`, once the person has not written for this long.
    Debounce(Duration),
    /// Like `Burst`, and cancel a running call when the person writes again: its future is dropped, and one
    /// call gets all of the messages. For a handler that takes long, such as one that asks a language
    /// model.
    ///
    /// The outcome, the session and the timers of a handler only count once it has returned, so nothing of
    /// a cancelled call remains. What the handler did elsewhere does: a message that it sent with
    /// [`Graph`](crate::graph::Graph), a row that it wrote to a database. A message that another handler takes
    /// does not cancel a call; it waits for the answer.
    Restart,
    /// Handle only the last of the waiting ones; the others are stored as superseded.
    Latest,
}

/// As in the attribute.
impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Queue => f.write_str("\"queue\""),
            Self::Burst => f.write_str("\"burst\""),
            Self::Debounce(quiet) => write!(f, "\"debounce({quiet:?})\""),
            Self::Restart => f.write_str("\"restart\""),
            Self::Latest => f.write_str("\"latest\""),
        }
    }
}

impl Pace {
    /// [`Pace::Debounce`] with whole seconds.
    #[must_use]
    pub const fn debounce(seconds: u64) -> Self {
        Self::Debounce(Duration::from_secs(seconds))
    }
}
