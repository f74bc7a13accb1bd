//! One worker per claimed thread, as many threads at once as there are slots.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;

use super::{EventDispatcher, worker};
use crate::journal::Claim;

/// How long to leave a store alone that has just failed.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Claims threads and works them until the bot stops; then waits for those that are being worked.
pub(crate) async fn run(dispatcher: Arc<EventDispatcher>) {
    let clock = &dispatcher.settings.clock;
    while !dispatcher.stopping() {
        // The semaphore is never closed, so acquiring cannot fail.
        let Ok(mut permit) = dispatcher.permits.clone().acquire_owned().await else {
            return;
        };
        // The other half is for what arrives meanwhile.
        if let Some(more) = dispatcher.try_acquire(dispatcher.permits.available_permits() / 2) {
            permit.merge(more);
        }
        let limit = permit.num_permits();
        let claimed = match dispatcher.journal.claim(clock.now(), limit).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::error!(%error, "no thread can be claimed; trying again");
                tokio::time::sleep(STORE_PAUSE).await;
                continue;
            }
        };
        let is_all = claimed.items.len() < limit;
        dispatcher.clone().begin(claimed.items, permit);
        if is_all {
            tokio::select! {
                () = dispatcher.wake.events() => {}
                () = clock.until(claimed.next_at) => {}
                () = dispatcher.stop.cancelled() => {}
            }
        }
    }
    let all = u32::try_from(dispatcher.settings.threads_at_once).unwrap_or(u32::MAX);
    let _ = dispatcher.permits.acquire_many(all).await;
}

impl EventDispatcher {
    /// Room for so many threads, or for as many as there is; none once the bot stops.
    pub(crate) fn try_acquire(&self, threads: usize) -> Option<OwnedSemaphorePermit> {
        let threads = threads.min(self.permits.available_permits());
        if threads == 0 || self.stopping() {
            return None;
        }
        let threads = u32::try_from(threads).ok()?;
        self.permits.clone().try_acquire_many_owned(threads).ok()
    }

    /// Works threads in the background. There is room for all.
    pub(crate) fn begin(self: Arc<Self>, claims: Vec<Claim>, mut permit: OwnedSemaphorePermit) {
        for claim in claims {
            let (dispatcher, permit) = (self.clone(), permit.split(1));
            // Boxed, since a task moves its future several times, and this one is large.
            tokio::spawn(Box::pin(async move {
                let call = worker::work(&dispatcher, claim).await;
                drop(permit);
                if let Some((call, permit)) = call {
                    dispatcher.outbox.deliver(call).await;
                    drop(permit);
                }
            }));
        }
    }

    /// Whether nothing new is to be begun.
    pub(super) fn stopping(&self) -> bool {
        self.stop.is_cancelled()
    }
}
