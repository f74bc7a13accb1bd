//! Handle of a running bot.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::sync::{Mutex, OnceCell};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use crate::accounts::Accounts;
use crate::journal::{Backlog, Journal};
use crate::recording::Recorder;
use crate::shutdown::{BackgroundTasks, WebhookGate};
use crate::telemetry;
use crate::threads::Threads;
use crate::webhook::{self, CatchUpReport, WebhookState};
use tokio_util::sync::CancellationToken;

/// Handle of a bot that runs in the background, from [`Bot::into_parts`](crate::Bot::into_parts).
///
/// Stops the bot in order, and provides the router for operators. Cheap to clone.
///
/// The bot runs as long as its router or a handle exists. When the last of them is dropped, it is cut off
/// as by a crash: a durable store keeps unfinished work for the next start. To avoid that, call
/// [`stop`](Self::stop).
#[derive(Clone)]
pub struct BotHandle(Arc<Running>);

/// Everything that ends with the bot.
pub(crate) struct Running {
    pub(crate) threads: Threads,
    pub(crate) webhook: Arc<WebhookState>,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) journal: Journal,
    pub(crate) operations: Router,
    pub(crate) tasks: Mutex<Tasks>,
    /// The background tasks.
    pub(crate) work: Arc<BackgroundTasks>,
    /// Gate for webhooks.
    pub(crate) gate: WebhookGate,
    /// Stops `dispatch`.
    pub(crate) stop: CancellationToken,
    /// Stops `sending` and `notifying`.
    pub(crate) outbox_shutdown: CancellationToken,
    pub(crate) recorder: Option<Recorder>,
    pub(crate) grace: Duration,
    pub(crate) ended: OnceCell<()>,
}

/// Tasks to wait for.
pub(crate) struct Tasks {
    pub(crate) dispatch: JoinHandle<()>,
    pub(crate) sending: JoinHandle<()>,
    pub(crate) notifying: JoinHandle<()>,
}

impl BotHandle {
    pub(crate) fn new(running: Running) -> Self {
        Self(Arc::new(running))
    }

    /// Stops the bot in order, and returns when it has stopped.
    ///
    /// 1. The webhook answers 503, so that the platform repeats the delivery later. `/readyz` answers 503.
    /// 2. Running handlers end. No other event is handled, except with
    ///    [`Store::Memory`](crate::Store::Memory), which would lose it.
    /// 3. Handoffs that have begun are completed.
    /// 4. The store is closed, and the last traces are sent.
    ///
    /// Steps 2 and 3 take at most [`Bot::grace`](crate::Bot::grace), 20 s by default. Unfinished work stays
    /// in the store, and the next start does it.
    ///
    /// Can be called more than once: every call waits for the same end. The router may still be served.
    ///
    /// ```no_run
    /// use handover_runtime::{Bot, Error, Result, Routes, shutdown_signal};
    ///
    /// async fn serve(routes: Routes, listener: tokio::net::TcpListener) -> Result {
    ///     let (router, bot) = Bot::new(routes).into_parts()?;
    ///     axum::serve(listener, router)
    ///         .with_graceful_shutdown(shutdown_signal())
    ///         .await
    ///         .map_err(Error::other)?;
    ///     bot.stop().await;
    ///     Ok(())
    /// }
    /// ```
    pub async fn stop(&self) {
        self.0.ended.get_or_init(|| self.0.end()).await;
    }

    /// Reads what persons wrote in this time from the platform, and handles what was not delivered, after
    /// the bot was down for longer than webhooks are repeated. Returns once everything is stored.
    ///
    /// Reads the Conversations API of every account of the bot. Messages that webhooks have delivered, or
    /// deliver later, are recognised by their `mid` for 7 days; with a new store, every message in this
    /// time is new. The account's own messages are left out. A message counts from when it was written, so
    /// its 24-hour window may be closed. Makes at most two calls per second for each account. Limit: the
    /// newest 20 messages of each conversation.
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// use handover_runtime::{Bot, Result, Routes};
    ///
    /// async fn after_an_outage(routes: Routes) -> Result {
    ///     let (_router, bot) = Bot::new(routes).into_parts()?;
    ///     let caught = bot.catch_up(Duration::from_secs(2 * 3600)).await;
    ///     println!("{caught}");
    ///     Ok(())
    /// }
    /// ```
    pub async fn catch_up(&self, time: Duration) -> CatchUpReport {
        let Running {
            webhook, accounts, ..
        } = &*self.0;
        webhook::catch_up(webhook.clone(), accounts.clone(), time).await
    }

    /// Router for operators: the operations page and its data, `/livez`, `/readyz` with its reasons, `/metrics` for
    /// Prometheus, and, with a token, changes to threads and dead letters.
    ///
    /// Without a token it shows ids of accounts and customers, causes of dead letters and errors of the platform,
    /// so only operators should reach it. Independent of [`Config::operations`](crate::Config::operations).
    ///
    /// ```no_run
    /// use handover_runtime::{Bot, Result, Routes};
    ///
    /// fn with_metrics(routes: Routes) -> Result<axum::Router> {
    ///     let (router, bot) = Bot::new(routes).into_parts()?;
    ///     // … /webhook, and /internal/metrics.
    ///     Ok(router.nest("/internal", bot.operations()))
    /// }
    /// ```
    pub fn operations(&self) -> Router {
        self.0.operations.clone()
    }
}

impl BotHandle {
    /// The bot's threads, for use outside a handler.
    #[must_use]
    pub fn threads(&self) -> Threads {
        self.0.threads.clone()
    }
}

impl fmt::Debug for BotHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BotHandle")
            .field("stopped", &self.0.ended.initialized())
            .finish_non_exhaustive()
    }
}

impl Running {
    /// Stops the bot within the grace period. Unfinished work stays in the journal.
    async fn end(&self) {
        let deadline = Instant::now() + self.grace;
        let mut tasks = self.tasks.lock().await;
        if timeout_at(deadline, self.gate.close()).await.is_err() {
            tracing::warn!("a webhook could not be stored in time; the platform delivers it again");
        }
        if !self.journal.outlives_the_process() {
            self.wait(deadline, |left| left.events + left.calls == 0)
                .await;
        }
        self.stop.cancel();
        if !has_ended(&mut tasks.dispatch, deadline).await {
            tracing::warn!("some handlers did not end in time; their events are handled again");
        }
        self.wait(deadline, |left| left.handoffs == 0).await;
        self.outbox_shutdown.cancel();
        if !has_ended(&mut tasks.sending, deadline).await {
            tracing::warn!(
                "some calls did not end in time; they are looked after at the next start"
            );
        }
        if !has_ended(&mut tasks.notifying, deadline).await {
            tracing::warn!("some notices were not delivered in time; they are at the next start");
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
        self.work.end();
        if let Err(error) = self.journal.close().await {
            tracing::error!(%error, "the journal could not be closed");
        }
        if let Some(recorder) = &self.recorder {
            recorder.end().await;
        }
        telemetry::flush().await;
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

/// Whether the task ends in time. A finished task must not be awaited again.
async fn has_ended(task: &mut JoinHandle<()>, deadline: Instant) -> bool {
    task.is_finished() || timeout_at(deadline, task).await.is_ok()
}
