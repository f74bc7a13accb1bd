use std::sync::Arc;

use tokio::sync::Notify;

use super::Wakeups;

/// Notifies the dispatcher and the outbox of new work. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wake {
    events: Arc<Notify>,
    calls: Arc<Notify>,
    notices: Arc<Notify>,
}

impl Wake {
    /// A thread may have become ready to claim.
    pub(crate) fn events_arrived(&self) {
        self.events.notify_one();
    }

    /// A call may have become ready to send.
    pub(crate) fn calls_arrived(&self) {
        self.calls.notify_one();
    }

    /// Something may have become ready.
    pub(crate) fn up(&self, ready: Wakeups) {
        if ready.events {
            self.events_arrived();
        }
        if ready.calls {
            self.calls_arrived();
        }
        if ready.notices {
            self.notices.notify_one();
        }
    }

    pub(crate) async fn events(&self) {
        self.events.notified().await;
    }

    pub(crate) async fn calls(&self) {
        self.calls.notified().await;
    }

    pub(crate) async fn notices(&self) {
        self.notices.notified().await;
    }
}
