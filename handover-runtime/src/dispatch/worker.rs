//! Works the events of one claimed thread.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tracing::Instrument;

use super::handback::metadata_of;
use super::history::turn_of;
use super::pace::{PaceDecision, is_message};
use super::{EventDispatcher, span};
use crate::accounts::{Effective, KnownAccount};
use crate::extract::Context;
use crate::graph::Graph;
use crate::internal_event::ThreadEvent;
use crate::journal::{
    Claim, ClaimedEvent, EventResult, OutboxCall, SettleResult, Settlement, ThreadChange,
    ThreadPause, ThreadRelease, ThreadState,
};
use crate::ownership::{EventEffect, gives_thread_away};
use crate::routing::{Match, Pace};
use crate::thread::ThreadKey;
use handover_protocol::Timestamp;
use serde_json::Value;

/// How long a thread is left alone whose events could not be settled.
pub(super) const STORE_PAUSE: Duration = Duration::from_secs(1);

/// The thread as it is between two events.
pub(super) struct ThreadContext {
    /// When it was handed out: see [`Claim::epoch`].
    pub(super) epoch: i64,
    pub(super) key: ThreadKey,
    pub(super) state: Arc<ThreadState>,
    /// The Graph client of its account.
    pub(super) graph: Graph,
    /// The settings of its account.
    pub(super) settings: Arc<Effective>,
}

/// Handles the events in order and settles each before the next. After a handoff the rest waits
/// until it has been sent. What the last of them is answered with is left to the caller to send, with
/// the permit that was kept for it.
pub(super) async fn work(
    dispatcher: &EventDispatcher,
    claim: Claim,
) -> Option<(OutboxCall, OwnedSemaphorePermit)> {
    let KnownAccount {
        graph, settings, ..
    } = dispatcher.account_of(&claim).await?;
    let epoch = claim.epoch;
    let mut thread = ThreadContext {
        epoch,
        key: claim.thread,
        state: claim.state,
        graph,
        settings,
    };
    let mut events = VecDeque::from(claim.events);
    let mut until = None;
    // A node whose lease has ended leaves the rest to the one after it.
    let may_act = || dispatcher.journal.may_act(epoch);
    while !events.is_empty() && !dispatcher.stopping() && may_act() {
        let mut batch = match dispatcher.next(&mut thread, &mut events).await {
            Ok(batch) => batch,
            Err(time) => {
                until = Some(time);
                break;
            }
        };
        let kind = dispatcher.events.of(&batch.event);
        let left_out = batch.left_out.len();
        let mut settlements = batch.superseded(&thread.key);
        let mut settlement = loop {
            let span = span::of(&thread.key, &batch);
            let handled = dispatcher.handle(&mut thread, batch, &mut events);
            match handled.instrument(span).await {
                Handled::Settled(settlement) => break settlement,
                Handled::Again(more) => batch = more,
            }
        };
        if let EventResult::Retry { at } = settlement.result {
            until = Some(at);
        }
        let handed_off = settlement
            .calls
            .iter()
            .any(|new| gives_thread_away(&new.call));
        let is_last = handed_off || until.is_some() || events.is_empty();
        let permit = if is_last && !settlement.calls.is_empty() {
            dispatcher.outbox.permit_for(&thread.key.account)
        } else {
            None
        };
        settlement.hands_out = permit.is_some();
        let account = &thread.key.account;
        dispatcher
            .accounts
            .tallies()
            .count(account, |tally| match &settlement.result {
                EventResult::Handled => tally.events_handled += settlement.sequences.len() as u64,
                EventResult::Failed(_) => tally.events_failed += settlement.sequences.len() as u64,
                EventResult::Superseded | EventResult::Held { .. } | EventResult::Retry { .. } => {}
            });
        let tally = kind.tally(&settlement, left_out);
        settlements.push(*settlement);
        let released = is_last.then(|| thread.release(until));
        crate::failpoint::failpoint!("settle.before");
        let settled = dispatcher
            .journal
            .settle(settlements, Vec::from_iter(released))
            .await;
        crate::failpoint::failpoint!("settle.after");
        match settled {
            Ok(SettleResult {
                calls,
                pauses,
                superseded,
                ready,
                is_stale,
                is_behind,
            }) => {
                events.retain(|later| !superseded.contains(&later.sequence));
                dispatcher.events.superseded_timers(superseded.len());
                if is_stale {
                    tracing::info!(thread = %thread.key, "the thread was forgotten, or went to another node, while it was worked; what followed is dropped");
                    events.clear();
                } else {
                    tally.count();
                }
                if let Some((_, pause)) = pauses.into_iter().next_back() {
                    thread.set_pause(pause);
                }
                dispatcher.wake.up(ready);
                if is_last {
                    return calls.into_iter().next().zip(permit);
                }
                if is_behind {
                    // A signal that was held comes first, or a handoff that waited.
                    break;
                }
            }
            Err(error) => {
                tracing::error!(thread = %thread.key, %error, "an event could not be settled; it will be handled again");
                until = Some(dispatcher.settings.clock.now() + STORE_PAUSE);
                break;
            }
        }
    }
    let released = vec![thread.release(until)];
    match dispatcher.journal.settle(Vec::new(), released).await {
        Ok(settled) => dispatcher.wake.up(settled.ready),
        Err(error) => {
            tracing::error!(thread = %thread.key, %error, "a thread could not be released");
        }
    }
    None
}

