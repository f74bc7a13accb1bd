//! When the process is asked to stop, and how the parts of the bot learn of it.

use tokio::sync::watch;
use tokio::task::AbortHandle;

/// Tells the parts of a bot that it stops. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Stop(watch::Sender<bool>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stop {
    pub(crate) fn begin(&self) {
        self.0.send_replace(true);
    }

    pub(crate) fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    pub(crate) async fn begun(&self) {
        // This sender keeps the channel open, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|begun| *begun).await;
    }
}

/// Lets webhooks in until it is closed, and knows when the last of them is done. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gate {
    closed: Stop,
    inside: watch::Sender<()>,
}

/// Somebody who got in; dropped when they are done.
pub(crate) struct Inside(#[expect(dead_code, reason = "its drop is its use")] watch::Receiver<()>);

impl Gate {
    pub(crate) fn enter(&self) -> Option<Inside> {
        // First in, then look: whoever sees it open is waited for.
        let inside = Inside(self.inside.subscribe());
        (!self.is_closed()).then_some(inside)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.has_begun()
    }

    /// Closes it, and waits for those who are inside.
    pub(crate) async fn close(&self) {
        self.closed.begin();
        self.inside.closed().await;
    }
}

/// The background tasks; dropping it ends them.
pub(crate) struct Work(Vec<AbortHandle>);

impl Work {
    pub(crate) fn new(tasks: impl IntoIterator<Item = AbortHandle>) -> Self {
        Self(tasks.into_iter().collect())
    }

    pub(crate) fn end(&self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.end();
    }
}

/// Completes at ctrl-c or SIGTERM.
///
/// For [`axum::serve()`]'s `with_graceful_shutdown`, together with
/// [`BotHandle::stop`](crate::BotHandle::stop), which has an example. [`Bot::run`](crate::Bot::run) waits
/// for it by itself.
///
/// From the call on, and not only when the future is polled, the signals no longer end the process by
/// themselves.
///
/// # Panics
///
/// Outside a tokio runtime.
pub fn shutdown_signal() -> impl Future<Output = ()> + Send {
    let interrupted = Signal::interrupt();
    let terminated = Signal::terminate();
    async {
        tokio::select! {
            () = interrupted.received() => {}
            () = terminated.received() => {}
        }
        tracing::info!("stopping");
    }
}

#[cfg(unix)]
struct Signal(Option<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Signal {
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
                .inspect_err(|error| tracing::warn!(%error, "{name} is not noticed"))
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

/// Elsewhere there is ctrl-c only.
#[cfg(not(unix))]
struct Signal(bool);

#[cfg(not(unix))]
impl Signal {
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
