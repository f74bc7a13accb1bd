//! One worker per claimed thread, as many threads at once as there are slots.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::{Dispatcher, worker};
use crate::clock;
use crate::journal::{Claim, JournalError};

/// How many threads are worked at once.
const SLOTS_PER_CORE: usize = 32;
/// How long to leave a store alone that has just failed.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Claims threads and works them, for ever.
pub(crate) async fn run<S: Send + Sync + 'static>(dispatcher: Arc<Dispatcher<S>>) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let slots = Arc::new(Semaphore::new(cores * SLOTS_PER_CORE));
    loop {
        // The semaphore is never closed, so acquiring cannot fail.
        let Ok(first) = slots.clone().acquire_owned().await else {
            return;
        };
        let (next_timer, claims) = match claim(&*dispatcher, 1 + slots.available_permits()).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::error!(%error, "no thread can be claimed; trying again");
                tokio::time::sleep(STORE_PAUSE).await;
                continue;
            }
        };
        if claims.is_empty() {
            drop(first);
            tokio::select! {
                () = dispatcher.wake.events() => {}
                () = clock::until(next_timer) => {}
            }
            continue;
        }
        let mut first = Some(first);
        for claim in claims {
            let slot = match first.take() {
                Some(slot) => Some(slot),
                None => slots.clone().try_acquire_owned().ok(),
            };
            let dispatcher = dispatcher.clone();
            tokio::spawn(async move {
                worker::work(&dispatcher, claim).await;
                drop(slot);
                dispatcher.wake.events_arrived();
            });
        }
    }
}

/// Threads with something to do, timers included, and when the next timer is due.
async fn claim<S>(
    dispatcher: &Dispatcher<S>,
    limit: usize,
) -> Result<(Option<i64>, Vec<Claim>), JournalError> {
    let next_timer = dispatcher.journal.run_timers(clock::now()).await?;
    Ok((next_timer, dispatcher.journal.claim(limit).await?))
}