impl ThreadContext {
    pub(super) fn state_mut(&mut self) -> &mut ThreadState {
        Arc::make_mut(&mut self.state)
    }

    fn set_pause(&mut self, pause: Option<ThreadPause>) {
        if self.state.pause != pause {
            self.state_mut().pause = pause;
        }
    }

    fn release(&self, until: Option<Timestamp>) -> ThreadRelease {
        ThreadRelease {
            thread: self.key.clone(),
            until,
        }
    }
}

/// What came of handling events.
pub(super) enum Handled {
    Settled(Box<Settlement>),
    /// The person has written more: they are handled together with that.
    Again(Box<EventBatch>),
}

/// Events that one handler call takes.
pub(super) struct EventBatch {
    /// Those before them that are left out.
    pub(super) left_out: Vec<u64>,
    /// At least one.
    pub(super) events: Vec<ClaimedEvent>,
    /// The last of them, on the channel on which it belongs.
    pub(super) event: ThreadEvent,
    /// What finding that out changed.
    pub(super) change: ThreadChange,
    /// What follows from the events of before, if the handler starts over; the thread is changed by it already.
    pub(super) before: Option<Box<Settlement>>,
    /// The route that takes them, if that was looked for already.
    pub(super) found: Option<MatchedRoute>,
}

/// The route that takes an event; `None` if no route does.
pub(super) struct MatchedRoute(pub(super) Option<Match>);

impl EventBatch {
    /// What is known of its consequences before it is handled.
    pub(super) fn settlement(&mut self, thread: &ThreadContext) -> Box<Settlement> {
        let before = self.before.take();
        let mut settlement =
            before.unwrap_or_else(|| Box::new(Settlement::of(thread.key.clone(), Vec::new())));
        let (event, listeners) = (&self.event, thread.settings.listeners.clone());
        settlement.sequences = self.events.iter().map(|event| event.sequence).collect();
        settlement.listeners = listeners.in_product(event.object());
        settlement.note = event.platform().and_then(|received| metadata_of(received));
        settlement
    }

    fn superseded(&self, thread: &ThreadKey) -> Vec<Settlement> {
        if self.left_out.is_empty() {
            return Vec::new();
        }
        vec![Settlement {
            result: EventResult::Superseded,
            ..Settlement::of(thread.clone(), self.left_out.clone())
        }]
    }
}

