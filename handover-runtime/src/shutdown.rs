//! Shutdown: the signals of the process, and what the parts of a bot wait for.

use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// Accepts webhooks until it is closed, and counts those in flight. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct WebhookGate {
    closed: CancellationToken,
    in_flight: TaskTracker,
}

impl WebhookGate {
    /// Returns a token to hold while a webhook is handled; `None` once the gate is closed.
    pub(crate) fn enter(&self) -> Option<TaskTrackerToken> {
        // Count first, then check: `close` waits for everybody who saw it open.
        let token = self.in_flight.token();
        (!self.is_closed()).then_some(token)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.is_cancelled()
    }

    /// Closes the gate and waits for the webhooks in flight.
    pub(crate) async fn close(&self) {
        self.closed.cancel();
        self.in_flight.close();
        self.in_flight.wait().await;
    }
}

/// Background tasks of a bot. Aborted on drop.
pub(crate) struct BackgroundTasks(Vec<AbortHandle>);

impl BackgroundTasks {
    pub(crate) fn new(tasks: impl IntoIterator<Item = AbortHandle>) -> Self {
        Self(tasks.into_iter().collect())
    }

    pub(crate) fn end(&self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

impl Drop for BackgroundTasks {
    fn drop(&mut self) {
        self.end();
    }
}

/// Completes at ctrl-c or SIGTERM.
///
/// For [`axum::serve()`]'s `with_graceful_shutdown`, together with
/// [`BotHandle::stop`](crate::BotHandle::stop), which has an example. `handover::run` waits for it itself.
///
/// The signals no longer end the process from the call on, not only once the future is polled.
///
/// # Panics
///
/// Outside a tokio runtime.
pub fn shutdown_signal() -> impl Future<Output = ()> + Send {
    let interrupted = ProcessSignal::interrupt();
    let terminated = ProcessSignal::terminate();
    async {
        tokio::select! {
            () = interrupted.received() => {}
            () = terminated.received() => {}
        }
        tracing::info!("stopping");
    }
}

#[cfg(unix)]
struct ProcessSignal(Option<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl ProcessSignal {
    fn interrupt() -> Self {
        Self::of(tokio::signal::unix::SignalKind::interrupt(), "ctrl-c")
    }

    fn terminate() -> Self {
        Self::of(tokio::signal::unix::SignalKind::terminate(), "SIGTERM")
    }

    fn of(kind: tokio::signal::unix::SignalKind, name: &str) -> Self {
        let signal = tokio::signal::unix::signal(kind);
        Self(
            signal
                .inspect_err(|error| tracing::warn!(%error, "{name} cannot be handled"))
                .ok(),
        )
    }

    async fn received(self) {
        match self.0 {
            Some(mut signal) => {
                signal.recv().await;
            }
            None => std::future::pending().await,
        }
    }
}

/// Other systems have ctrl-c only.
#[cfg(not(unix))]
struct ProcessSignal(bool);

#[cfg(not(unix))]
impl ProcessSignal {
    fn interrupt() -> Self {
        Self(true)
    }

    fn terminate() -> Self {
        Self(false)
    }

    async fn received(self) {
        if !self.0 || tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
