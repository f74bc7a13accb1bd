//! What happens when a person writes several messages quickly.

use std::fmt;
use std::time::Duration;

/// What happens when a person writes several messages before the first is answered.
///
/// For the whole bot it is [`Bot::pace`](crate::Bot::pace), for one handler the key `pace` of
/// `#[on_message]`. No message is lost from the journal, whichever it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pace {
    /// Each is handled, in order.
    #[default]
    Queue,
    /// Those that wait are given to one call of the handler together: what it takes from the
    /// message holds the texts of all, a line each, and all attachments.
    /// [`Burst`](crate::extract::Burst) gives them one by one.
    Burst,
    /// The same, once the person has not written for this long.
    Debounce(Duration),
    /// Only the last of those that wait is handled; the others are kept as superseded.
    Latest,
}

/// As in the attribute.
impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Queue => f.write_str("\"queue\""),
            Self::Burst => f.write_str("\"burst\""),
            Self::Debounce(quiet) => write!(f, "\"debounce({quiet:?})\""),
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