impl EventDispatcher {
    /// Takes what is to be handled next from the queue, which is not empty; or says until when to
    /// wait.
    async fn next(
        &self,
        thread: &mut ThreadContext,
        events: &mut VecDeque<ClaimedEvent>,
    ) -> Result<Box<EventBatch>, Timestamp> {
        let mut change = ThreadChange::default();
        let event = self.as_seen_now(thread, &events[0], &mut change).await;
        let alone = PaceDecision::ALONE;
        let seen_otherwise = event.channel() != events[0].event.channel();
        let (turn, found) = if seen_otherwise || !self.may_share(thread) {
            (alone, None)
        } else {
            self.turn(thread, events).await.unwrap_or((alone, None))
        };
        match turn {
            PaceDecision::WaitUntil(until) => Err(until),
            PaceDecision::Handle {
                superseded,
                together,
            } => {
                let left_out: Vec<_> = events.drain(..superseded).collect();
                let kept = left_out
                    .iter()
                    .filter(|_| self.settings.history.keeps_all());
                let said = kept.filter_map(|event| {
                    turn_of(event, &EventEffect::default(), &thread.settings.rules)
                });
                change.said.extend(said);
                let left_out = left_out.iter().map(|event| event.sequence).collect();
                let events: Vec<_> = events.drain(..together).collect();
                let event = match events.last() {
                    Some(last) if !seen_otherwise => last.event.clone(),
                    _ => event,
                };
                Ok(Box::new(EventBatch {
                    left_out,
                    events,
                    event,
                    change,
                    before: None,
                    found,
                }))
            }
        }
    }

    /// Whether any message could be handled together with others.
    fn may_share(&self, thread: &ThreadContext) -> bool {
        thread.settings.pace != Pace::Queue || self.table.names_paces()
    }

    /// What to do with the messages at the head of the queue that one route takes, and which route that
    /// is.
    async fn turn(
        &self,
        thread: &ThreadContext,
        events: &VecDeque<ClaimedEvent>,
    ) -> Option<(PaceDecision, Option<MatchedRoute>)> {
        let first = events.front().filter(|event| is_message(event))?;
        let found = self.found_for(thread, first).await;
        let Some(route) = found.as_ref().map(|found| found.route) else {
            return Some((PaceDecision::ALONE, Some(MatchedRoute(None))));
        };
        let mut run = vec![found];
        let mut beyond = None;
        for event in events.iter().skip(1).take_while(|event| is_message(event)) {
            let found = self.found_for(thread, event).await;
            if found.as_ref().map(|found| found.route) != Some(route) {
                beyond = Some(found);
                break;
            }
            run.push(found);
        }
        let last = events.get(run.len().checked_sub(1)?)?;
        let pace = self.table.pace_of(route).unwrap_or(thread.settings.pace);
        let now = self.settings.clock.now();
        let turn = PaceDecision::at(pace, run.len(), last.received_at, now);
        let count = match turn {
            PaceDecision::WaitUntil(_) => 0,
            PaceDecision::Handle {
                superseded,
                together,
            } => superseded + together,
        };
        // Keep the others for later, so that `when` is not called twice for them.
        let mut later = run.split_off(count.min(run.len()));
        later.extend(beyond);
        for (event, found) in events.iter().skip(count).zip(later) {
            self.match_cache
                .keep(event.sequence, &thread.state.session, found);
        }
        Some((turn, run.pop().map(MatchedRoute)))
    }

    /// The route that takes an event as the thread is now.
    pub(super) async fn found_for(
        &self,
        thread: &ThreadContext,
        event: &ClaimedEvent,
    ) -> Option<Match> {
        let known = self.match_cache.take(event.sequence, &thread.state.session);
        match known {
            Some(MatchedRoute(found)) => found,
            None => {
                let facts = self.facts(thread, &event.event);
                self.find(&Context::new(facts), thread).await
            }
        }
    }
}

/// Routes that were found for events before their turn came.
#[derive(Default)]
pub(crate) struct MatchCache(Mutex<HashMap<u64, CachedMatch>>);

/// The session by which it was found, and the route, if there is one.
type CachedMatch = (Option<Value>, Option<Match>);

impl MatchCache {
    /// Events that come to nothing otherwise are forgotten together, now and then.
    const MOST: usize = 10_000;

    /// Forgets all of them, for they name what a thread remembered.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    pub(super) fn keep(&self, event: u64, session: &Option<Value>, found: Option<Match>) {
        let mut all = self.lock();
        if all.len() >= Self::MOST {
            all.clear();
        }
        all.insert(event, (session.clone(), found));
    }

    /// What was found, if nothing has changed since by which `when` might decide otherwise.
    fn take(&self, event: u64, session: &Option<Value>) -> Option<MatchedRoute> {
        let (by, found) = self.lock().remove(&event)?;
        (by == *session).then_some(MatchedRoute(found))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, CachedMatch>> {
        // The map is whole after every statement.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
