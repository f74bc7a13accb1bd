//! What happens when a person writes several messages quickly.

use std::fmt;
use std::time::Duration;

use handover_protocol::{Channel, EventBody};

use crate::clock;
use crate::journal::ClaimedEvent;

/// What happens when a person writes several messages before the first is answered.
///
/// For the whole bot it is [`Bot::pace`](crate::Bot::pace), for one handler the key `pace` of
/// `#[on_message]`. No message is lost from the journal, whichever it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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

/// What to do with the events that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Handle so many together, after leaving out so many before them.
    Handle { superseded: usize, together: usize },
    /// Nothing before this time.
    WaitUntil(i64),
}

impl Turn {
    /// The first event, by itself.
    pub(super) const ALONE: Self = Self::Handle {
        superseded: 0,
        together: 1,
    };
}

impl Pace {
    /// [`Pace::Debounce`] with whole seconds.
    #[must_use]
    pub const fn debounce(seconds: u64) -> Self {
        Self::Debounce(Duration::from_secs(seconds))
    }

    /// Given how many messages at the head of the queue the same route takes, and when the last of
    /// them came.
    pub(super) fn turn(self, run: usize, last_received_at: i64, now: i64) -> Turn {
        match self {
            Self::Queue => Turn::Handle {
                superseded: 0,
                together: 1,
            },
            Self::Latest => Turn::Handle {
                superseded: run - 1,
                together: 1,
            },
            Self::Debounce(quiet) => {
                let until = last_received_at.saturating_add(clock::ms(quiet));
                if now < until {
                    Turn::WaitUntil(until)
                } else {
                    Self::Burst.turn(run, last_received_at, now)
                }
            }
            Self::Burst => Turn::Handle {
                superseded: 0,
                together: run,
            },
        }
    }
}

/// Whether the event can share a call with others: a message to the bot, at its first try.
pub(super) fn is_message(event: &ClaimedEvent) -> bool {
    event.received.channel == Channel::Messaging
        && matches!(&event.received.event.body, EventBody::Message(message) if !message.is_deleted)
}
