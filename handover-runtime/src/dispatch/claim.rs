//! One worker per claimed thread, as many threads at once as there are slots.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::{Dispatcher, worker};

/// How long to leave a store alone that has just failed.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Claims threads and works them until the bot stops; then waits for those that are being worked.
pub(crate) async fn run<S: Send + Sync + 'static>(dispatcher: Arc<Dispatcher<S>>) {
    let clock = &dispatcher.settings.clock;
    let limit = dispatcher.settings.threads_at_once.max(1);
    let slots = Arc::new(Semaphore::new(limit));
    while !dispatcher.stopping() {
        // The semaphore is never closed, so acquiring cannot fail.
        let Ok(first) = slots.clone().acquire_owned().await else {
            return;
        };
        let limit = 1 + slots.available_permits();
        let claimed = match dispatcher.journal.claim(clock.now(), limit).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::error!(%error, "no thread can be claimed; trying again");
                tokio::time::sleep(STORE_PAUSE).await;
                continue;
            }
        };
        let is_all = claimed.claims.len() < limit;
        let mut first = Some(first);
        for claim in claimed.claims {
            let slot = match first.take() {
                Some(slot) => Some(slot),
                None => slots.clone().try_acquire_owned().ok(),
            };
            let dispatcher = dispatcher.clone();
            tokio::spawn(async move {
                let owed = worker::work(&dispatcher, claim).await;
                drop(slot);
                if let Some(owed) = owed {
                    owed.deliver(&dispatcher.outbox).await;
                }
            });
        }
        if is_all {
            drop(first);
            tokio::select! {
                () = dispatcher.wake.events() => {}
                () = clock.until(claimed.next_at) => {}
                () = dispatcher.stop.begun() => {}
            }
        }
    }
    let all = u32::try_from(limit).unwrap_or(u32::MAX);
    let _ = slots.acquire_many(all).await;
}

impl<S> Dispatcher<S> {
    /// Whether nothing new is to be begun.
    pub(super) fn stopping(&self) -> bool {
        self.stop.has_begun()
    }
}
