//! Context of a handler call: the source of its arguments.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use handover_protocol::{AppId, Received, Timestamp};
use serde_json::Value;

use super::Handback;
use crate::graph::Graph;
use crate::internal_event::InternalEvent;
use crate::journal::ThreadState;
use crate::office_hours::OfficeHours;
use crate::opaque_arc::OpaqueArc;
use crate::outcome::Timer;
use crate::session::{self, SessionChange};
use crate::thread::ThreadKey;

/// An event in the routing table. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Context {
    inner: OpaqueArc<ContextInner>,
}

/// What a context says of an event, and what its handler has done with that.
#[derive(Debug)]
pub(crate) struct ContextInner {
    pub(crate) received: Arc<Received>,
    /// The same, if it is one of the bot itself.
    pub(crate) own: Option<Arc<InternalEvent>>,
    pub(crate) thread: ThreadKey,
    pub(crate) app_id: AppId,
    pub(crate) graph: Graph,
    /// What is kept of the thread.
    pub(crate) thread_state: Arc<ThreadState>,
    /// The messages that `received` holds together, if they are several.
    pub(crate) burst: Vec<Arc<Received>>,
    /// What happened while another app owned the thread, if it has just come back.
    pub(crate) handback: Option<Handback>,
    /// Why another handler failed, for those of `#[on_error]`.
    pub(crate) failure: Option<String>,
    /// When the people of the account answer, if somebody said so.
    pub(crate) office_hours: Option<Arc<OfficeHours>>,
    /// The app of the account's people, if that is not the inbox.
    pub(crate) handoff_to: Option<AppId>,
    /// The time by the bot's clock, when the event was taken up.
    pub(crate) now: Timestamp,
    pub(crate) state: ContextState,
}

/// What was done with a context.
#[derive(Debug, Default)]
pub(crate) struct ContextState {
    /// `None` is the same as none of them.
    groups: Mutex<Option<Arc<Groups>>>,
    handler: Mutex<&'static str>,
    session: Mutex<SessionUse>,
    timers: Mutex<Vec<Timer>>,
    handback_taken: AtomicBool,
}

/// Use of the session by the arguments of a handler.
#[derive(Debug, Default)]
struct SessionUse {
    /// How many times it was taken.
    taken: usize,
    changes: Vec<SessionChange>,
}

/// Groups of a route's `regex`, by number and by name.
pub(crate) type Groups = Vec<(Option<String>, Option<String>)>;

impl Context {
    pub(crate) fn new(inner: ContextInner) -> Self {
        Self {
            inner: OpaqueArc::new(inner),
        }
    }

    /// The event as it was received, with its account and channel. An internal event has the name of its
    /// trigger, such as `timer`.
    #[must_use]
    pub fn received(&self) -> &Arc<Received> {
        &self.inner.received
    }

    /// The internal event, if it is one.
    pub(crate) fn own(&self) -> Option<&InternalEvent> {
        self.inner.own.as_deref()
    }

    /// Thread of the event.
    #[must_use]
    pub fn thread(&self) -> &ThreadKey {
        &self.inner.thread
    }

    /// What is kept of the thread.
    pub(crate) fn thread_state(&self) -> &ThreadState {
        &self.inner.thread_state
    }

    /// The time by the bot's clock, when the event was taken up.
    pub(crate) fn now(&self) -> Timestamp {
        self.inner.now
    }

    /// App id of the bot.
    #[must_use]
    pub fn app_id(&self) -> &AppId {
        &self.inner.app_id
    }

