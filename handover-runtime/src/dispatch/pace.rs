//! Which of the messages that wait are handled together.

use handover_protocol::{Channel, EventBody, Timestamp};

use crate::journal::ClaimedEvent;
use crate::routing::Pace;

/// What to do with the events that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PaceDecision {
    /// Handle so many together, after leaving out so many before them.
    Handle { superseded: usize, together: usize },
    /// Nothing before this time.
    WaitUntil(Timestamp),
}

impl PaceDecision {
    /// The first event, by itself.
    pub(super) const ALONE: Self = Self::Handle {
        superseded: 0,
        together: 1,
    };

    /// Given how many messages at the head of the queue the same route takes, and when the last of
    /// them came.
    pub(super) fn at(pace: Pace, run: usize, last_received_at: Timestamp, now: Timestamp) -> Self {
        match pace {
            Pace::Queue => Self::Handle {
                superseded: 0,
                together: 1,
            },
            Pace::Latest => Self::Handle {
                superseded: run - 1,
                together: 1,
            },
            Pace::Debounce(quiet) => {
                let until = last_received_at + quiet;
                if now < until {
                    Self::WaitUntil(until)
                } else {
                    Self::at(Pace::Burst, run, last_received_at, now)
                }
            }
            Pace::Burst | Pace::Restart => Self::Handle {
                superseded: 0,
                together: run,
            },
        }
    }
}

/// Whether the event can share a call with others: a message to the bot, at its first try.
pub(super) fn is_message(event: &ClaimedEvent) -> bool {
    event.event.platform().is_some_and(|received| {
        received.channel == Channel::Messaging
            && matches!(&received.event.body, EventBody::Message(message) if !message.is_deleted)
    })
}
