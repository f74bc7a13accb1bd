//! When an event happened, and in which order events did.

use std::time::Duration;

use handover_protocol::{Received, Timestamp};

use crate::clock::Clock;

/// By how much the clocks of the platform and of the bot may differ.
const CLOCKS_DIFFER: Duration = Duration::from_secs(5);
/// The platform repeats a delivery for 36 hours (protocol: retries), and for some products for 7 days. A
/// timestamp from before that is that of a sample, or wrong.
const LONGEST_DELAY: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// When an event happened. It may arrive hours later, if the webhook failed before, and after events that
/// happened later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EventTime {
    /// When it happened, as far as is known; never later than it arrived.
    pub(crate) at: Timestamp,
    /// Its timestamp, which the platform's clock gives. `None` if it has none, or one that cannot be right:
    /// then only the order of arrival is known.
    pub(crate) stamp: Option<Timestamp>,
    /// Its number in the order of arrival.
    pub(crate) sequence: u64,
}

impl EventTime {
    /// The time of an event that arrived at `received_at`, with this number.
    pub(crate) fn of(
        received: &Received,
        received_at: Timestamp,
        sequence: u64,
        clock: &Clock,
    ) -> Self {
        let stamp = received.event.timestamp.map(|at| clock.of_platform(at));
        let (first, last) = (received_at - LONGEST_DELAY, received_at + CLOCKS_DIFFER);
        let stamp = stamp.filter(|at| (first..=last).contains(at));
        Self {
            at: stamp.map_or(received_at, |at| at.min(received_at)),
            stamp,
            sequence,
        }
    }
}

#[cfg(test)]
mod tests {
    use handover_protocol::{Channel, Event, Object};

    use super::*;

    const ARRIVAL: Timestamp = Timestamp::from_secs(1_790_000_000);
    const HOUR: Duration = Duration::from_secs(60 * 60);

    fn time_of(timestamp: Option<Timestamp>, clock: &Clock) -> EventTime {
        let received = Received {
            object: Object::Page,
            account: "1744550565845823".into(),
            channel: Channel::Messaging,
            time: None,
            extra: serde_json::Map::new(),
            event: Event {
                timestamp,
                ..Event::default()
            },
        };
        EventTime::of(&received, ARRIVAL, 7, clock)
    }

    #[test]
    fn an_event_happened_when_its_timestamp_says() {
        let clock = Clock::default();
        let late = ARRIVAL - 20 * HOUR;
        let expected = EventTime {
            at: late,
            stamp: Some(late),
            sequence: 7,
        };
        assert_eq!(time_of(Some(late), &clock), expected);
        // The platform's clock is a little ahead.
        let ahead = ARRIVAL + Duration::from_secs(2);
        let time = time_of(Some(ahead), &clock);
        assert_eq!((time.at, time.stamp), (ARRIVAL, Some(ahead)));
    }

    #[test]
    fn a_timestamp_that_cannot_be_right_is_not_used() {
        let clock = Clock::default();
        let future = ARRIVAL + HOUR;
        let sample = Timestamp::from_millis(1_458_692_752_478);
        for timestamp in [None, Some(future), Some(sample)] {
            let time = time_of(timestamp, &clock);
            assert_eq!((time.at, time.stamp), (ARRIVAL, None), "{timestamp:?}");
        }
    }

    /// The platform does not know of it.
    #[test]
    fn a_clock_that_a_test_has_advanced_makes_no_event_late() {
        let clock = Clock::default();
        clock.advance(30 * HOUR);
        assert_eq!(time_of(Some(ARRIVAL - 30 * HOUR), &clock).at, ARRIVAL);
        // Nor if it was advanced since the event arrived, or the simulator's as well.
        assert_eq!(time_of(Some(ARRIVAL), &clock).at, ARRIVAL);
    }
}
