//! Handlers that wait until the test lets them go on.

use std::sync::Arc;

use handover::BotState;
use tokio::sync::Semaphore;

/// Closed until the test opens it. Clones are the same gate.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    reached: Arc<Semaphore>,
    opened: Arc<Semaphore>,
}

impl Default for Gate {
    fn default() -> Self {
        let none = || Arc::new(Semaphore::new(0));
        Self {
            reached: none(),
            opened: none(),
        }
    }
}

impl Gate {
    /// Waits until it is opened for this one.
    pub(crate) async fn passed(&self) {
        self.reached.add_permits(1);
        take(&self.opened).await;
    }

    /// Waits until a handler is here.
    pub(crate) async fn reached(&self) {
        take(&self.reached).await;
    }

    /// Lets so many pass, now or later.
    pub(crate) fn open_for(&self, count: usize) {
        self.opened.add_permits(count);
    }
}

async fn take(permits: &Semaphore) {
    let permit = permits.acquire().await;
    permit.expect("it is never closed for good").forget();
}

/// The state of a bot with such handlers; they take a `State<Gate>`.
#[derive(BotState)]
pub(crate) struct Gated {
    pub(crate) gate: Gate,
}
