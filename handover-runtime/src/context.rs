//! What a handler's arguments are taken from.

use std::sync::{Arc, Mutex, PoisonError};

use handover_protocol::{AppId, Received};
use serde_json::Value;

use crate::graph::Graph;
use crate::thread::ThreadKey;

/// One event on its way through the routing table. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Context {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    received: Arc<Received>,
    thread: ThreadKey,
    app_id: AppId,
    graph: Graph,
    stored_session: Option<Value>,
    changed_session: Mutex<Option<Value>>,
    groups: Mutex<Arc<Groups>>,
    failure: Option<String>,
    handler: Mutex<&'static str>,
}

/// The groups of a route's `regex`, by number and by name.
pub(crate) type Groups = Vec<(Option<String>, Option<String>)>;

impl Context {
    pub(crate) fn new(
        received: Arc<Received>,
        thread: ThreadKey,
        app_id: AppId,
        graph: Graph,
        session: Option<Value>,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                received,
                thread,
                app_id,
                graph,
                stored_session: session,
                changed_session: Mutex::default(),
                groups: Mutex::default(),
                failure: None,
                handler: Mutex::default(),
            }),
        }
    }

    /// The event as it was received, with its account and channel.
    #[must_use]
    pub fn received(&self) -> &Arc<Received> {
        &self.inner.received
    }

    /// The thread it belongs to.
    #[must_use]
    pub fn thread(&self) -> &ThreadKey {
        &self.inner.thread
    }

    /// The bot's own app id.
    #[must_use]
    pub fn app_id(&self) -> &AppId {
        &self.inner.app_id
    }

    /// The Graph client of the account.
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.inner.graph
    }

    /// The same for the handlers of `#[on_error]`: a handler failed, for this reason.
    pub(crate) fn failed(&self, reason: String) -> Self {
        let Inner {
            received,
            thread,
            app_id,
            graph,
            stored_session,
            ..
        } = &*self.inner;
        Self {
            inner: Arc::new(Inner {
                received: received.clone(),
                thread: thread.clone(),
                app_id: app_id.clone(),
                graph: graph.clone(),
                stored_session: stored_session.clone(),
                changed_session: Mutex::default(),
                groups: Mutex::default(),
                failure: Some(reason),
                handler: Mutex::default(),
            }),
        }
    }

    /// The handler that is being asked, by name.
    pub(crate) fn handler(&self) -> &'static str {
        *lock(&self.inner.handler)
    }

    pub(crate) fn set_handler(&self, name: &'static str) {
        *lock(&self.inner.handler) = name;
    }

    pub(crate) fn failure(&self) -> Option<String> {
        self.inner.failure.clone()
    }

    pub(crate) fn stored_session(&self) -> Option<Value> {
        self.inner.stored_session.clone()
    }

    pub(crate) fn leave_session(&self, value: Value) {
        *lock(&self.inner.changed_session) = Some(value);
    }

    /// What the handler left, if anything changed.
    pub(crate) fn take_changed_session(&self) -> Option<Value> {
        lock(&self.inner.changed_session).take()
    }

    pub(crate) fn set_groups(&self, groups: Groups) {
        *lock(&self.inner.groups) = Arc::new(groups);
    }

    pub(crate) fn groups(&self) -> Arc<Groups> {
        lock(&self.inner.groups).clone()
    }
}

/// The data behind these locks is whole after every statement, so a panic elsewhere spoils nothing.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
