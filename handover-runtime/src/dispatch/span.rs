//! Span of an event: it is attached to everything that is logged while the event is handled.

use std::fmt;

use handover_protocol::Received;
use tracing::Span;

use super::worker::EventBatch;
use crate::journal;
use crate::thread::ThreadKey;

/// The span of the newest of these events.
pub(super) fn of(thread: &ThreadKey, batch: &EventBatch) -> Span {
    let Some(event) = batch.events.last() else {
        return Span::none();
    };
    tracing::info_span!(
        "event",
        %thread,
        kind = event.event.kind(),
        key = event.event.platform().map(|received| tracing::field::display(SpanDedupeKey(received))),
        sequence = event.sequence,
        attempt = event.attempts,
    )
}

/// Computed only if a subscriber reads it.
struct SpanDedupeKey<'a>(&'a Received);

impl fmt::Display for SpanDedupeKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&journal::key_of(self.0))
    }
}
