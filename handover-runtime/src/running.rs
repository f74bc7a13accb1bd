//! A bot at work, and how it ends.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::{AbortHandle, JoinHandle};
use tokio::time::{Instant, timeout_at};

use crate::journal::{Backlog, Journal};
use crate::operations::Routers;
use crate::stop::Stop;

/// The routers of a bot whose work goes on in the background.
pub(crate) struct Running {
    pub(crate) routers: Routers,
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) dispatch: JoinHandle<()>,
    pub(crate) sending: JoinHandle<()>,
    /// Ends `dispatch`.
    pub(crate) stop: Stop,
    /// Ends `sending`.
    pub(crate) last_stop: Stop,
    pub(crate) grace: Duration,
}

impl Running {
    /// Ends what was begun, but does not wait for ever. What is left is in the journal.
    pub(crate) async fn end(mut self) {
        let deadline = Instant::now() + self.grace;
        if !self.journal.outlives_the_process() {
            self.wait(deadline, |left| left.events + left.calls == 0)
                .await;
        }
        self.stop.begin();
        if timeout_at(deadline, &mut self.dispatch).await.is_err() {
            tracing::warn!("some handlers did not end in time; their events are handled again");
        }
        self.wait(deadline, |left| left.handoffs == 0).await;
        self.last_stop.begin();
        if timeout_at(deadline, &mut self.sending).await.is_err() {
            tracing::warn!(
                "some calls did not end in time; they are looked after at the next start"
            );
        }
        let left = self.backlog().await;
        if (left.events, left.calls) != (0, 0) {
            let (events, calls) = (left.events, left.calls);
            if self.journal.outlives_the_process() {
                tracing::info!(events, calls, "left for the next start");
            } else {
                tracing::warn!(events, calls, "the bot stops with work undone");
            }
        }
        if let Err(error) = self.journal.close().await {
            tracing::error!(%error, "the journal could not be closed");
        }
    }

    async fn wait(&self, deadline: Instant, enough: impl Fn(&Backlog) -> bool) {
        while !enough(&self.backlog().await) && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn backlog(&self) -> Backlog {
        self.journal.backlog().await.unwrap_or_default()
    }
}

/// The background tasks; dropping it ends them.
pub(crate) struct Work(Vec<AbortHandle>);

impl Work {
    pub(crate) fn new(tasks: impl IntoIterator<Item = AbortHandle>) -> Self {
        Self(tasks.into_iter().collect())
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}
