//! The span of an event: what is logged while it is handled tells of which it is.

use std::fmt;

use handover_protocol::Received;
use tracing::Span;

use super::worker::Taken;
use crate::journal;
use crate::thread::ThreadKey;

/// The span of the newest of these events.
pub(super) fn of(thread: &ThreadKey, taken: &Taken) -> Span {
    let Some(event) = taken.events.last() else {
        return Span::none();
    };
    tracing::info_span!(
        "event",
        %thread,
        kind = event.event.kind(),
        key = event.event.platform().map(|received| tracing::field::display(DedupeKey(received))),
        sequence = event.sequence,
        attempt = event.attempts,
    )
}

/// Made only where somebody reads it.
struct DedupeKey<'a>(&'a Received);

impl fmt::Display for DedupeKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&journal::key_of(self.0))
    }
}
