//! Notifies threads of events that arrive while a worker has them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::HashMap;
use tokio::sync::Notify;

use crate::thread::ThreadKey;

/// The threads that wait for their next event. A thread is worked by one worker at a time. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arrivals(Arc<Mutex<HashMap<ThreadKey, Arc<Notify>>>>);

impl Arrivals {
    /// Notifies the thread of events from now on.
    pub(crate) fn listen(&self, thread: &ThreadKey) -> ArrivalListener {
        let arrived = Arc::new(Notify::new());
        self.lock().insert(thread.clone(), arrived.clone());
        ArrivalListener {
            arrivals: self.clone(),
            thread: thread.clone(),
            arrived,
        }
    }

    /// Events of these threads are stored.
    pub(crate) fn tell(&self, threads: &[ThreadKey]) {
        let listening = self.lock();
        if listening.is_empty() {
            return;
        }
        for thread in threads {
            if let Some(arrived) = listening.get(thread) {
                arrived.notify_one();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ThreadKey, Arc<Notify>>> {
        // The map is whole after every statement.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Listens until it is dropped.
pub(crate) struct ArrivalListener {
    arrivals: Arrivals,
    thread: ThreadKey,
    arrived: Arc<Notify>,
}

impl ArrivalListener {
    /// Waits for an event that came since this was asked last, or since it listens.
    pub(crate) async fn arrived(&self) {
        self.arrived.notified().await;
    }
}

impl Drop for ArrivalListener {
    fn drop(&mut self) {
        self.arrivals.lock().remove(&self.thread);
    }
}
