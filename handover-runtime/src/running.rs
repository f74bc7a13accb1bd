//! A bot at work.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use tokio::task::JoinHandle;

use crate::journal::{Backlog, Journal};

/// How long a stopping bot waits for what it has begun.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(20);

/// The router of a bot whose work goes on in the background.
pub(crate) struct Running {
    pub(crate) router: Router,
    pub(crate) journal: Arc<dyn Journal>,
}

impl Running {
    /// Waits until everything that was begun is done, but not for ever.
    pub(crate) async fn drain(&self) {
        let deadline = Instant::now() + DRAIN_TIMEOUT;
        let mut left = self.backlog().await;
        while (left.events, left.calls) != (0, 0) {
            if Instant::now() > deadline {
                tracing::warn!(
                    events = left.events,
                    calls = left.calls,
                    "the bot stops with work undone"
                );
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
            left = self.backlog().await;
        }
    }

    async fn backlog(&self) -> Backlog {
        self.journal.backlog().await.unwrap_or_default()
    }
}

/// The background tasks; dropping it ends them.
pub(crate) struct Work([JoinHandle<()>; 2]);

impl Work {
    pub(crate) fn new(tasks: [JoinHandle<()>; 2]) -> Self {
        Self(tasks)
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}