    /// Graph client of the account.
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.inner.graph
    }

    /// When the people of the account answer.
    pub(crate) fn office_hours(&self) -> OfficeHours {
        let facts = &self.inner;
        let hours = facts.office_hours.as_deref().cloned();
        hours.unwrap_or_default().asked_at(facts.now)
    }

    /// Whether this is the app of the account's people, which is not the inbox.
    pub(crate) fn is_of_people(&self, app: &AppId) -> bool {
        self.inner.handoff_to.as_ref() == Some(app)
    }

    /// Context for the handlers of `#[on_error]`, with the reason of the failure.
    pub(crate) fn failed(&self, reason: String, session: Option<Value>) -> Self {
        let inner = &self.inner;
        let mut thread_state = inner.thread_state.clone();
        if session.is_some() {
            Arc::make_mut(&mut thread_state).session = session;
        }
        Self::new(ContextInner {
            received: inner.received.clone(),
            own: inner.own.clone(),
            thread: inner.thread.clone(),
            app_id: inner.app_id.clone(),
            graph: inner.graph.clone(),
            thread_state,
            burst: inner.burst.clone(),
            handback: inner.handback.clone(),
            office_hours: inner.office_hours.clone(),
            handoff_to: inner.handoff_to.clone(),
            now: inner.now,
            failure: Some(reason),
            state: ContextState::default(),
        })
    }

    /// Event that selects the route: of several messages, the last.
    pub(crate) fn routed_by(&self) -> &Arc<Received> {
        self.inner.burst.last().unwrap_or(&self.inner.received)
    }

    /// Messages that are handled together, oldest first.
    pub(crate) fn burst(&self) -> &[Arc<Received>] {
        match &*self.inner.burst {
            [] => std::slice::from_ref(&self.inner.received),
            several => several,
        }
    }

    /// What happened while another app owned the thread, if no handler has taken it yet.
    pub(crate) fn take_handback(&self) -> Option<&Handback> {
        let handback = self.inner.handback.as_ref()?;
        self.inner
            .state
            .handback_taken
            .store(true, Ordering::Relaxed);
        Some(handback)
    }

    /// The handler that took it was skipped.
    pub(crate) fn leave_handback(&self) {
        self.inner
            .state
            .handback_taken
            .store(false, Ordering::Relaxed);
    }

    pub(crate) fn handback_was_taken(&self) -> bool {
        self.inner.state.handback_taken.load(Ordering::Relaxed)
    }

    pub(crate) fn leave_timer(&self, timer: Timer) {
        lock(&self.inner.state.timers).push(timer);
    }

    /// Timers that the handler set, in order.
    pub(crate) fn take_timers(&self) -> Vec<Timer> {
        std::mem::take(&mut lock(&self.inner.state.timers))
    }

    /// Name of the current handler.
    pub(crate) fn handler(&self) -> &'static str {
        *lock(&self.inner.state.handler)
    }

    pub(crate) fn set_handler(&self, name: &'static str) {
        *lock(&self.inner.state.handler) = name;
    }

    pub(crate) fn failure(&self) -> Option<String> {
        self.inner.failure.clone()
    }

    /// The session or a part of it, with the changes so far, and how often one was taken before.
    pub(crate) fn take_session(&self, part: Option<&'static str>) -> (Option<Value>, usize) {
        let mut session = lock(&self.inner.state.session);
        let stored = self.inner.thread_state.session.as_ref();
        let stored = stored.and_then(|memory| session::part_of(memory, part));
        let now = session::part_after(stored, part, &session.changes);
        let order = session.taken;
        session.taken += 1;
        (now, order)
    }

    pub(crate) fn leave_session(&self, change: SessionChange) {
        lock(&self.inner.state.session).changes.push(change);
    }

    /// The stored form after the handler, if anything changed.
    pub(crate) fn take_changed_session(&self) -> Option<Value> {
        let changes = std::mem::take(&mut lock(&self.inner.state.session).changes);
        if changes.is_empty() {
            return None;
        }
        session::changed(self.inner.thread_state.session.as_ref(), changes)
    }

    /// What a handler that failed left of the session; `None` if nothing.
    pub(crate) fn take_surviving_session(&self) -> Option<Value> {
        let mut changes = std::mem::take(&mut lock(&self.inner.state.session).changes);
        changes.retain(|change| change.survives_failure);
        if changes.is_empty() {
            return None;
        }
        session::changed(self.inner.thread_state.session.as_ref(), changes)
    }

    /// A skipped handler leaves no trace.
    pub(crate) fn forget_changes(&self) {
        lock(&self.inner.state.session).changes.clear();
        lock(&self.inner.state.timers).clear();
        self.leave_handback();
    }

    pub(crate) fn set_groups(&self, groups: Groups) {
        *lock(&self.inner.state.groups) = (!groups.is_empty()).then(|| Arc::new(groups));
    }

    pub(crate) fn groups(&self) -> Arc<Groups> {
        lock(&self.inner.state.groups).clone().unwrap_or_default()
    }
}

/// The data behind these locks is consistent after every statement, so a panic elsewhere does no harm.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
