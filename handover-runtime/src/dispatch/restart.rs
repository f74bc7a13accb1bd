//! `pace = "restart"`: a handler starts over with what the person writes while it works.

use std::collections::VecDeque;

use handover_protocol::EventBody;

use super::EventDispatcher;
use super::pace::is_message;
use super::worker::{EventBatch, MatchedRoute, ThreadContext};
use crate::journal::{ClaimedEvent, Settlement, ThreadChange};
use crate::routing::{Match, Pace};

/// What the person has written since, and the route that takes the last of it.
pub(super) struct More {
    messages: Vec<ClaimedEvent>,
    last: ClaimedEvent,
    found: Match,
}

impl More {
    /// All that is handled together now.
    pub(super) fn after(
        self,
        mut events: Vec<ClaimedEvent>,
        before: Box<Settlement>,
    ) -> Box<EventBatch> {
        let Self {
            messages,
            last,
            found,
        } = self;
        let event = last.event.clone();
        events.extend(messages);
        events.push(last);
        Box::new(EventBatch {
            left_out: Vec::new(),
            events,
            event,
            change: ThreadChange::default(),
            before: Some(before),
            found: Some(MatchedRoute(Some(found))),
        })
    }
}

impl EventDispatcher {
    /// The handler's answer, unless the person writes more first that it takes as well: then the
    /// handler's future is dropped.
    pub(super) async fn answer_or_more<A>(
        &self,
        answer: impl Future<Output = A>,
        thread: &ThreadContext,
        route: usize,
        batch: &[ClaimedEvent],
        waiting: &mut VecDeque<ClaimedEvent>,
    ) -> Result<A, More> {
        let more = self.more_messages(thread, route, batch, waiting);
        tokio::select! {
            biased;
            answer = answer => Ok(answer),
            more = more => Err(more),
        }
    }

    /// The route that takes a message, if its handler starts over when the person writes again.
    pub(super) fn restarts(
        &self,
        event: &ClaimedEvent,
        found: Option<&Match>,
        usually: Pace,
    ) -> Option<usize> {
        let route = found.filter(|_| is_message(event))?.route;
        let pace = self.table.pace_of(route).unwrap_or(usually);
        (pace == Pace::Restart).then_some(route)
    }

    /// Waits until the person has written more that the same route takes. What arrives meanwhile joins
    /// what waits.
    ///
    /// It may be dropped at any time.
    async fn more_messages(
        &self,
        thread: &ThreadContext,
        route: usize,
        batch: &[ClaimedEvent],
        waiting: &mut VecDeque<ClaimedEvent>,
    ) -> More {
        let arrivals = self.journal.arrivals().listen(&thread.key);
        loop {
            let known = waiting.iter().chain(batch).map(|event| event.sequence);
            let newest = known.max().unwrap_or_default();
            match self.journal.claim_later(thread.key.clone(), newest).await {
                Ok(later) => waiting.extend(later),
                // They wait in the journal, and are handled after this.
                Err(error) => {
                    tracing::warn!(thread = %thread.key, %error, "what the person writes meanwhile cannot be read");
                    return std::future::pending().await;
                }
            }
            if let Some(more) = self.joining(thread, route, waiting).await {
                return more;
            }
            if !waiting.iter().all(is_receipt) {
                // Something else comes first.
                return std::future::pending().await;
            }
            arrivals.arrived().await;
        }
    }

    /// Takes the messages from what waits that the route takes as well, up to the first event that it
    /// does not.
    async fn joining(
        &self,
        thread: &ThreadContext,
        route: usize,
        waiting: &mut VecDeque<ClaimedEvent>,
    ) -> Option<More> {
        let mut joining = Vec::new();
        let mut last = None;
        for (at, event) in waiting.iter().enumerate() {
            if is_receipt(event) {
                continue;
            }
            if !is_message(event) {
                break;
            }
            let found = self.found_for(thread, event).await;
            if found.as_ref().map(|found| found.route) != Some(route) {
                self.match_cache
                    .keep(event.sequence, &thread.state.session, found);
                break;
            }
            joining.push(at);
            last = found;
        }
        let found = last?;
        // Nothing is waited for from here on, so that dropping this leaves none of them out.
        let messages = joining.into_iter().rev();
        let messages = messages.filter_map(|at| waiting.remove(at));
        let mut messages: Vec<_> = messages.collect();
        messages.reverse();
        let last = messages.pop()?;
        tracing::info!(
            more = messages.len() + 1,
            "the person wrote again: the handler starts over"
        );
        Some(More {
            messages,
            last,
            found,
        })
    }
}

/// Whether it only reports that something of the bot's has arrived or was read, so that it may be handled
/// after messages that came later.
fn is_receipt(event: &ClaimedEvent) -> bool {
    event.event.platform().is_some_and(|received| {
        matches!(
            received.event.body,
            EventBody::Read(_) | EventBody::Delivery(_)
        )
    })
}
